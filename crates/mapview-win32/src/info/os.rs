//! The modules of the process, as the loader of Linux knows them.

use std::ffi::{c_void, CStr, CString};
use std::path::PathBuf;

/// What `dladdr` says about an address: where its module begins, and its file.
pub(super) struct Place {
    pub base: usize,
    pub file: Vec<u8>,
}

pub(super) fn place_of(address: *const c_void) -> Option<Place> {
    // SAFETY: all zeros is a good one to be filled in.
    let mut info: libc::Dl_info = unsafe { std::mem::zeroed() };
    // SAFETY: dladdr takes any address.
    if unsafe { libc::dladdr(address, &mut info) } == 0 {
        return None;
    }
    // SAFETY: a NUL-terminated name that lives as long as the module.
    let file = unsafe { CStr::from_ptr(info.dli_fname) }.to_bytes().to_vec();
    Some(Place { base: info.dli_fbase as usize, file })
}

/// An address inside the program itself.
pub(super) fn in_program() -> *const c_void {
    // SAFETY: getauxval takes any number.
    unsafe { libc::getauxval(libc::AT_PHDR) as *const c_void }
}

/// Where the module of an address begins.
pub(super) fn base_of(address: *const c_void) -> Option<usize> {
    place_of(address).map(|place| place.base)
}

pub(super) fn program_file() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// A handle of `dlopen`.
pub(super) struct Library(*mut c_void);

// SAFETY: the loader's functions may be called from any thread.
unsafe impl Send for Library {}

impl Library {
    /// Loads it, or finds it loaded if `only_loaded`. `None` is the program itself.
    pub(super) fn open(file: Option<&CStr>, only_loaded: bool) -> Option<Library> {
        let flags = libc::RTLD_NOW | if only_loaded { libc::RTLD_NOLOAD } else { 0 };
        let file = file.map_or(std::ptr::null(), CStr::as_ptr);
        // SAFETY: a name or NULL. What its constructors do is the caller's wish.
        let handle = unsafe { libc::dlopen(file, flags) };
        (!handle.is_null()).then_some(Library(handle))
    }

    pub(super) fn symbol(&self, name: &CStr) -> *mut c_void {
        // SAFETY: an open handle and a name.
        unsafe { libc::dlsym(self.0, name.as_ptr()) }
    }

    pub(super) fn number(&self) -> usize {
        self.0 as usize
    }

    /// The file that it was loaded from.
    pub(super) fn file(&self) -> Option<Vec<u8>> {
        let mut map: *mut LinkMap = std::ptr::null_mut();
        let place = (&raw mut map).cast();
        // SAFETY: an open handle and a place for the pointer.
        if unsafe { libc::dlinfo(self.0, libc::RTLD_DI_LINKMAP, place) } != 0 {
            return None;
        }
        // SAFETY: the entry lives as long as the handle is open.
        Some(unsafe { CStr::from_ptr((*map).name) }.to_bytes().to_vec())
    }

    pub(super) fn close(self) {
        // SAFETY: open, and gone afterwards.
        unsafe { libc::dlclose(self.0) };
    }
}

/// The part of `struct link_map` that is the same everywhere.
#[repr(C)]
struct LinkMap {
    base: usize,
    name: *const std::ffi::c_char,
}

/// What looks like a file, so that "not found" and "no module" can be told apart.
pub(super) fn exists(file: &CString) -> bool {
    // SAFETY: a name.
    unsafe { libc::access(file.as_ptr(), libc::F_OK) == 0 }
}
