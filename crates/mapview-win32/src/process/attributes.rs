//! The list of attributes that `STARTUPINFOEX` can have.

use std::ffi::c_void;

use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::last_error;

const OBJECT_NAME_EXISTS: Code = Code(698);

const PROC_THREAD_ATTRIBUTE_HANDLE_LIST: usize = 0x2_0002;

/// What the caller's memory holds.
#[repr(C)]
struct List {
    room: usize,
    used: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Attribute {
    number: usize,
    value: *const c_void,
    size: usize,
}

/// What a list says.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub handles: Option<Vec<HANDLE>>,
}

/// # Safety
/// A list that was initialized, with values that are still there; or NULL.
pub(super) unsafe fn read(list: *const c_void) -> Attributes {
    let mut attributes = Attributes::default();
    let list = list.cast::<List>();
    // SAFETY: the caller says so.
    let used = unsafe { list.as_ref() }.map_or(0, |list| list.used);
    for index in 0..used {
        // SAFETY: so many stand behind the list; the only one that is ever put there is a list of handles.
        let (values, len) = unsafe {
            let attribute = *list.add(1).cast::<Attribute>().add(index);
            (attribute.value.cast::<HANDLE>(), attribute.size / size_of::<HANDLE>())
        };
        // SAFETY: the value has to be there until the process is started; it need not be aligned.
        let handles = (0..len).map(|index| unsafe { values.add(index).read_unaligned() });
        attributes.handles = Some(handles.collect());
    }
    attributes
}

#[no_mangle]
unsafe extern "C" fn InitializeProcThreadAttributeList(
    list: *mut c_void,
    count: DWORD,
    flags: DWORD,
    size: *mut usize,
) -> BOOL {
    let initialize = || {
        if flags != 0 || size.is_null() {
            return Err(Code::INVALID_PARAMETER);
        }
        let needed = size_of::<List>() + count as usize * size_of::<Attribute>();
        // SAFETY: the caller gives the place, and a list of as many bytes as stand there.
        unsafe {
            let given = std::mem::replace(&mut *size, needed);
            if list.is_null() || given < needed {
                return Err(Code::INSUFFICIENT_BUFFER);
            }
            list.cast::<List>().write(List { room: count as usize, used: 0 });
        }
        Ok(())
    };
    last_error::report(initialize())
}

unsafe fn update(list: *mut c_void, attribute: Attribute) -> Result<()> {
    // SAFETY: the caller gives a list that was initialized.
    let head = unsafe { list.cast::<List>().as_mut() }.ok_or(Code::INVALID_PARAMETER)?;
    if head.used >= head.room {
        return Err(Code::GEN_FAILURE);
    }
    if attribute.number != PROC_THREAD_ATTRIBUTE_HANDLE_LIST {
        return Err(Code::NOT_SUPPORTED);
    }
    if attribute.size == 0 || !attribute.size.is_multiple_of(size_of::<HANDLE>()) {
        return Err(Code::BAD_LENGTH);
    }
    if attribute.value.is_null() {
        return Err(Code::INVALID_PARAMETER);
    }
    if head.used > 0 {
        return Err(OBJECT_NAME_EXISTS); // the one that is known is there
    }
    head.used += 1;
    // SAFETY: there is room for one more behind the head.
    unsafe { list.cast::<List>().add(1).cast::<Attribute>().write(attribute) };
    Ok(())
}

#[no_mangle]
unsafe extern "C" fn UpdateProcThreadAttribute(
    list: *mut c_void,
    flags: DWORD,
    number: usize,
    value: *const c_void,
    size: usize,
    _previous: *mut c_void,
    _returned: *mut usize,
) -> BOOL {
    last_error::report(match flags {
        // SAFETY: the caller's, as Win32 documents.
        0 => unsafe { update(list, Attribute { number, value, size }) },
        _ => Err(Code::INVALID_PARAMETER),
    })
}

/// Frees nothing: all is in the caller's memory.
#[no_mangle]
unsafe extern "C" fn DeleteProcThreadAttributeList(list: *mut c_void) {
    // SAFETY: the caller gives a list that was initialized.
    if let Some(head) = unsafe { list.cast::<List>().as_mut() } {
        head.used = 0;
    }
}
