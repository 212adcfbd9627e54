//! What threads need of the system.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};
use std::sync::atomic::AtomicU32;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::thread::futex::{self, Flags};

use crate::code::{Code, Result};

/// `LPTHREAD_START_ROUTINE`.
pub(crate) type Function = unsafe extern "C" fn(*mut c_void) -> u32;

type Main = extern "C-unwind" fn(*mut c_void) -> *mut c_void;

extern "C-unwind" {
    // As libc has them, but for unwinding.
    fn pthread_create(
        thread: *mut libc::pthread_t,
        attributes: *const libc::pthread_attr_t,
        main: Main,
        argument: *mut c_void,
    ) -> i32;
    fn pthread_exit(value: *mut c_void) -> !;
}

pub(super) fn own_id() -> u32 {
    rustix::thread::gettid().as_raw_nonzero().get() as u32
}

/// Sleeps while the word has this value, or until it is woken or the time is over.
pub(super) fn wait_while(word: &AtomicU32, value: u32, most: Option<Duration>) {
    let most = most.and_then(|most| futex::Timespec::try_from(most).ok());
    // Whatever ends it, the caller looks again.
    let _ = futex::wait(word, Flags::PRIVATE, value, most.as_ref());
}

pub(super) fn wake_all(word: &AtomicU32) {
    let _ = futex::wake(word, Flags::PRIVATE, i32::MAX as u32);
}

/// The stack of threads for which nobody says how large.
pub(super) fn usual_stack() -> usize {
    let mut attributes = MaybeUninit::uninit();
    let mut size = 0;
    // SAFETY: initialised by the first call, and destroyed at the end.
    unsafe {
        libc::pthread_attr_init(attributes.as_mut_ptr());
        libc::pthread_attr_getstacksize(attributes.as_ptr(), &raw mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
    }
    size
}

/// Starts a thread with a stack of at least this size.
pub(super) fn start(main: Main, argument: *mut c_void, stack: usize) -> Result<libc::pthread_t> {
    const UNIT: usize = 0x1_0000;
    let stack = stack.max(libc::PTHREAD_STACK_MIN).checked_next_multiple_of(UNIT);
    let mut attributes = MaybeUninit::uninit();
    let mut thread = 0;
    // SAFETY: the attributes are initialised by the first call, and destroyed at the end; `argument` is for `main`.
    let failed = unsafe {
        libc::pthread_attr_init(attributes.as_mut_ptr());
        let size = stack.map_or(libc::EINVAL, |stack| {
            libc::pthread_attr_setstacksize(attributes.as_mut_ptr(), stack)
        });
        let made = match size {
            0 => pthread_create(&raw mut thread, attributes.as_ptr(), main, argument),
            error => error,
        };
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        made
    };
    match failed {
        0 => Ok(thread),
        _ => Err(Code::NOT_ENOUGH_MEMORY),
    }
}

/// Waits at most so long until the kernel is done with the thread. Returns whether it is.
pub(super) fn join(thread: libc::pthread_t, most: Duration) -> bool {
    // SAFETY: the thread was not joined or detached, which its `Life` tells.
    if unsafe { libc::pthread_tryjoin_np(thread, null_mut()) } == 0 {
        return true;
    }
    if most.is_zero() {
        return false;
    }
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    let nanoseconds = now.tv_nsec + i64::from(most.subsec_nanos());
    let until = libc::timespec {
        tv_sec: now.tv_sec + most.as_secs() as i64 + nanoseconds / 1_000_000_000,
        tv_nsec: nanoseconds % 1_000_000_000,
    };
    // SAFETY: as above.
    unsafe { libc::pthread_timedjoin_np(thread, null_mut(), &raw const until) == 0 }
}

pub(super) fn detach(thread: libc::pthread_t) {
    // SAFETY: the thread was not joined or detached, which its `Life` tells.
    unsafe { libc::pthread_detach(thread) };
}

/// Whether the kernel is done with a thread that is about to end. The main thread stays as a zombie while there are others.
pub(super) fn is_over(id: u32) -> bool {
    stat(id).is_none_or(|stat| matches!(stat[0].as_str(), "Z" | "X"))
}

/// Calls `destructor` at the end of threads that set the key.
pub(super) fn new_key(destructor: extern "C" fn(*mut c_void)) -> libc::pthread_key_t {
    let mut key = 0;
    // SAFETY: a place for the key. It fails only if the process has used up all 1024.
    unsafe { libc::pthread_key_create(&raw mut key, Some(destructor)) };
    key
}

pub(super) fn set_key(key: libc::pthread_key_t, value: *const c_void) {
    // SAFETY: `new_key` made it.
    unsafe { libc::pthread_setspecific(key, value) };
}

/// The signal that tells a thread to stop: the last real-time signal that nobody uses.
pub(super) fn signal() -> Result<i32> {
    static SIGNAL: OnceLock<Option<i32>> = OnceLock::new();
    let install = || {
        (libc::SIGRTMIN()..=libc::SIGRTMAX()).rev().find(|signal| {
            let mut old = MaybeUninit::<libc::sigaction>::zeroed();
            // SAFETY: a place for what was there; zeros are a valid `sigaction`.
            let mut action = unsafe {
                libc::sigaction(*signal, null(), old.as_mut_ptr());
                old.assume_init()
            };
            if action.sa_sigaction != libc::SIG_DFL {
                return false;
            }
            action.sa_sigaction = super::gate::told as extern "C" fn(i32) as usize;
            action.sa_flags = libc::SA_RESTART;
            // SAFETY: the handler only touches what handlers may.
            unsafe { libc::sigaction(*signal, &raw const action, null_mut()) == 0 }
        })
    };
    SIGNAL.get_or_init(install).ok_or(Code::NOT_SUPPORTED)
}

pub(super) fn tell(thread: libc::pthread_t, signal: i32) {
    // SAFETY: the thread was not joined or detached, which its `Life` tells.
    unsafe { libc::pthread_kill(thread, signal) };
}

pub(super) fn tell_by_id(id: u32, signal: i32) {
    // SAFETY: a system call with numbers.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), id, signal) };
}

/// Ends the calling thread here: nothing of it runs any more. Also for a signal handler.
pub(super) fn end_at_once() -> ! {
    // The C library gives the stack, and with it what it has noted there about keys, to another thread. Taking a value
    // away is a store, though the standard does not promise it.
    for key in 0..1024 {
        // SAFETY: whether there is such a key or not.
        unsafe { libc::pthread_setspecific(key, null()) };
    }
    // SAFETY: the kernel takes the thread out of its mutexes, and wakes who joins it.
    unsafe { libc::syscall(libc::SYS_exit, 0) };
    std::process::abort() // the call does not return
}

pub(super) fn exit() -> ! {
    // SAFETY: no frame of this crate below has anything to drop.
    unsafe { pthread_exit(null_mut()) }
}

pub(super) fn errno() -> i32 {
    // SAFETY: the thread's own.
    unsafe { *libc::__errno_location() }
}

pub(super) fn set_errno(value: i32) {
    // SAFETY: the thread's own.
    unsafe { *libc::__errno_location() = value };
}

/// The fields of what the kernel tells about a thread, from its state on, which is the third.
fn stat(id: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/self/task/{id}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    Some(fields.split(' ').map(str::to_owned).collect())
}

fn ticks(field: Option<&String>) -> Option<Duration> {
    let ticks: u64 = field?.parse().ok()?;
    Some(Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second()))
}

