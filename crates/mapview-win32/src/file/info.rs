//! What there is to know about a file at once, by its handle or path.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, Statx, CWD};

use super::open::failed;
use super::time::{Times, FILETIME, WANTED};
use super::{attributes, doomed, path, position, File, Kind};
use crate::abi::{BOOL, DWORD, HANDLE, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::{last_error, table};

/// `WIN32_FILE_ATTRIBUTE_DATA`
#[repr(C)]
struct WIN32_FILE_ATTRIBUTE_DATA {
    dwFileAttributes: DWORD,
    ftCreationTime: FILETIME,
    ftLastAccessTime: FILETIME,
    ftLastWriteTime: FILETIME,
    nFileSizeHigh: DWORD,
    nFileSizeLow: DWORD,
}

/// `BY_HANDLE_FILE_INFORMATION`
#[repr(C)]
struct BY_HANDLE_FILE_INFORMATION {
    dwFileAttributes: DWORD,
    ftCreationTime: FILETIME,
    ftLastAccessTime: FILETIME,
    ftLastWriteTime: FILETIME,
    dwVolumeSerialNumber: DWORD,
    nFileSizeHigh: DWORD,
    nFileSizeLow: DWORD,
    nNumberOfLinks: DWORD,
    nFileIndexHigh: DWORD,
    nFileIndexLow: DWORD,
}

/// What the system tells of a file.
pub(super) struct Info {
    pub attributes: DWORD,
    pub times: Times,
    /// 0 for a folder.
    pub size: u64,
    /// Bytes on the disk.
    pub allocated: u64,
    pub links: u32,
    pub index: u64,
    /// The file system.
    pub volume: u64,
}

impl Info {
    fn new(stat: &Statx, stored: DWORD) -> Info {
        let attributes = attributes::of_mode(stat.stx_mode, stored);
        let is_folder = attributes & attributes::DIRECTORY != 0;
        Info {
            attributes,
            times: Times::of(stat),
            size: if is_folder { 0 } else { stat.stx_size },
            allocated: stat.stx_blocks * 512,
            links: stat.stx_nlink,
            index: stat.stx_ino,
            volume: u64::from(stat.stx_dev_major) << 32 | u64::from(stat.stx_dev_minor),
        }
    }

    pub(super) fn of(file: &std::fs::File) -> Result<Info> {
        use std::os::fd::AsFd;
        let stat = rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, WANTED)?;
        Ok(Info::new(&stat, attributes::stored(file.as_fd())))
    }

    pub(super) fn at(path: &Path) -> Result<Info> {
        let stat = rustix::fs::statx(CWD, path, AtFlags::empty(), WANTED);
        let stat = stat.map_err(|errno| failed(errno, path))?;
        Ok(Info::new(&stat, attributes::stored_at(path)))
    }

    /// The 32 bits that Windows has for it.
    fn serial(&self) -> DWORD {
        (self.volume >> 32) as DWORD ^ (self.volume as DWORD).rotate_left(16)
    }
}

unsafe fn attributes_ex(
    text: Option<Vec<u8>>,
    level: DWORD,
    to: *mut WIN32_FILE_ATTRIBUTE_DATA,
) -> BOOL {
    let get = || {
        if level != 0 {
            return Err(Code::INVALID_PARAMETER);
        }
        let info = Info::at(&path::to_linux(text.as_deref())?)?;
        // SAFETY: the caller gives a place for the structure.
        *unsafe { to.as_mut() }.ok_or(Code::NOACCESS)? = WIN32_FILE_ATTRIBUTE_DATA {
            dwFileAttributes: info.attributes,
            ftCreationTime: info.times.creation,
            ftLastAccessTime: info.times.access,
            ftLastWriteTime: info.times.write,
            nFileSizeHigh: (info.size >> 32) as DWORD,
            nFileSizeLow: info.size as DWORD,
        };
        Ok(())
    };
    last_error::report(get())
}

#[no_mangle]
unsafe extern "C" fn GetFileAttributesExW(
    path: LPCWSTR,
    level: DWORD,
    to: *mut WIN32_FILE_ATTRIBUTE_DATA,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { attributes_ex(path::wide(path), level, to) }
}

#[no_mangle]
unsafe extern "C" fn GetFileAttributesExA(
    path: LPCSTR,
    level: DWORD,
    to: *mut WIN32_FILE_ATTRIBUTE_DATA,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { attributes_ex(path::narrow(path), level, to) }
}

