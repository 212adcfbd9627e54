//! System calls about processes.

pub(super) mod shared;
pub(super) mod socket;
pub(super) mod spawn;

use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::fs::FileExt;

use rustix::event::{poll, PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{pidfd_open as open, Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};

/// A descriptor of the process that has this number now.
pub(super) fn pidfd_open(pid: u32) -> Result<OwnedFd, Errno> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH)?;
    open(pid, PidfdFlags::empty())
}

pub(super) fn has_ended(pidfd: &impl AsFd) -> bool {
    let mut asked = [PollFd::new(pidfd, PollFlags::IN)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    matches!(poll(&mut asked, Some(&now)), Ok(1..))
}

/// Whether a descriptor that came from elsewhere is of the process with this number, which may have ended.
pub(super) fn is_of(pidfd: &OwnedFd, pid: u32) -> bool {
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd()));
    let info = info.unwrap_or_default();
    let found = info.lines().find_map(|line| line.strip_prefix("Pid:")).map(str::trim);
    found.is_some_and(|found| found == "-1" || found.parse() == Ok(pid))
}

/// Sends `SIGKILL`. A process that has ended is as good as killed.
pub(super) fn kill(pidfd: &OwnedFd) -> Result<(), Errno> {
    match rustix::process::pidfd_send_signal(pidfd, Signal::KILL) {
        Err(Errno::SRCH) => Ok(()),
        sent => sent,
    }
}

/// Sends another signal.
pub(super) fn signal(pidfd: &OwnedFd, signal: Signal) -> Result<(), Errno> {
    rustix::process::pidfd_send_signal(pidfd, signal)
}

/// How a process ended, as the kernel has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Exited(u32),
    Signaled(i32),
}

impl Status {
    /// Takes apart what `wait` and `/proc` tell.
    fn of_bits(bits: i32) -> Status {
        match bits & 0x7f {
            0 => Status::Exited((bits as u32 >> 8) & 0xff),
            signal => Status::Signaled(signal),
        }
    }
}

/// Asks how a child ended, which lets go of it. `None`: it runs, or somebody else asked already.
pub(super) fn wait(pidfd: &impl AsFd) -> Option<Status> {
    let which = WaitId::PidFd(pidfd.as_fd());
    let status = rustix::process::waitid(which, WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
    let status = status.ok()??;
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Some(Status::Exited(code as u32 & 0xff)),
        (None, Some(signal)) => Some(Status::Signaled(signal as i32)),
        (None, None) => None,
    }
}

/// Lets go of a child that has ended. Returns whether there is nothing left to do.
pub(super) fn reap(pidfd: &impl AsFd) -> bool {
    wait(pidfd).is_some() || has_ended(pidfd)
}

/// The fields of `/proc/<pid>/stat` behind the name, of which the first is the state.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&text);
    let (_, rest) = text.rsplit_once(')')?; // a name may contain anything
    Some(rest.split_ascii_whitespace().map(str::to_string).collect())
}

/// When the process with this number started, in ticks since the machine did.
pub(super) fn started(pid: u32) -> Option<u64> {
    stat(pid)?.get(19)?.parse().ok()
}

/// How a process ended that is not a child of this one: while its parent has not asked, or where the kernel remembers.
pub(super) fn status_of_other(pidfd: &OwnedFd, pid: u32, since: u64) -> Option<Status> {
    remembered(pidfd).or_else(|| {
        let fields = stat(pid)?;
        let is_it = fields.get(19)?.parse() == Ok(since) && fields.first()? == "Z";
        is_it.then(|| fields.get(49)?.parse().ok().map(Status::of_bits))?
    })
}

