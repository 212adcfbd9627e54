//! What `/proc` tells about processes.

use std::fs;

use rustix::io::Errno;
use rustix::process::Pid;

/// The fields of `/proc/<pid>/stat` behind the name, of which the first is the state.
pub(super) fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&text);
    let (_, rest) = text.rsplit_once(')')?; // a name may contain anything
    Some(rest.split_ascii_whitespace().map(str::to_string).collect())
}

/// When the process with this number started, in ticks since the machine did.
pub(in super::super) fn started(pid: u32) -> Option<u64> {
    stat(pid)?.get(19)?.parse().ok()
}

/// The user and system time, in ticks, of the process that started then with this number.
pub(in super::super) fn times(pid: u32, since: u64) -> Option<(u64, u64)> {
    let fields = stat(pid)?;
    let field = |index: usize| fields.get(index)?.parse::<u64>().ok();
    (field(19)? == since).then_some(())?;
    Some((field(11)?, field(12)?))
}

pub(in super::super) fn ticks_per_second() -> u64 {
    rustix::param::clock_ticks_per_second()
}

/// The nice value of a process.
pub(in super::super) fn nice(pid: u32) -> Option<i32> {
    stat(pid)?.get(16)?.parse().ok()
}

pub(in super::super) fn set_nice(pid: u32, nice: i32) -> Result<(), Errno> {
    rustix::process::setpriority_process(Pid::from_raw(pid as i32), nice)
}

/// The name, the parent and the number of threads of a process.
pub(in super::super) fn facts(pid: u32) -> Option<(String, u32, u32)> {
    let fields = stat(pid)?;
    let field = |index: usize| fields.get(index)?.parse().ok();
    let name = fs::read(format!("/proc/{pid}/comm")).ok()?;
    let name = String::from_utf8_lossy(&name).trim_end().to_string();
    Some((name, field(1)?, field(17)?))
}

/// The numbers of all processes that this user can see.
pub(in super::super) fn all() -> Vec<u32> {
    numbers_in("/proc").unwrap_or_default()
}

/// The threads of a process; `None` if there is no such process.
pub(in super::super) fn threads(pid: u32) -> Option<Vec<u32>> {
    numbers_in(&format!("/proc/{pid}/task"))
}

fn numbers_in(directory: &str) -> Option<Vec<u32>> {
    let entries = fs::read_dir(directory).ok()?.flatten();
    Some(entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

/// Seconds since 1970 at which the machine started.
pub(in super::super) fn machine_started() -> Option<u64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

/// Whether this user may do everything with a process: it is his, or he may do everything.
pub(in super::super) fn is_ours(pid: u32) -> bool {
    use std::os::unix::fs::MetadataExt;
    let me = rustix::process::geteuid().as_raw();
    me == 0 || fs::metadata(format!("/proc/{pid}")).is_ok_and(|process| process.uid() == me)
}
