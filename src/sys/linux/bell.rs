//! The bells of a namespace: how sleepers learn that one who waited for several objects died.
//!
//! The kernel passes the wake of a dead sleeper on to one other sleeper of *one* word, the one that the dead had announced
//! ([`super::robust`]). Who waits for one object announces that object's word. Who waits for several cannot know whose
//! wake it got before it died, so it announces the first bell, on which everybody sleeps besides his objects; and whoever
//! is woken by the first bell rings the second, which wakes everybody to look at his objects again. Nothing is ever
//! written to a bell, so a process can only wake with it, not hang or mislead.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::Mode;
use rustix::io::Errno;

use super::namespace::{self, Directory};
use super::os::{fail::fail, files, files::OpenFor, futex, locks, memory, process, signals};
use crate::layout::PAGE;
use crate::{Namespace, Result as Outcome};

/// Both words, in a mapped page of a file that all processes of the namespace map.
#[derive(Debug)]
pub(super) struct Bells {
    page: *mut u8,
    /// Locked as long as the process uses it, so that others leave the file.
    file: OwnedFd,
    /// A forked child uses them too, but they are not its to take down.
    process: u32,
}

// SAFETY: nothing reads or writes the page but the kernel.
unsafe impl Send for Bells {}
// SAFETY: as above.
unsafe impl Sync for Bells {}

const SECOND: usize = 64;
const FILE: &str = "bell";
const LOCK: i64 = 0;

type All = [Option<Arc<Bells>>; 2];

static BELLS: Mutex<All> = Mutex::new([None, None]);

/// All bells, locked for a fork.
pub(super) fn lock() -> MutexGuard<'static, All> {
    BELLS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bells {
    /// The bells of a namespace; `None` where its directory cannot be used: then only the next signal helps.
    pub(super) fn of(namespace: Namespace) -> Option<Arc<Bells>> {
        let _undisturbed = signals::hold();
        let mut all = lock();
        let slot = &mut all[namespace as usize];
        if slot.is_none() {
            *slot = hang(namespace).ok().map(Arc::new);
        }
        slot.clone()
    }

    /// The kernel wakes one sleeper of this word when a thread that announced it ends.
    pub(super) fn first(&self) -> *mut u32 {
        self.page.cast()
    }

    /// Everybody is woken by this one.
    pub(super) fn second(&self) -> *mut u32 {
        self.page.wrapping_add(SECOND).cast()
    }

    /// As an entry of a robust list.
    pub(super) fn entry(&self) -> *mut usize {
        self.page.wrapping_add(32).cast()
    }

    pub(super) fn ring_second(&self) {
        futex::wake_at(self.second(), futex::ALL);
    }
}

impl Drop for Bells {
    fn drop(&mut self) {
        // SAFETY: mapped with this length by `hang`; no sleeper of this process uses it any more.
        let _ = unsafe { memory::unmap(self.page, PAGE) };
    }
}

fn hang(namespace: Namespace) -> Outcome<Bells> {
    super::registry::install();
    let directory = namespace::directory(namespace)?;
    let file = open_or_make(&directory)
        .map_err(|errno| fail(errno, "opening the bell of the namespace"))?;
    let page = memory::map_to_look_at(file.as_fd(), PAGE)
        .map_err(|errno| fail(errno, "mapping the bell of the namespace"))?;
    Ok(Bells { page, file, process: std::process::id() })
}

fn open_or_make(directory: &Directory) -> Result<OwnedFd, Errno> {
    loop {
        let file = match open(directory, FILE) {
            Ok(file) => file,
            Err(Errno::NOENT) => match make(directory) {
                Ok(file) => file,
                Err(Errno::EXIST | Errno::NOENT) => continue,
                Err(errno) => return Err(errno),
            },
            Err(errno) => return Err(errno),
        };
        // Whoever has it locked otherwise is taking it down, and may have done so before we locked it.
        let locked = locks::try_lock(file.as_fd(), locks::Kind::Shared, LOCK)?;
        if locked && files::fstat(&file)?.st_nlink > 0 {
            return Ok(file);
        }
        super::os::pause(std::time::Duration::from_micros(20));
    }
}

/// For writing where that is allowed, because only then it can be taken down; nothing is written.
fn open(directory: &Directory, file: &str) -> Result<OwnedFd, Errno> {
    match files::open_in(directory.fd.as_fd(), file, OpenFor::ReadWrite) {
        Err(Errno::ACCESS) => files::open_in(directory.fd.as_fd(), file, OpenFor::Read),
        other => other,
    }
}

/// Complete before it gets its name, so that nobody maps half a bell.
fn make(directory: &Directory) -> Result<OwnedFd, Errno> {
    let draft = format!("{FILE}-{:016x}", process::random());
    let file = files::create_in(directory.fd.as_fd(), &draft)?;
    let mode = if directory.shared { 0o644 } else { 0o600 };
    let made = files::allocate(file.as_fd(), 0, PAGE as u64)
        .and_then(|()| locks::try_lock(file.as_fd(), locks::Kind::Shared, LOCK))
        .and_then(|_| files::fchmod(&file, Mode::from_raw_mode(mode)))
        .and_then(|()| files::rename_in(directory.fd.as_fd(), &draft, FILE));
    if made.is_err() {
        let _ = files::unlink_in(directory.fd.as_fd(), &draft);
    }
    made.map(|()| file)
}

/// When nothing of this process is left in the namespace: gives its bells up, unless somebody sleeps.
pub(super) fn retire(directory: &Directory) {
    // At the end of the process another thread may be in the middle of something.
    let Ok(mut all) = BELLS.try_lock() else { return };
    let slot = &mut all[directory.namespace() as usize];
    if let Some(bells) = slot.take_if(|bells| Arc::strong_count(bells) == 1) {
        if bells.process == std::process::id() {
            take_down(directory, FILE, &bells.file);
        }
    }
}

/// Removes a bell, or the draft of one, that no process uses.
pub(super) fn sweep(directory: &Directory, file: &str) {
    if file == FILE || file.starts_with("bell-") {
        if let Ok(fd) = open(directory, file) {
            take_down(directory, file, &fd);
        }
    }
}

fn take_down(directory: &Directory, file: &str, fd: &OwnedFd) {
    // Locks of others are in the way of this one, and so is a descriptor that can only read.
    if locks::try_lock(fd.as_fd(), locks::Kind::Exclusive, LOCK) == Ok(true) {
        let _ = files::unlink_in(directory.fd.as_fd(), file);
    }
}
