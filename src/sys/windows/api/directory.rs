//! Directories of the object manager.

use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};

use windows_sys::Wdk::Foundation::OBJECT_ATTRIBUTES;
use windows_sys::Wdk::Storage::FileSystem::{NtOpenDirectoryObject, NtQueryDirectoryObject};
use windows_sys::Win32::Foundation::{HANDLE, STATUS_NO_MORE_ENTRIES, UNICODE_STRING};

use super::{answer_buffer, check_status, own, units_of, Outcome};

const DIRECTORY_QUERY: u32 = 1;

pub(crate) fn nt_open_directory_object(path: &str) -> Outcome<OwnedHandle> {
    let mut units: Vec<u16> = path.encode_utf16().collect();
    let bytes = size_of_val(units.as_slice()) as u16;
    let name = UNICODE_STRING { Length: bytes, MaximumLength: bytes, Buffer: units.as_mut_ptr() };
    let attributes = OBJECT_ATTRIBUTES {
        Length: size_of::<OBJECT_ATTRIBUTES>() as u32,
        ObjectName: &name,
        ..Default::default()
    };
    let mut directory: HANDLE = std::ptr::null_mut();
    // SAFETY: attributes and name outlive the call; `directory` can be written, and is ours afterwards.
    unsafe {
        check_status(NtOpenDirectoryObject(&mut directory, DIRECTORY_QUERY, &attributes))?;
        own(directory)
    }
}

/// One entry of a directory: the name and the type of an object.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u16>,
    pub(crate) type_name: String,
}

/// The next entry; `context` is 0 at first and then left alone. `None` at the end.
pub(crate) fn nt_query_directory_object(
    directory: BorrowedHandle<'_>,
    context: &mut u32,
) -> Outcome<Option<Entry>> {
    let mut buffer = answer_buffer();
    let (start, len) = (buffer.as_mut_ptr(), size_of_val(buffer.as_slice()) as u32);
    let (single_entry, restart) = (true, false);
    let mut returned = 0;
    // SAFETY: `buffer` can be written for `len` bytes, `context` and `returned` too.
    let status = unsafe {
        NtQueryDirectoryObject(
            directory.as_raw_handle(),
            start.cast(),
            len,
            single_entry,
            restart,
            context,
            &mut returned,
        )
    };
    if status == STATUS_NO_MORE_ENTRIES {
        return Ok(None);
    }
    check_status(status)?;
    // SAFETY: the kernel put two strings at the start, their texts behind them, and the buffer is alive.
    unsafe {
        let [name, type_name] = &*start.cast::<[UNICODE_STRING; 2]>();
        let type_name = String::from_utf16_lossy(&units_of(type_name));
        Ok(Some(Entry { name: units_of(name), type_name }))
    }
}