/// How long ago the thread began.
pub(super) fn age(id: u32) -> Option<Duration> {
    let began = ticks(stat(id)?.get(19))?;
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::try_from(now).ok()?.checked_sub(began)
}

/// What the thread took of processors, in the kernel and outside, in units of 100 ns.
pub(super) fn processor_times(id: u32) -> (u64, u64) {
    if id == own_id() {
        let mut usage = MaybeUninit::<libc::rusage>::zeroed();
        // SAFETY: a place for the answer, whose zeros are valid.
        let usage = unsafe {
            libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr());
            usage.assume_init()
        };
        let units =
            |time: libc::timeval| time.tv_sec as u64 * 10_000_000 + time.tv_usec as u64 * 10;
        return (units(usage.ru_stime), units(usage.ru_utime));
    }
    let stat = stat(id).unwrap_or_default();
    let units = |field| ticks(stat.get(field)).map_or(0, super::about::units);
    (units(12), units(11))
}

/// Whether a thread that was made nicer can be made less nice again. Tried out, since limits and capabilities decide.
pub(super) fn may_be_less_nice() -> bool {
    static MAY: OnceLock<bool> = OnceLock::new();
    *MAY.get_or_init(|| {
        let own = own_id();
        // SAFETY: system calls with numbers.
        unsafe {
            let niceness = libc::getpriority(libc::PRIO_PROCESS, own);
            libc::setpriority(libc::PRIO_PROCESS, own, niceness - 1) == 0
                && libc::setpriority(libc::PRIO_PROCESS, own, niceness) == 0
        }
    })
}

/// Beside that of the process.
pub(super) fn set_niceness(id: u32, niceness: i32) {
    static OF_PROCESS: OnceLock<i32> = OnceLock::new();
    let own = *OF_PROCESS.get_or_init(|| {
        // SAFETY: a system call with numbers.
        unsafe { libc::getpriority(libc::PRIO_PROCESS, id) }
    });
    // SAFETY: a system call with numbers. It fails if the thread is gone, or the limits say no; then it stays as it is.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, id, (own + niceness).clamp(-20, 19)) };
}

pub(crate) fn affinity(id: u32) -> Result<u64> {
    let mut set = MaybeUninit::<libc::cpu_set_t>::zeroed();
    // SAFETY: a place for the answer, whose zeros are valid.
    let (failed, set) = unsafe {
        let failed =
            libc::sched_getaffinity(id as i32, size_of::<libc::cpu_set_t>(), set.as_mut_ptr());
        (failed, set.assume_init())
    };
    if failed != 0 {
        return Err(Code::ACCESS_DENIED);
    }
    // SAFETY: the numbers are in range.
    let is_in = |processor: &usize| unsafe { libc::CPU_ISSET(*processor, &set) };
    Ok((0..64).filter(is_in).fold(0, |mask, processor| mask | 1 << processor))
}

pub(crate) fn set_affinity(id: u32, mask: u64) -> Result<()> {
    // SAFETY: zeros are an empty set.
    let mut set = unsafe { MaybeUninit::<libc::cpu_set_t>::zeroed().assume_init() };
    for processor in (0..64).filter(|processor| mask >> processor & 1 != 0) {
        // SAFETY: the numbers are in range.
        unsafe { libc::CPU_SET(processor, &mut set) };
    }
    // SAFETY: the set outlives the call.
    match unsafe { libc::sched_setaffinity(id as i32, size_of_val(&set), &raw const set) } {
        0 => Ok(()),
        _ => Err(Code::INVALID_PARAMETER),
    }
}

/// What people see where threads are listed.
pub(super) fn set_name(id: u32, name: &str) {
    let end = (0..=name.len().min(15)).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    // Nothing depends on it.
    let _ = std::fs::write(format!("/proc/self/task/{id}/comm"), &name[..end]);
}