/// `PIDFD_GET_INFO` of Linux 6.15.
fn remembered(pidfd: &OwnedFd) -> Option<Status> {
    #[repr(C)]
    #[derive(Default)]
    struct Info {
        mask: u64,
        cgroup: u64,
        ids: [u32; 11],
        exit: i32,
    }
    const PIDFD_GET_INFO: libc::c_ulong = 0xC040_FF0B;
    const PIDFD_INFO_EXIT: u64 = 8;
    let mut info = Info { mask: PIDFD_INFO_EXIT, ..Info::default() };
    // SAFETY: the kernel writes as many bytes as the number of the call says, which are those of `Info`.
    let done = unsafe { libc::ioctl(pidfd.as_raw_fd(), PIDFD_GET_INFO, &mut info) };
    (done == 0 && info.mask & PIDFD_INFO_EXIT != 0).then(|| Status::of_bits(info.exit))
}

/// The user and system time, in ticks, of the process that started then with this number.
pub(super) fn times(pid: u32, since: u64) -> Option<(u64, u64)> {
    let fields = stat(pid)?;
    let field = |index: usize| fields.get(index)?.parse::<u64>().ok();
    (field(19)? == since).then_some(())?;
    Some((field(11)?, field(12)?))
}

pub(super) fn ticks_per_second() -> u64 {
    rustix::param::clock_ticks_per_second()
}

/// The nice value of a process.
pub(super) fn nice(pid: u32) -> Option<i32> {
    stat(pid)?.get(16)?.parse().ok()
}

pub(super) fn set_nice(pid: u32, nice: i32) -> Result<(), Errno> {
    rustix::process::setpriority_process(Pid::from_raw(pid as i32), nice)
}

/// The name, the parent and the number of threads of a process.
pub(super) fn facts(pid: u32) -> Option<(String, u32, u32)> {
    let fields = stat(pid)?;
    let field = |index: usize| fields.get(index)?.parse().ok();
    let name = fs::read(format!("/proc/{pid}/comm")).ok()?;
    let name = String::from_utf8_lossy(&name).trim_end().to_string();
    Some((name, field(1)?, field(17)?))
}

/// The numbers of all processes that this user can see.
pub(super) fn all() -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Seconds since 1970 at which the machine started.
pub(super) fn machine_started() -> Option<u64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

/// A descriptor that another process has. Unless it must be `exactly` that one, with its position, one for the same file
/// is as good, which the kernel gives to more.
pub(super) fn take_descriptor(
    pidfd: &OwnedFd,
    pid: u32,
    number: i32,
    exactly: bool,
) -> io::Result<OwnedFd> {
    // SAFETY: the call touches no memory of ours.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_getfd, pidfd.as_raw_fd(), number, 0) };
    if fd < 0 {
        let error = io::Error::last_os_error();
        if exactly || error.kind() != io::ErrorKind::PermissionDenied {
            return Err(error);
        }
        let path = format!("/proc/{pid}/fd/{number}");
        let reopened = fs::File::options().read(true).write(true).open(&path);
        return reopened.or_else(|_| fs::File::open(path)).map(OwnedFd::from);
    }
    // SAFETY: the call made this descriptor for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Ends this process with a code of which the kernel keeps eight bits.
pub(super) fn exit(code: u32, run_handlers: bool) -> ! {
    // Who sees only eight bits shall not take a failure for success.
    let code = if code & 0xff == 0 && code != 0 { 0xff } else { code as i32 & 0xff };
    if run_handlers {
        // SAFETY: any code may do this; the handlers are the program's own.
        unsafe { libc::exit(code) }
    }
    // SAFETY: nothing runs after it.
    unsafe { libc::_exit(code) }
}

/// Has a function called with the full code at `exit` and at the return from `main`.
pub(super) fn at_exit(act: extern "C" fn(i32, *mut libc::c_void)) {
    extern "C" {
        fn on_exit(
            act: extern "C" fn(i32, *mut libc::c_void),
            argument: *mut libc::c_void,
        ) -> libc::c_int;
    }
    // SAFETY: the function stays where it is while the library is loaded, and libraries that hold such functions stay.
    unsafe { on_exit(act, std::ptr::null_mut()) };
}

/// Waits until one of the descriptors is readable. Returns which are.
pub(super) fn wait_readable(fds: &[BorrowedFd<'_>]) -> Vec<bool> {
    let mut asked: Vec<PollFd<'_>> =
        fds.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
    match poll(&mut asked, None) {
        Ok(_) => asked.iter().map(|fd| !fd.revents().is_empty()).collect(),
        Err(_) => vec![false; fds.len()],
    }
}

/// A pipe to wake a thread that waits, which neither side ever waits at.
pub(super) fn bell() -> Option<(OwnedFd, OwnedFd)> {
    use rustix::pipe::{pipe_with, PipeFlags};
    let (heard, bell) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).ok()?;
    Some((bell, heard))
}

pub(super) fn ring(bell: &OwnedFd) {
    // A full pipe wakes as well.
    let _ = rustix::io::write(bell, &[0]);
}

pub(super) fn unring(heard: &OwnedFd) {
    let mut bytes = [0; 64];
    while matches!(rustix::io::read(heard, &mut bytes), Ok(1..)) {}
}

/// Whether this user may do everything with a process: it is his, or he may do everything.
pub(super) fn is_ours(pid: u32) -> bool {
    use std::os::unix::fs::MetadataExt;
    let me = rustix::process::geteuid().as_raw();
    me == 0 || fs::metadata(format!("/proc/{pid}")).is_ok_and(|process| process.uid() == me)
}

/// Whether this user may execute a file.
pub(super) fn may_execute(path: &std::path::Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

/// Takes over a descriptor that the process was started with; `None` if it has none of that number.
pub(super) fn adopt(number: i32) -> Option<OwnedFd> {
    // SAFETY: the call only looks whether there is such a descriptor, and has `exec` close it.
    let exists = number > 2 && unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) } == 0;
    // SAFETY: it is open, and whoever gave the number meant it for us alone.
    exists.then(|| unsafe { OwnedFd::from_raw_fd(number) })
}

