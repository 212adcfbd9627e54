//! Children that run on although this process has let go of them: a thread asks for them when they end, so that none
//! stays a zombie. It runs while there are such children.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Mutex;

use super::os;
use crate::thread::lock;

struct Orphans {
    waiting: Vec<OwnedFd>,
    /// Written to when there are more; `None` while no thread runs.
    bell: Option<OwnedFd>,
}

static ORPHANS: Mutex<Orphans> = Mutex::new(Orphans { waiting: Vec::new(), bell: None });

/// Has a child looked after from now on.
pub(super) fn adopt(pidfd: &OwnedFd) {
    // Without descriptors or threads there would be a zombie until this process ends: the kernel's way, too.
    let Ok(pidfd) = pidfd.try_clone() else { return };
    let mut orphans = lock(&ORPHANS);
    orphans.waiting.push(pidfd);
    if let Some(bell) = &orphans.bell {
        os::ring(bell);
        return;
    }
    let Some((bell, heard)) = os::bell() else { return };
    let thread = std::thread::Builder::new().name("mapview-children".into());
    if thread.spawn(move || look_after(&heard)).is_ok() {
        orphans.bell = Some(bell);
    }
}

fn look_after(heard: &OwnedFd) {
    let mut mine: Vec<OwnedFd> = Vec::new();
    loop {
        os::unring(heard);
        let mut orphans = lock(&ORPHANS);
        mine.append(&mut orphans.waiting);
        mine.retain(|pidfd| !os::reap(pidfd));
        if mine.is_empty() {
            orphans.bell = None;
            return;
        }
        drop(orphans);
        let mut all = vec![heard.as_fd()];
        all.extend(mine.iter().map(AsFd::as_fd));
        os::wait_readable(&all);
    }
}
