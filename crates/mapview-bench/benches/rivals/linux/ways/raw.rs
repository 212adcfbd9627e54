//! Ways that the kernel gives, used as a program without a library would.

use std::sync::atomic::{AtomicU32, Ordering};

use super::Way;

const NONE: u32 = 0;
const SIGNALED: u32 = 1;
const ASLEEP: u32 = 2;

/// A word: the least that a signal between two processes can be. One waiter at most.
pub struct Futex {
    word: *mut u32,
    /// Looks before it sleeps.
    looks: u32,
}

impl Futex {
    /// At an address of shared memory that lasts, where zeros were at first.
    pub fn at(word: *mut u8, looks: u32) -> Futex {
        Futex { word: word.cast(), looks }
    }

    fn word(&self) -> &AtomicU32 {
        // SAFETY: in the page, which stays mapped, and aligned; all use it as an atomic.
        unsafe { &*self.word.cast() }
    }

    fn take(&self) -> bool {
        self.word().compare_exchange(SIGNALED, NONE, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }
}

impl Way for Futex {
    fn signal(&self) {
        if self.word().swap(SIGNALED, Ordering::Release) == ASLEEP {
            wake(self.word, 1);
        }
    }

    fn wait(&self) {
        for _ in 0..self.looks {
            if self.word().load(Ordering::Relaxed) == SIGNALED {
                break;
            }
            std::hint::spin_loop();
        }
        while !self.take() {
            let order = Ordering::Relaxed;
            if self.word().compare_exchange(NONE, ASLEEP, order, order) != Err(SIGNALED) {
                sleep_while(self.word, ASLEEP);
            }
        }
    }
}

/// `futex(2)`, shared between processes.
pub fn wake(word: *mut u32, most: u32) {
    // SAFETY: the kernel looks at nothing but the address.
    unsafe { libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAKE, most) };
}

/// As above; returns at any wake and for no reason.
pub fn sleep_while(word: *mut u32, value: u32) {
    let no_limit: *const libc::timespec = std::ptr::null();
    // SAFETY: the kernel reads the word, and nothing else.
    unsafe { libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAIT, value, no_limit) };
}

/// Eight bytes through a descriptor: an eventfd or a pipe.
pub struct Descriptor {
    from: i32,
    to: i32,
}

impl Descriptor {
    pub fn event(fd: i32) -> Descriptor {
        Descriptor { from: fd, to: fd }
    }
    pub fn pipe([from, to]: [i32; 2]) -> Descriptor {
        Descriptor { from, to }
    }
}

impl Way for Descriptor {
    fn signal(&self) {
        write(self.to);
    }
    fn wait(&self) {
        read(self.from);
    }
}

/// `poll(2)`, then reads the eventfd that is ready.
pub struct Poll {
    fds: std::cell::RefCell<Vec<libc::pollfd>>,
}

impl Poll {
    pub fn new(fds: &[i32]) -> Poll {
        let fds = fds.iter().map(|&fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 });
        Poll { fds: fds.collect::<Vec<_>>().into() }
    }
}

impl Way for Poll {
    fn signal(&self) {
        write(self.fds.borrow().last().expect("at least one").fd);
    }
    fn wait(&self) {
        let mut fds = self.fds.borrow_mut();
        // SAFETY: the array is ours.
        let ready = unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, -1) };
        assert_eq!(ready, 1);
        read(fds.iter().find(|fd| fd.revents != 0).expect("one is ready").fd);
    }
}

/// `epoll_wait(2)`, then reads the eventfd that is ready.
pub struct Epoll {
    epoll: i32,
    last: i32,
}

impl Epoll {
    pub fn new(fds: &[i32]) -> Epoll {
        // SAFETY: no memory of ours is touched.
        let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        for &fd in fds {
            let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: fd as u64 };
            // SAFETY: the struct is ours.
            let added = unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, fd, &raw mut event) };
            assert_eq!(added, 0, "epoll_ctl: {}", std::io::Error::last_os_error());
        }
        Epoll { epoll, last: fds[fds.len() - 1] }
    }
}

impl Way for Epoll {
    fn signal(&self) {
        write(self.last);
    }
    fn wait(&self) {
        let mut event = libc::epoll_event { events: 0, u64: 0 };
        // SAFETY: the struct is ours, and there is room for one.
        assert_eq!(unsafe { libc::epoll_wait(self.epoll, &raw mut event, 1, -1) }, 1);
        read(event.u64 as i32);
    }
}

impl Drop for Epoll {
    fn drop(&mut self) {
        // SAFETY: the descriptor is our own and not used afterwards.
        unsafe { libc::close(self.epoll) };
    }
}

/// An eventfd that child processes inherit.
pub fn event_fd() -> i32 {
    // SAFETY: no memory of ours is touched.
    let fd = unsafe { libc::eventfd(0, 0) };
    assert!(fd >= 0, "eventfd: {}", std::io::Error::last_os_error());
    fd
}

/// A pipe that child processes inherit: to read, to write.
pub fn pipe() -> [i32; 2] {
    let mut ends = [0; 2];
    // SAFETY: the array has room for two.
    assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
    ends
}

/// Adds one to an eventfd, or sends eight bytes.
pub fn write(fd: i32) {
    let one = 1_u64;
    // SAFETY: eight bytes of ours.
    assert_eq!(unsafe { libc::write(fd, (&raw const one).cast(), 8) }, 8);
}

/// Takes what is there, and waits for it.
pub fn read(fd: i32) {
    let mut value = 0_u64;
    // SAFETY: eight bytes of ours.
    assert_eq!(unsafe { libc::read(fd, (&raw mut value).cast(), 8) }, 8);
}
