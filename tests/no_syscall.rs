//! The fast path makes no system call: it survives where every system call is deadly. Linux.
#![cfg(target_os = "linux")]

mod support;

use std::io::Write;
use std::os::unix::process::ExitStatusExt;

use mapview::Mutex;
use support::{is_child, with_suffix, World};

/// From here on the kernel kills this thread for any system call but read, write and exit.
fn forbid_system_calls() {
    // SAFETY: no pointers are passed.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

fn report(text: &[u8]) {
    // SAFETY: the pointer and the length are those of a slice.
    unsafe { libc::write(1, text.as_ptr().cast(), text.len()) };
}

fn end_thread() -> ! {
    // SAFETY: this thread is the only one of the process and nothing of it is used afterwards.
    unsafe { libc::syscall(libc::SYS_exit, 0) };
    unreachable!()
}

#[test]
#[ignore = "not a test: the body of a process without system calls"]
fn lock_without_system_calls() {
    if !is_child() {
        return;
    }
    let mutex = Mutex::create(&with_suffix("fast")).unwrap();
    let other = Mutex::open(&with_suffix("fast")).unwrap();
    drop(mutex.lock().unwrap()); // the first time in a thread may set things up
    std::io::stdout().flush().unwrap();
    forbid_system_calls();
    for _ in 0..1000 {
        let guard = mutex.lock().unwrap();
        drop(other.try_lock().unwrap());
        drop(guard);
    }
    report(b"\n@ok ready\n");
    end_thread();
}

#[test]
#[ignore = "not a test: the body of a process without system calls"]
fn call_something_else() {
    if !is_child() {
        return;
    }
    forbid_system_calls();
    // SAFETY: getpid has no duties; here it is deadly, which is what the test wants to see.
    unsafe { libc::syscall(libc::SYS_getpid) };
    report(b"\n@ok ready\n");
    end_thread();
}

#[test]
fn locking_and_unlocking_without_contention_makes_no_system_call() {
    let world = World::new();
    let _other_holder = {
        let mut peer = world.peer();
        peer.ask("x = mutex fast"); // shared with another process, and still no call
        peer
    };
    let output = world.command("lock_without_system_calls").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "a system call was made: {} {text}", output.status);
    assert!(text.contains("@ok ready"), "{text}");
}

#[test]
fn the_trap_of_this_test_works() {
    let output = World::new().command("call_something_else").output().unwrap();
    assert_eq!(output.status.signal(), Some(libc::SIGKILL));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("@ok ready"));
}
