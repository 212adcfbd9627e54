//! POSIX shared memory, used as a program without a library would, and the machine.

use std::ffi::CString;
use std::ptr::null_mut;

/// A shared memory object; its name ends with this value.
pub struct Shm {
    name: CString,
}

impl Shm {
    /// Makes an object of `size` bytes, all of them touched.
    pub fn create(name: &str, size: usize) -> Shm {
        let shm = Shm { name: CString::new(name).expect("no NUL inside") };
        let fd = shm.open(libc::O_RDWR | libc::O_CREAT | libc::O_EXCL);
        // SAFETY: the descriptor is our own.
        assert_eq!(unsafe { libc::ftruncate(fd, size as i64) }, 0);
        let base = map(fd, size);
        // SAFETY: just mapped with this size; nobody else knows it yet.
        unsafe { base.write_bytes(0, size) };
        unmap(base, size);
        close(fd);
        shm
    }

    fn open(&self, flags: i32) -> i32 {
        // SAFETY: the name ends in NUL.
        let fd = unsafe { libc::shm_open(self.name.as_ptr(), flags | libc::O_CLOEXEC, 0o600) };
        assert!(fd >= 0, "shm_open: {}", std::io::Error::last_os_error());
        fd
    }

    /// Opens, learns the size, maps, does something with the first byte, and closes again.
    pub fn look_in(&self, touch: impl Fn(*mut u8)) {
        let fd = self.open(libc::O_RDWR);
        let size = size_of(fd);
        let base = map(fd, size);
        touch(base);
        unmap(base, size);
        close(fd);
    }
}

impl Drop for Shm {
    fn drop(&mut self) {
        // SAFETY: the name ends in NUL. A name that is gone already is what we want.
        unsafe { libc::shm_unlink(self.name.as_ptr()) };
    }
}

/// Makes an object of a page, maps it, touches it if asked, and ends it.
pub fn make_and_end(name: &str, touched: bool) {
    const SIZE: usize = 4096;
    let shm = Shm { name: CString::new(name).expect("no NUL inside") };
    let fd = shm.open(libc::O_RDWR | libc::O_CREAT | libc::O_EXCL);
    // SAFETY: the descriptor is our own.
    assert_eq!(unsafe { libc::ftruncate(fd, SIZE as i64) }, 0);
    let base = map(fd, SIZE);
    if touched {
        touch(base);
    }
    unmap(base, SIZE);
    close(fd);
}

/// A page of an object that other processes map too, for as long as this process lives.
pub fn page_of(name: &str) -> *mut u8 {
    region_of(name, 4096)
}

/// The same with `size` bytes.
pub fn region_of(name: &str, size: usize) -> *mut u8 {
    let shm = std::mem::ManuallyDrop::new(Shm { name: CString::new(name).expect("no NUL inside") });
    let fd = shm.open(libc::O_RDWR);
    let base = map(fd, size);
    close(fd);
    base
}

/// Stores to the first byte of a mapped page.
pub fn touch(base: *mut u8) {
    // SAFETY: the callers have mapped the page for writing.
    unsafe { base.write_volatile(1) };
}

fn size_of(fd: i32) -> usize {
    // SAFETY: a C struct of integers, for which zeros are valid.
    let mut stat: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: the descriptor is open and the struct is ours.
    assert_eq!(unsafe { libc::fstat(fd, &raw mut stat) }, 0);
    stat.st_size as usize
}

fn map(fd: i32, size: usize) -> *mut u8 {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: without MAP_FIXED no existing mapping changes.
    let base = unsafe { libc::mmap(null_mut(), size, protection, libc::MAP_SHARED, fd, 0) };
    assert_ne!(base, libc::MAP_FAILED);
    base.cast()
}

fn unmap(base: *mut u8, size: usize) {
    // SAFETY: mapped by `map` with this size, and no longer used by the callers.
    assert_eq!(unsafe { libc::munmap(base.cast(), size) }, 0);
}

fn close(fd: i32) {
    // SAFETY: the descriptor is our own and not used afterwards.
    assert_eq!(unsafe { libc::close(fd) }, 0);
}

/// Keeps this thread on one processor, if the machine has it.
pub fn pin_to(cpu: usize) {
    pin_to_some(cpu..cpu + 1);
}

/// Lets this thread run on every processor again.
pub fn unpin() {
    pin_to_some(0..libc::CPU_SETSIZE as usize);
}

fn pin_to_some(cpus: std::ops::Range<usize>) {
    // SAFETY: a C struct of integers; CPU_SET stays inside it; pid 0 is this thread.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        cpus.for_each(|cpu| libc::CPU_SET(cpu, &mut set));
        libc::sched_setaffinity(0, std::mem::size_of::<libc::cpu_set_t>(), &raw const set);
    }
}

/// The monotonic clock, which all processes share.
pub fn nanoseconds() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the struct is ours.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Works for so many nanoseconds. Returns when it ended.
pub fn spin_for(long: u64) -> u64 {
    let start = nanoseconds();
    let mut now = start;
    while now - start < long {
        now = nanoseconds();
    }
    now
}

/// Lets this process and its children have as many descriptors as the system permits.
pub fn raise_descriptor_limit() {
    // SAFETY: the struct is ours. What the system refuses shows as a failure to open.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
    }
}

/// Has a wake of this thread never interrupt who runs: who wakes somebody on its own processor
/// goes on until it sleeps itself. Without, half of the waits on one processor would find their signal already there.
pub fn let_wakers_go_on(so: bool) {
    let policy = if so { libc::SCHED_BATCH } else { libc::SCHED_OTHER };
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: the struct is ours; pid 0 is this thread. What is refused shows in the count of sleeps.
    unsafe { libc::sched_setscheduler(0, policy, &raw const parameters) };
}

/// How often this thread has gone to sleep.
pub fn sleeps() -> u64 {
    // SAFETY: a C struct of integers, for which zeros are valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the struct is ours.
    unsafe { libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage) };
    usage.ru_nvcsw as u64
}
