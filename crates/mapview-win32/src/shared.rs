//! Statics of C programs that all running instances share: the pages of a section of the program become shared memory before
//! `main`, as the loader of Windows does with a section that is marked so. See `mapview_shared.h`.

use std::ffi::{c_void, CStr, OsStr};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;

use crate::thread::lock;
use mapview::{Mapping, MappingOptions};

/// Why it did not work, for the person who started the program.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What is shared already: every variable asks for it, and each section is done once.
static SHARED: Mutex<Vec<(usize, Mapping)>> = Mutex::new(Vec::new());

/// Stands behind the bytes when they are all there.
const DONE: u64 = u64::from_le_bytes(*b"filled.\0");
const PAGE: usize = 4096;

#[no_mangle]
unsafe extern "C" fn mapview_share_statics(start: *mut c_void, end: *mut c_void) {
    let len = end.addr().wrapping_sub(start.addr());
    // SAFETY: the header calls this with the bounds of its section, before anything else runs.
    if let Err(error) = unsafe { share(start, len) } {
        // Without them the program would count for itself, and nobody would notice.
        eprintln!("mapview: the statics that instances share cannot be: {error}");
        std::process::abort();
    }
}

/// # Safety
/// Whole pages of initialised variables that nobody uses yet.
unsafe fn share(start: *mut c_void, len: usize) -> Result<()> {
    if !start.addr().is_multiple_of(PAGE) || !len.is_multiple_of(PAGE) || len > isize::MAX as usize
    {
        let why =
            "the section is not made of whole pages; define its variables with MAPVIEW_SHARED";
        return Err(why.into());
    }
    let mut shared = lock(&SHARED);
    if len == 0 || shared.iter().any(|(known, _)| *known == start.addr()) {
        return Ok(());
    }
    // SAFETY: the caller's promise.
    let initial = unsafe { std::slice::from_raw_parts(start.cast::<u8>(), len) };
    let mapping = filled(&name_of(start)?, initial)?;
    // A view knows where in its file the bytes are. Moving none of a shared one maps the same pages once more.
    let view = mapping.view()?;
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
    // SAFETY: replaces the pages, which hold the same bytes or those of an instance that came before.
    let mapped = unsafe { libc::mremap(view.as_ptr().cast(), 0, len, flags, start) };
    if mapped == libc::MAP_FAILED {
        return Err(std::io::Error::last_os_error().into());
    }
    shared.push((start.addr(), mapping));
    Ok(())
}

/// The memory of this name, filled by the first instance.
fn filled(name: &str, initial: &[u8]) -> Result<Mapping> {
    let turn = mapview::Mutex::create(&format!("{name}, turn"))?;
    let mine = turn.lock()?; // whoever died in his turn left nothing that the mark vouches for
    let size = (initial.len() + PAGE) as u64;
    let mapping = MappingOptions::new().name(name).size(size).create()?;
    let view = mapping.view()?;
    let mark = view.atomic::<AtomicU64>(initial.len())?;
    if mark.load(Ordering::Acquire) != DONE {
        view.copy_in(0, initial)?;
        mark.store(DONE, Ordering::Release);
    }
    mine.unlock()?;
    Ok(mapping)
}

/// A name for the section with this address: the program or library it is a part of, the same file unchanged.
fn name_of(address: *const c_void) -> Result<String> {
    let file = open_module(address)?;
    let told = file.metadata()?;
    let (device, number, size) = (told.dev(), told.ino(), told.size());
    let (seconds, nanoseconds) = (told.mtime(), told.mtime_nsec());
    Ok(format!("mapview section of {device:x}:{number:x} {size} {seconds}.{nanoseconds:09}"))
}

/// The file that was loaded where this address is.
fn open_module(address: *const c_void) -> Result<File> {
    // SAFETY: plain data, for which zeros will do; filled by the call.
    let mut told: libc::Dl_info = unsafe { std::mem::zeroed() };
    // SAFETY: `told` is of the right type; any address may be asked for.
    let known = unsafe { libc::dladdr(address, &raw mut told) } != 0 && !told.dli_fname.is_null();
    // SAFETY: a text of the dynamic linker's that stays while the module is loaded, which it is.
    let path =
        known.then(|| OsStr::from_bytes(unsafe { CStr::from_ptr(told.dli_fname) }.to_bytes()));
    // The program may have been moved or replaced meanwhile; the kernel still knows which one it was.
    let own = std::env::current_exe().ok();
    let is_program = path.is_none_or(|path| {
        let full = std::fs::canonicalize(path).ok();
        full.is_none() || full == own
    });
    let opened = match path.filter(|_| !is_program) {
        Some(path) => File::open(path),
        None => File::open("/proc/self/exe"),
    };
    Ok(opened?)
}
