//! POSIX mutexes in shared memory.

use std::mem::MaybeUninit;

/// The kinds that a process can share with others.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    RobustRecursive,
    Robust,
    Normal,
}

/// A mutex in memory that outlives it.
#[derive(Clone, Copy)]
pub struct Mutex {
    raw: *mut libc::pthread_mutex_t,
}

impl Mutex {
    /// Makes a mutex at an address in shared memory that has room for it, lasts, and that nobody uses yet.
    pub fn make(at: *mut u8, kind: Kind) -> Mutex {
        let raw = at.cast();
        let mut attributes = MaybeUninit::uninit();
        let attributes = attributes.as_mut_ptr();
        // SAFETY: the attributes are made before they are used; `at` is good by the caller's word.
        unsafe {
            assert_eq!(libc::pthread_mutexattr_init(attributes), 0);
            libc::pthread_mutexattr_setpshared(attributes, libc::PTHREAD_PROCESS_SHARED);
            if kind != Kind::Normal {
                libc::pthread_mutexattr_setrobust(attributes, libc::PTHREAD_MUTEX_ROBUST);
            }
            if kind == Kind::RobustRecursive {
                libc::pthread_mutexattr_settype(attributes, libc::PTHREAD_MUTEX_RECURSIVE);
            }
            assert_eq!(libc::pthread_mutex_init(raw, attributes), 0);
        }
        Mutex { raw }
    }

    /// The mutex that another process made.
    pub fn existing(at: *mut u8) -> Mutex {
        Mutex { raw: at.cast() }
    }

    /// Returns whether the last owner died.
    #[inline]
    pub fn lock(self) -> bool {
        // SAFETY: a mutex that was made and is never destroyed.
        match unsafe { libc::pthread_mutex_lock(self.raw) } {
            0 => false,
            libc::EOWNERDEAD => {
                // SAFETY: as above; this thread owns it now.
                assert_eq!(unsafe { libc::pthread_mutex_consistent(self.raw) }, 0);
                true
            }
            error => panic!("pthread_mutex_lock: {error}"),
        }
    }

    #[inline]
    pub fn unlock(self) {
        // SAFETY: as in `lock`.
        assert_eq!(unsafe { libc::pthread_mutex_unlock(self.raw) }, 0);
    }
}
