//! fork without exec: the child holds what its parent held, and owns no lock of it. Linux.
#![cfg(target_os = "linux")]

mod support;

use std::io::{Read, Write};

use mapview::{Mapping, Mutex};
use support::{is_child, with_suffix, Peer, World};

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n@{text}").and_then(|()| out.flush()).unwrap();
}

/// Ends at once, in a child that must not run what its parent registered for the end.
fn leave() -> ! {
    // SAFETY: _exit has no duties.
    unsafe { libc::_exit(0) }
}

fn fork() -> bool {
    // SAFETY: the one other thread, the test harness, only waits, so it leaves nothing half-done to the child.
    match unsafe { libc::fork() } {
        -1 => panic!("fork: {}", std::io::Error::last_os_error()),
        pid => pid == 0,
    }
}

/// Waits until the test closes the pipe.
fn wait_for_the_end() {
    let mut rest = Vec::new();
    std::io::stdin().lock().read_to_end(&mut rest).unwrap();
}

#[test]
#[ignore = "not a test: the body of a process that forks"]
fn forker_that_exits() {
    if !is_child() {
        return;
    }
    let mapping = Mapping::create(&with_suffix("forked"), 4096).unwrap();
    let mutex = Mutex::create(&with_suffix("forked-lock")).unwrap();
    let view = mapping.view().unwrap();
    view.copy_in(0, b"parent").unwrap();
    let _guard = mutex.lock().unwrap();
    if !fork() {
        leave(); // the parent: ends with the lock held and the handles open
    }
    say("ok ready");
    assert!(mutex.lock().unwrap().abandoned(), "the owner was the parent, not the child");
    assert_eq!(view.to_vec(0, 6).unwrap(), b"parent");
    view.copy_in(0, b"child!").unwrap();
    say("ok changed");
    wait_for_the_end();
    leave();
}

#[test]
fn the_child_keeps_the_objects_of_a_parent_that_ends() {
    let world = World::new();
    let mut forked = Peer::spawn(world.command("forker_that_exits"));
    assert_eq!(forked.answer().unwrap(), "changed");
    let mut other = world.peer();
    assert_eq!(other.ask("m = open forked"), "existed 4096");
    other.ask("v = view m");
    assert_eq!(other.ask("read v 0 6"), "child!");
    assert_eq!(other.ask("x = mutex forked-lock"), "existed");
    other.ask("close m");
    other.ask("close x");
    forked.hang_up();
    assert_eq!(other.refused("m = open forked"), 2);
    other.exit();
    world.assert_empty();
}

#[test]
#[ignore = "not a test: the body of a process that forks"]
fn forker_that_stays() {
    if !is_child() {
        return;
    }
    let mapping = Mapping::create(&with_suffix("stays"), 4096).unwrap();
    let mutex = Mutex::create(&with_suffix("stays-lock")).unwrap();
    let view = mapping.view().unwrap();
    let _guard = mutex.lock().unwrap();
    if fork() {
        // The child: its thread is another one, whatever the parent has remembered about itself.
        assert!(mutex.try_lock().unwrap().is_none());
        assert_eq!(mutex.unlock().unwrap_err().win32_code(), 288);
        let second = Mapping::open(&with_suffix("stays")).unwrap();
        second.view().unwrap().copy_in(0, b"child").unwrap();
        drop((second, view, mapping));
        leave();
    }
    let mut status = 0;
    // SAFETY: `status` is valid for the call.
    unsafe { libc::wait(&mut status) };
    assert_eq!(status, 0, "the child failed");
    assert_eq!(view.to_vec(0, 5).unwrap(), b"child");
    // What the child closed was the child's.
    assert!(Mapping::open(&with_suffix("stays")).is_ok());
    assert!(!mutex.lock().unwrap().abandoned());
    say("ok ready");
    wait_for_the_end();
    leave();
}

#[test]
fn the_parent_keeps_its_objects_and_locks_when_a_child_ends() {
    let world = World::new();
    let mut forked = Peer::spawn(world.command("forker_that_stays"));
    let mut other = world.peer();
    assert_eq!(other.ask("m = open stays"), "existed 4096");
    other.ask("x = open_mutex stays-lock");
    assert_eq!(other.ask("lock x within 0"), "timeout");
    forked.hang_up();
    assert!(other.ask("lock x").starts_with("abandoned"));
    other.exit();
    world.assert_empty();
}
