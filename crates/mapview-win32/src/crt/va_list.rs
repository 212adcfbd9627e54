//! The `va_list` of C, read as the calling conventions of Linux lay it out.
//!
//! As a parameter it is a pointer on both architectures.

/// Arguments that are read one after another.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct VaList {
    /// Offset of the next general register in `saved`, of six.
    general: u32,
    /// Offset of the next vector register in `saved`, of eight.
    vector: u32,
    stack: *const u8,
    saved: *const u8,
}

#[cfg(target_arch = "x86_64")]
impl VaList {
    /// The next argument: a number of up to 64 bits or a pointer.
    ///
    /// # Safety
    /// There is one.
    pub(crate) unsafe fn word(&mut self) -> u64 {
        if self.general < 48 {
            let at = self.saved.wrapping_add(self.general as usize);
            self.general += 8;
            // SAFETY: the caller says so.
            return unsafe { at.cast::<u64>().read_unaligned() };
        }
        let at = self.stack;
        self.stack = at.wrapping_add(8);
        // SAFETY: the caller says so.
        unsafe { at.cast::<u64>().read_unaligned() }
    }

    /// Goes past a `double`.
    pub(crate) fn skip_double(&mut self) {
        if self.vector < 176 {
            self.vector += 16;
        } else {
            self.stack = self.stack.wrapping_add(8);
        }
    }

    /// Goes past a `long double`.
    pub(crate) fn skip_long_double(&mut self) {
        let aligned = self.stack.align_offset(16);
        self.stack = self.stack.wrapping_add(aligned + 16);
    }

    /// The words of an array as arguments.
    pub(crate) fn of_words(words: &[u64]) -> VaList {
        VaList { general: 48, vector: 176, stack: words.as_ptr().cast(), saved: std::ptr::null() }
    }
}

/// Arguments that are read one after another.
#[cfg(target_arch = "aarch64")]
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct VaList {
    stack: *const u8,
    general_end: *const u8,
    vector_end: *const u8,
    /// Minus the bytes that are left of the general registers.
    general: i32,
    /// Minus the bytes that are left of the vector registers.
    vector: i32,
}

#[cfg(target_arch = "aarch64")]
impl VaList {
    /// The next argument: a number of up to 64 bits or a pointer.
    ///
    /// # Safety
    /// There is one.
    pub(crate) unsafe fn word(&mut self) -> u64 {
        let at = match self.general < 0 {
            true => {
                let at = self.general_end.wrapping_offset(self.general as isize);
                self.general += 8;
                at
            }
            false => {
                let at = self.stack;
                self.stack = at.wrapping_add(8);
                at
            }
        };
        // SAFETY: the caller says so.
        unsafe { at.cast::<u64>().read_unaligned() }
    }

    /// Goes past a `double`.
    pub(crate) fn skip_double(&mut self) {
        if self.vector < 0 {
            self.vector += 16;
        } else {
            self.stack = self.stack.wrapping_add(8);
        }
    }

    /// Goes past a `long double`.
    pub(crate) fn skip_long_double(&mut self) {
        if self.vector < 0 {
            self.vector += 16;
        } else {
            let aligned = self.stack.align_offset(16);
            self.stack = self.stack.wrapping_add(aligned + 16);
        }
    }

    /// The words of an array as arguments.
    pub(crate) fn of_words(words: &[u64]) -> VaList {
        let end = std::ptr::null();
        let stack = words.as_ptr().cast();
        VaList { stack, general_end: end, vector_end: end, general: 0, vector: 0 }
    }
}
