//! The calling thread's robust list: what the kernel walks when the thread ends, see
//! [`set_robust_list(2)`](https://man7.org/linux/man-pages/man2/get_robust_list.2.html).
#![allow(unsafe_code)]

/// What the kernel knows of a thread: `struct robust_list_head`.
#[repr(C)]
pub(in super::super) struct Head {
    /// The first entry, or the address of this field when there is none. Bit 0 marks priority-inheritance futexes.
    pub first: *mut usize,
    /// From an entry to its futex word.
    pub futex_offset: isize,
    /// An entry that is being inserted or removed.
    pub pending: *mut usize,
}

/// The head that the C library registered for this thread; null if it registered none.
pub(in super::super) fn get_robust_list() -> *mut Head {
    let mut head: *mut Head = std::ptr::null_mut();
    let mut len: usize = 0;
    // SAFETY: the call writes the two locals; pid 0 means this thread.
    let failed =
        unsafe { libc::syscall(libc::SYS_get_robust_list, 0, &raw mut head, &raw mut len) };
    if failed != 0 || len != size_of::<Head>() {
        return std::ptr::null_mut();
    }
    head
}
