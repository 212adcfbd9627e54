//! What can be done with a handle of any kind.

use crate::abi::{BOOL, DWORD, FALSE, HANDLE, NULL};
use crate::code::{Code, Result};
use crate::process::duplicate;
use crate::table::{self, Entry};
use crate::thread::Busy;
use crate::{last_error, pseudo};

const HANDLE_FLAG_INHERIT: DWORD = 1;
const HANDLE_FLAG_PROTECT_FROM_CLOSE: DWORD = 2;

const DUPLICATE_CLOSE_SOURCE: DWORD = 1;
const DUPLICATE_SAME_ACCESS: DWORD = 2;
const DUPLICATE_SAME_ATTRIBUTES: DWORD = 4;

#[no_mangle]
extern "C" fn CloseHandle(handle: HANDLE) -> BOOL {
    if pseudo::is_pseudo(handle) {
        return crate::abi::TRUE;
    }
    last_error::report(Busy::during(|| table::remove(handle).map(drop)))
}

#[no_mangle]
extern "C" fn CompareObjectHandles(first: HANDLE, second: HANDLE) -> BOOL {
    let compare = || {
        let (first, second) = (table::get(first)?, table::get(second)?);
        match first.object.is_same(&second.object) {
            true => Ok(()),
            false => Err(Code::NOT_SAME_OBJECT),
        }
    };
    last_error::report(compare())
}

#[no_mangle]
unsafe extern "C" fn GetHandleInformation(handle: HANDLE, flags: *mut DWORD) -> BOOL {
    let get = || {
        let entry = table::get_real(handle)?;
        if flags.is_null() {
            return Err(Code::NOACCESS);
        }
        let inherit = if entry.inherit { HANDLE_FLAG_INHERIT } else { 0 };
        let protect = if entry.protect { HANDLE_FLAG_PROTECT_FROM_CLOSE } else { 0 };
        // SAFETY: the caller gives a place for the flags.
        unsafe { *flags = inherit | protect };
        Ok(())
    };
    last_error::report(get())
}

#[no_mangle]
extern "C" fn SetHandleInformation(handle: HANDLE, mask: DWORD, flags: DWORD) -> BOOL {
    let set = || {
        if mask & !(HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE) != 0 {
            return Err(Code::INVALID_PARAMETER);
        }
        table::change(handle, |entry| {
            if mask & HANDLE_FLAG_INHERIT != 0 {
                entry.inherit = flags & HANDLE_FLAG_INHERIT != 0;
            }
            if mask & HANDLE_FLAG_PROTECT_FROM_CLOSE != 0 {
                entry.protect = flags & HANDLE_FLAG_PROTECT_FROM_CLOSE != 0;
            }
        })
    };
    last_error::report(set())
}

/// What `DuplicateHandle` is asked for besides source and place.
#[derive(Clone, Copy)]
pub(crate) struct Wish {
    access: u32,
    inherit: bool,
    options: DWORD,
}

impl Wish {
    fn has(self, option: DWORD) -> bool {
        self.options & option != 0
    }

    pub(crate) fn closes_source(self) -> bool {
        self.has(DUPLICATE_CLOSE_SOURCE)
    }

    /// The duplicate of an entry that is wished for.
    ///
    /// # Errors
    /// 5 for rights that the object does not have.
    pub(crate) fn apply(self, entry: &Entry) -> Result<Entry> {
        let access = match self.has(DUPLICATE_SAME_ACCESS) {
            true => entry.access,
            // What the source may do is no limit: what the object grants is.
            false => table::rights_wanted(self.access, entry.object.rights())?,
        };
        let same = self.has(DUPLICATE_SAME_ATTRIBUTES);
        let inherit = if same { entry.inherit } else { self.inherit };
        Ok(Entry { object: entry.object.clone(), access, inherit, protect: same && entry.protect })
    }
}

/// Duplicates within this process.
fn duplicate(source: HANDLE, wish: Wish) -> Result<HANDLE> {
    let entry = table::get(source)?;
    let is_real = !pseudo::is_pseudo(source);
    let same_value = DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE;
    if wish.options & same_value == same_value && is_real && !entry.protect {
        if !wish.has(DUPLICATE_SAME_ATTRIBUTES) {
            table::change(source, |entry| entry.inherit = wish.inherit)?;
        }
        return Ok(((source as usize) & !3) as HANDLE);
    }
    let copied = wish.apply(&entry).and_then(table::insert);
    if wish.closes_source() && is_real {
        Busy::during(|| drop(table::remove(source))); // whatever became of the copy
    }
    copied
}

#[no_mangle]
unsafe extern "C" fn DuplicateHandle(
    from: HANDLE,
    source: HANDLE,
    to: HANDLE,
    target: *mut HANDLE,
    access: DWORD,
    inherit: BOOL,
    options: DWORD,
) -> BOOL {
    let wish = Wish { access, inherit: inherit != FALSE, options };
    let copy = || {
        let from = duplicate::process(from)?;
        if to.is_null() && wish.closes_source() {
            return duplicate::close((from.as_ref(), source)).map(|()| NULL);
        }
        match (from, duplicate::process(to)?) {
            (None, None) => duplicate(source, wish),
            (from, to) => duplicate::duplicate((from.as_ref(), source), to.as_deref(), wish),
        }
    };
    let copied = copy();
    if !target.is_null() {
        // SAFETY: the caller gives a place for the handle or NULL.
        unsafe { *target = *copied.as_ref().unwrap_or(&NULL) };
    }
    last_error::report(copied.map(drop))
}

/// The rights that an object is opened with.
///
/// # Errors
/// 5 if there are none, or one that the kind does not have.
pub(crate) fn open_rights(desired: u32, rights: crate::object::Rights) -> Result<u32> {
    match table::rights_wanted(desired, rights)? {
        0 => Err(Code::ACCESS_DENIED),
        wanted => Ok(wanted),
    }
}
