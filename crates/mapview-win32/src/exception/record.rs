//! What happened: `EXCEPTION_RECORD`.

use std::ffi::c_void;

use super::context::CONTEXT;
use crate::abi::DWORD;

pub(super) const MOST_PARAMETERS: usize = 15;
pub(super) const NONCONTINUABLE: DWORD = 1;

pub(super) const STATUS_GUARD_PAGE_VIOLATION: DWORD = 0x8000_0001;
pub(super) const STATUS_DATATYPE_MISALIGNMENT: DWORD = 0x8000_0002;
pub(super) const STATUS_ACCESS_VIOLATION: DWORD = 0xC000_0005;
pub(super) const STATUS_IN_PAGE_ERROR: DWORD = 0xC000_0006;
pub(super) const STATUS_ILLEGAL_INSTRUCTION: DWORD = 0xC000_001D;
pub(super) const STATUS_FLOAT_DENORMAL_OPERAND: DWORD = 0xC000_008D;
pub(super) const STATUS_FLOAT_DIVIDE_BY_ZERO: DWORD = 0xC000_008E;
pub(super) const STATUS_FLOAT_INEXACT_RESULT: DWORD = 0xC000_008F;
pub(super) const STATUS_FLOAT_INVALID_OPERATION: DWORD = 0xC000_0090;
pub(super) const STATUS_FLOAT_OVERFLOW: DWORD = 0xC000_0091;
pub(super) const STATUS_FLOAT_UNDERFLOW: DWORD = 0xC000_0093;
pub(super) const STATUS_INTEGER_DIVIDE_BY_ZERO: DWORD = 0xC000_0094;
pub(super) const STATUS_INTEGER_OVERFLOW: DWORD = 0xC000_0095;
pub(super) const STATUS_PRIVILEGED_INSTRUCTION: DWORD = 0xC000_0096;
/// What an in-page error tells of a file that ends before the page.
pub(super) const STATUS_END_OF_FILE: usize = 0xC000_0011;

#[repr(C)]
pub(super) struct EXCEPTION_RECORD {
    pub ExceptionCode: DWORD,
    pub ExceptionFlags: DWORD,
    pub ExceptionRecord: *mut EXCEPTION_RECORD,
    pub ExceptionAddress: *mut c_void,
    pub NumberParameters: DWORD,
    pub ExceptionInformation: [usize; MOST_PARAMETERS],
}

#[repr(C)]
pub(super) struct EXCEPTION_POINTERS {
    pub ExceptionRecord: *mut EXCEPTION_RECORD,
    pub ContextRecord: *mut CONTEXT,
}

impl EXCEPTION_RECORD {
    /// At the instruction with this address, with nothing told besides.
    pub(super) fn new(code: DWORD, address: usize) -> EXCEPTION_RECORD {
        EXCEPTION_RECORD {
            ExceptionCode: code,
            ExceptionFlags: 0,
            ExceptionRecord: std::ptr::null_mut(),
            ExceptionAddress: address as *mut c_void,
            NumberParameters: 0,
            ExceptionInformation: [0; MOST_PARAMETERS],
        }
    }

    /// Tells one thing more; there is room for it.
    pub(super) fn tell(&mut self, parameter: usize) {
        self.ExceptionInformation[self.NumberParameters as usize] = parameter;
        self.NumberParameters += 1;
    }
}