/// Looks at a descriptor that may not be ours to close.
pub(super) fn look_at(number: i32) -> Option<OwnedFd> {
    // SAFETY: borrowed for the one call, which says if there is no such descriptor.
    let borrowed = (number > 2).then(|| unsafe { BorrowedFd::borrow_raw(number) })?;
    borrowed.try_clone_to_owned().ok()
}

/// A copy of a descriptor that its owner keeps open meanwhile.
pub(super) fn copy(number: i32) -> Option<OwnedFd> {
    // SAFETY: the caller knows that it is open.
    unsafe { BorrowedFd::borrow_raw(number) }.try_clone_to_owned().ok()
}

/// All of a memory file that this process was started with.
pub(super) fn read_passed(number: i32) -> Option<Vec<u8>> {
    let link = fs::read_link(format!("/proc/self/fd/{number}")).ok()?;
    link.to_string_lossy().starts_with("/memfd:mapview-start").then_some(())?;
    fs::read(format!("/proc/self/fd/{number}")).ok()
}

/// A memory file with these bytes.
pub(super) fn file_of(name: &std::ffi::CStr, bytes: &[u8]) -> crate::code::Result<OwnedFd> {
    let fd = shared::create(name, bytes.len())?;
    let written = fs::File::from(fd.try_clone().map_err(|_| crate::code::Code::NOT_ENOUGH_MEMORY)?)
        .write_all_at(bytes, 0);
    written.map_err(|_| crate::code::Code::NOT_ENOUGH_MEMORY)?;
    Ok(fd)
}

/// The device that is always empty, or takes everything.
pub(super) fn null(write: bool) -> io::Result<OwnedFd> {
    let file = fs::File::options().read(!write).write(write).open("/dev/null")?;
    Ok(file.into())
}

/// Has a function called in children of `fork`, which run no other code of this library first.
pub(super) fn at_fork(act: fn()) {
    static ACT: std::sync::OnceLock<fn()> = std::sync::OnceLock::new();
    extern "C" fn child() {
        if let Some(act) = ACT.get() {
            act();
        }
    }
    ACT.get_or_init(|| act);
    // SAFETY: the function stays where it is; only memory could be missing, and then `fork` fails as well.
    unsafe { libc::pthread_atfork(None, None, Some(child)) };
}
