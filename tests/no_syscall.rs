//! The fast path makes no system call: it survives where every system call is deadly. Linux.
#![cfg(target_os = "linux")]

mod support;

use std::process::Command;

use mapview::Mutex;
use support::{is_child, with_suffix, World};

/// Runs `body` in a forked process whose only thread the kernel kills for any system call but read, write and exit;
/// then ends this process with 0 if the other came to its end, and with its signal if it was killed.
fn without_system_calls(prepare: impl FnOnce(), body: impl FnOnce()) -> ! {
    // SAFETY: the one other thread, the test harness, only waits, so it leaves nothing half-done to the child.
    let child = unsafe { libc::fork() };
    if child == 0 {
        prepare();
        // SAFETY: no pointers are passed.
        let forbidden = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) };
        body();
        // SAFETY: this thread is the only one of the process, and the call (not `_exit`, which is forbidden) ends it.
        unsafe { libc::syscall(libc::SYS_exit, forbidden) };
    }
    assert!(child > 0, "{}", std::io::Error::last_os_error());
    let mut status = 0;
    // SAFETY: `status` is valid for the call.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    let signal = if libc::WIFSIGNALED(status) { libc::WTERMSIG(status) } else { 0 };
    std::process::exit(signal + libc::WEXITSTATUS(status));
}

#[test]
#[ignore = "not a test: the body of a process without system calls"]
fn lock_without_system_calls() {
    if !is_child() {
        return;
    }
    let mutex = Mutex::create(&with_suffix("fast")).unwrap();
    let other = Mutex::open(&with_suffix("fast")).unwrap();
    without_system_calls(
        || drop(mutex.lock().unwrap()), // the first time in a thread may set things up
        || {
            for _ in 0..1000 {
                let guard = mutex.lock().unwrap();
                drop(other.try_lock().unwrap().unwrap());
                drop(guard);
            }
        },
    );
}

#[test]
#[ignore = "not a test: the body of a process without system calls"]
fn call_something_else() {
    if is_child() {
        // SAFETY: getpid has no duties; here it is deadly, which is what the test wants to see.
        without_system_calls(|| (), || assert!(unsafe { libc::syscall(libc::SYS_getpid) } > 0));
    }
}

#[test]
fn locking_and_unlocking_without_contention_makes_no_system_call() {
    let world = World::new();
    let _other_holder = {
        let mut peer = world.peer();
        peer.ask("x = mutex fast"); // shared with another process, and still no call
        peer
    };
    assert_eq!(end_of(world.command("lock_without_system_calls")), Some(0), "9: a call was made");
}

#[test]
fn the_trap_of_this_test_works() {
    let world = World::new();
    assert_eq!(end_of(world.command("call_something_else")), Some(libc::SIGKILL));
}

fn end_of(mut command: Command) -> Option<i32> {
    command.output().unwrap().status.code()
}
