//! Processes of other users.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::support::{Peer, World};

pub const NOBODY: u32 = 65534;

/// A world that every user can enter, as `/dev/shm` is; `None` where this process cannot become another user.
pub fn open_world() -> Option<World> {
    // SAFETY: geteuid has no duties.
    if unsafe { libc::geteuid() } != 0 {
        eprintln!("skipped: only root can start processes of other users");
        return None;
    }
    let world = World::new();
    fs::set_permissions(world.directory(), Permissions::from_mode(0o1777)).unwrap();
    // The build directory may be closed to others, so they run a copy. Made by another process: were the copy open for
    // writing here, a process that a parallel test forks meanwhile would keep it so, and nobody could run it.
    let exe = std::env::current_exe().unwrap();
    let copied = Command::new("cp").arg(exe).arg(world.directory().join("test")).status().unwrap();
    assert!(copied.success());
    Some(world)
}

/// A process of a user that gives commands the meaning of a hidden test.
pub fn user_of(hidden_test: &str, world: &World, uid: u32, gid: u32) -> Peer {
    let mut command = Command::new(world.directory().join("test"));
    world.prepare(&mut command, hidden_test);
    command.uid(uid).gid(gid).current_dir("/");
    Peer::spawn(command)
}