#[no_mangle]
unsafe extern "C" fn GetFileInformationByHandle(
    handle: HANDLE,
    to: *mut BY_HANDLE_FILE_INFORMATION,
) -> BOOL {
    let get = || {
        let entry = table::get(handle)?;
        let file = entry.file()?;
        if !matches!(file.kind, Kind::Disk | Kind::Folder) {
            return Err(Code::INVALID_FUNCTION);
        }
        let info = Info::of(&file.file)?;
        // SAFETY: the caller gives a place for the structure.
        *unsafe { to.as_mut() }.ok_or(Code::NOACCESS)? = BY_HANDLE_FILE_INFORMATION {
            dwFileAttributes: info.attributes,
            ftCreationTime: info.times.creation,
            ftLastAccessTime: info.times.access,
            ftLastWriteTime: info.times.write,
            dwVolumeSerialNumber: info.serial(),
            nFileSizeHigh: (info.size >> 32) as DWORD,
            nFileSizeLow: info.size as DWORD,
            nNumberOfLinks: info.links,
            nFileIndexHigh: (info.index >> 32) as DWORD,
            nFileIndexLow: info.index as DWORD,
        };
        Ok(())
    };
    last_error::report(get())
}

/// `FILE_INFO_BY_HANDLE_CLASS`
mod class {
    pub(super) const BASIC: u32 = 0;
    pub(super) const STANDARD: u32 = 1;
    pub(super) const NAME: u32 = 2;
    pub(super) const ATTRIBUTE_TAG: u32 = 9;
    pub(super) const ID: u32 = 18;
}

/// The bytes of the structure of a class, in its layout.
fn by_class(file: &File, class: u32) -> Result<Vec<u8>> {
    let info = Info::of(&file.file)?;
    let mut bytes = Vec::new();
    let mut put = |part: &[u8]| bytes.extend_from_slice(part);
    match class {
        class::BASIC => {
            let times = info.times;
            for time in [times.creation, times.access, times.write, times.change] {
                put(&time.number().to_ne_bytes());
            }
            put(&u64::from(info.attributes).to_ne_bytes()); // and four bytes of padding
        }
        class::STANDARD => {
            put(&info.allocated.to_ne_bytes());
            put(&info.size.to_ne_bytes());
            put(&info.links.to_ne_bytes());
            let is_folder = info.attributes & attributes::DIRECTORY != 0;
            put(&[u8::from(file.is_to_be_deleted()), u8::from(is_folder), 0, 0]);
        }
        class::NAME => {
            let path = doomed::path_of(&file.file).ok_or(Code::FILE_NOT_FOUND)?;
            let units = path::to_wide(path.as_os_str().as_bytes());
            put(&(2 * units.len() as u32).to_ne_bytes());
            for unit in units {
                put(&unit.to_ne_bytes());
            }
        }
        class::ATTRIBUTE_TAG => {
            put(&info.attributes.to_ne_bytes());
            put(&[0; 4]);
        }
        class::ID => {
            put(&info.volume.to_ne_bytes());
            put(&info.index.to_ne_bytes());
            put(&[0; 8]);
        }
        _ => return Err(Code::NOT_SUPPORTED),
    }
    Ok(bytes)
}

#[no_mangle]
unsafe extern "C" fn GetFileInformationByHandleEx(
    handle: HANDLE,
    class: u32,
    to: *mut u8,
    len: DWORD,
) -> BOOL {
    let get = || {
        let entry = table::get(handle)?;
        let bytes = by_class(entry.file()?, class)?;
        if to.is_null() {
            return Err(Code::NOACCESS);
        }
        if bytes.len() > len as usize {
            return Err(if class == class::NAME { Code::MORE_DATA } else { Code::BAD_LENGTH });
        }
        // SAFETY: the caller gives a place for `len` bytes.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        Ok(())
    };
    last_error::report(get())
}

/// Bytes on the disk, of a sparse file fewer than its size.
unsafe fn compressed_size(text: Option<Vec<u8>>, high: *mut DWORD) -> DWORD {
    let size =
        path::to_linux(text.as_deref()).and_then(|path| Info::at(&path)).map(|info| info.allocated);
    // SAFETY: the caller gives NULL or a place for the high half.
    unsafe { position::halves(size, high) }
}

#[no_mangle]
unsafe extern "C" fn GetCompressedFileSizeW(path: LPCWSTR, high: *mut DWORD) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { compressed_size(path::wide(path), high) }
}

#[no_mangle]
unsafe extern "C" fn GetCompressedFileSizeA(path: LPCSTR, high: *mut DWORD) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { compressed_size(path::narrow(path), high) }
}
