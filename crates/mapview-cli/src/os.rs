//! The few things that differ between the systems and are not in std.

use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;
use std::path::PathBuf;

/// Gives `file` the owner and group that `like` has; impossible for an ordinary user and another owner, then an error.
#[cfg(unix)]
pub fn keep_owner(file: &File, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{fchown, MetadataExt};
    let now = file.metadata()?;
    if (now.uid(), now.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    fchown(file, Some(like.uid()), Some(like.gid()))
}

/// The owner comes with the directory.
#[cfg(not(unix))]
pub fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// A directory whose files are on a disk, as far as one may expect; the directory for temporary files is often in memory.
#[cfg(unix)]
pub fn directory_on_disk() -> PathBuf {
    let long_lived = PathBuf::from("/var/tmp");
    if long_lived.is_dir() {
        long_lived
    } else {
        std::env::temp_dir()
    }
}

/// The directory for temporary files.
#[cfg(not(unix))]
pub fn directory_on_disk() -> PathBuf {
    std::env::temp_dir()
}

/// Page faults of this process so far: all, and those that read a disk.
#[cfg(target_os = "linux")]
pub fn page_faults() -> Option<(u64, u64)> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name, in parentheses that it may itself contain.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut numbers = rest.split_ascii_whitespace().skip(7);
    let minor: u64 = numbers.next()?.parse().ok()?;
    let major: u64 = numbers.nth(1)?.parse().ok()?;
    Some((minor + major, major))
}

/// Not told apart here.
#[cfg(not(target_os = "linux"))]
pub fn page_faults() -> Option<(u64, u64)> {
    None
}

/// Takes the pages of a file that nobody maps out of memory; says whether the system has such a request.
#[cfg(target_os = "linux")]
pub fn drop_cache(file: &File) -> io::Result<bool> {
    file.sync_all()?; // what is dirty stays
    rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed)?;
    Ok(true)
}

/// There is no such request.
#[cfg(not(target_os = "linux"))]
pub fn drop_cache(_: &File) -> io::Result<bool> {
    Ok(false)
}

/// The next part of a file from `at` on, below `len`, that is no hole as far as the file system tells.
#[cfg(target_os = "linux")]
pub fn next_data(file: &File, at: u64, len: u64) -> Option<Range<u64>> {
    use rustix::fs::{seek, SeekFrom};
    if at >= len {
        return None;
    }
    match seek(file, SeekFrom::Data(at)) {
        Ok(start) if start < len => {
            let end = seek(file, SeekFrom::Hole(start)).map_or(len, |end| end.min(len));
            Some(start..end)
        }
        // Nothing but a hole is left.
        Ok(_) | Err(rustix::io::Errno::NXIO) => None,
        Err(_) => Some(at..len),
    }
}

/// Everything may be data.
#[cfg(not(target_os = "linux"))]
pub fn next_data(_: &File, at: u64, len: u64) -> Option<Range<u64>> {
    (at < len).then_some(at..len)
}

/// The processors that this process may run on, where the system tells.
#[cfg(target_os = "linux")]
pub fn processors() -> Vec<usize> {
    let Ok(set) = rustix::thread::sched_getaffinity(None) else { return Vec::new() };
    (0..rustix::thread::CpuSet::MAX_CPU).filter(|&number| set.is_set(number)).collect()
}

/// Not asked for here.
#[cfg(not(target_os = "linux"))]
pub fn processors() -> Vec<usize> {
    Vec::new()
}

/// Keeps this thread, and those that it will start, on one processor; says whether that was possible.
#[cfg(target_os = "linux")]
pub fn run_on(processor: usize) -> bool {
    let mut set = rustix::thread::CpuSet::new();
    set.set(processor);
    rustix::thread::sched_setaffinity(None, &set).is_ok()
}

/// Not possible here.
#[cfg(not(target_os = "linux"))]
pub fn run_on(_: usize) -> bool {
    false
}

/// Stdin without a buffer.
pub fn raw_stdin() -> io::Result<File> {
    #[cfg(unix)]
    let stdin = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned()?;
    #[cfg(windows)]
    let stdin = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned()?;
    Ok(stdin.into())
}

/// Stdout without a buffer.
pub fn raw_stdout() -> io::Result<File> {
    #[cfg(unix)]
    let stdout = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?;
    #[cfg(windows)]
    let stdout = std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?;
    Ok(stdout.into())
}
