//! `MEM_EXTENDED_PARAMETER`: what `VirtualAlloc2` and `MapViewOfFile3` are told besides.

use std::ffi::c_void;

use crate::abi::DWORD;
use crate::code::{Code, Result};

#[repr(C)]
pub(crate) struct MEM_EXTENDED_PARAMETER {
    /// The low 8 bits are its type, the others are reserved.
    Type: u64,
    Value: u64,
}

#[repr(C)]
struct MEM_ADDRESS_REQUIREMENTS {
    LowestStartingAddress: *const c_void,
    HighestEndingAddress: *const c_void,
    Alignment: usize,
}

const ADDRESS_REQUIREMENTS: u64 = 1;
const NUMA_NODE: u64 = 2;
const PARTITION_HANDLE: u64 = 3;
const USER_PHYSICAL_HANDLE: u64 = 4;
const ATTRIBUTE_FLAGS: u64 = 5;
const IMAGE_MACHINE: u64 = 6;

/// `MEM_EXTENDED_PARAMETER_ZERO_PAGES_OPTIONAL`: pages of zeros will do, too.
const ZERO_PAGES_OPTIONAL: u64 = 4;
/// `NUMA_NO_PREFERRED_NODE`.
pub(crate) const NO_NODE: DWORD = DWORD::MAX;

/// What the parameters say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extended {
    /// 0 where nothing is required.
    pub lowest: usize,
    pub highest: usize,
    pub alignment: usize,
    pub numa_node: Option<u32>,
}

/// Reads an array of parameters.
///
/// # Errors
/// 87 for an unknown type, one twice, or NULL with a count; 50 for what Linux does not have.
///
/// # Safety
/// `parameters` is NULL or points to `count` of them, and what they point to is there.
pub(crate) unsafe fn read(
    parameters: *const MEM_EXTENDED_PARAMETER,
    count: DWORD,
) -> Result<Extended> {
    let mut told = Extended::default();
    if count == 0 {
        return Ok(told);
    }
    if parameters.is_null() {
        return Err(Code::INVALID_PARAMETER);
    }
    let mut seen = 0_u64;
    for index in 0..count as usize {
        // SAFETY: the caller says that there are so many; more than types there are is not read, for one would be twice.
        let MEM_EXTENDED_PARAMETER { Type, Value } = unsafe { &*parameters.add(index) };
        let kind = Type & 0xFF;
        if !(ADDRESS_REQUIREMENTS..=IMAGE_MACHINE).contains(&kind) || seen & 1 << kind != 0 {
            return Err(Code::INVALID_PARAMETER);
        }
        seen |= 1 << kind;
        match kind {
            ADDRESS_REQUIREMENTS => {
                let required = *Value as usize as *const MEM_ADDRESS_REQUIREMENTS;
                if required.is_null() {
                    return Err(Code::INVALID_PARAMETER);
                }
                // SAFETY: the caller says that they are there.
                let required = unsafe { &*required };
                told.lowest = required.LowestStartingAddress.addr();
                told.highest = required.HighestEndingAddress.addr();
                told.alignment = required.Alignment;
            }
            NUMA_NODE => told.numa_node = Some(*Value as u32).filter(|node| *node != NO_NODE),
            ATTRIBUTE_FLAGS if Value & !ZERO_PAGES_OPTIONAL == 0 => {}
            PARTITION_HANDLE | USER_PHYSICAL_HANDLE | ATTRIBUTE_FLAGS => {
                return Err(Code::NOT_SUPPORTED)
            }
            _ => return Err(Code::INVALID_PARAMETER), // the machine of an image: for neither call
        }
    }
    Ok(told)
}
