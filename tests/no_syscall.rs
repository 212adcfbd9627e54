//! The fast path makes no system call: it survives where every system call is deadly. Linux.
#![cfg(target_os = "linux")]

mod support;

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use mapview::{
    wait_all, wait_any, Deadline, Event, Latest, MappingOptions, Mutex, OnceInit, Reset, Semaphore,
    Shared, View, ViewAccess,
};
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
fn signal_without_system_calls() {
    if !is_child() {
        return;
    }
    let auto = Event::create(&with_suffix("auto"), Reset::Auto).unwrap();
    let manual = Event::create("", Reset::Manual).unwrap();
    let semaphore = Semaphore::create(&with_suffix("count"), 0, 9).unwrap();
    let mutex = Mutex::create("").unwrap();
    let round = || {
        auto.set().unwrap();
        auto.wait().unwrap();
        assert!(!auto.try_wait().unwrap());
        manual.set().unwrap();
        manual.wait().unwrap();
        manual.reset().unwrap();
        assert_eq!(semaphore.release(2).unwrap(), 0);
        semaphore.wait().unwrap();
        let got = wait_any(&[&auto, &manual, &semaphore], Deadline::never()).unwrap().unwrap();
        assert_eq!(got.index(), 2);
        assert!(wait_any(&[&auto, &manual, &semaphore], Deadline::now()).unwrap().is_none());
        auto.pulse().unwrap();
        drop(mutex.lock().unwrap());
    };
    without_system_calls(round, || (0..1000).for_each(|_| round()));
}

#[test]
#[ignore = "not a test: the body of a process without system calls"]
fn take_all_without_system_calls() {
    if !is_child() {
        return;
    }
    let semaphore = Semaphore::create(&with_suffix("count"), 1, 1).unwrap();
    let (event, mutex) = (Event::create("", Reset::Auto).unwrap(), Mutex::create("").unwrap());
    let round = || {
        assert!(wait_all(&[&semaphore, &event, &mutex], Deadline::now()).unwrap().is_none());
        event.set().unwrap();
        assert!(wait_all(&[&semaphore, &event, &mutex], Deadline::now()).unwrap().is_some());
        semaphore.release(1).unwrap();
        mutex.unlock().unwrap();
    };
    without_system_calls(round, || (0..1000).for_each(|_| round()));
}

#[test]
#[ignore = "not a test: the body of a process without system calls"]
fn use_typed_values_without_system_calls() {
    if !is_child() {
        return;
    }
    let value = Shared::create(&with_suffix("value"), "", || [1_u64; 100]).unwrap();
    let cell = Latest::create(&with_suffix("cell"), "", || [1_u64; 100]).unwrap();
    let once = OnceInit::create(&with_suffix("once")).unwrap();
    once.call_once(|_| ()).unwrap();
    let add = || value.lock().unwrap().sound().unwrap()[7] += 1;
    without_system_calls(add, || {
        for _ in 0..1000 {
            add();
            let version = cell.publish(&[2; 100]).unwrap();
            assert!(once.is_done() && cell.version() == version);
            assert!(cell.read().unwrap() == ([2; 100], version));
            assert!(!once.call_once(|_| ()).unwrap());
        }
    });
}

#[test]
#[ignore = "not a test: the body of a process without system calls"]
fn copy_under_guard_without_system_calls() {
    if !is_child() {
        return;
    }
    let mapping = MappingOptions::new().size(1 << 16).create().unwrap();
    let mut options = View::options();
    let view = options.access(ViewAccess::ReadWrite).guarded(true).map(&mapping).unwrap();
    let mut buffer = vec![7; 1 << 16];
    let mut round = || {
        view.copy_in(0, &buffer).unwrap();
        view.copy_out(0, &mut buffer).unwrap();
        view.fill(0, 100, 1).unwrap();
        view.write(8, &view.read::<u32>(4).unwrap()).unwrap();
        view.load::<AtomicU64>(8, Ordering::SeqCst).unwrap();
        view.atomic::<AtomicU64>(8).unwrap().fetch_add(1, Ordering::Relaxed);
    };
    round(); // the first time brings pages in
    without_system_calls(|| (), || (0..100).for_each(|_| round()));
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
fn signalling_and_taking_make_no_system_call_while_nobody_sleeps() {
    let world = World::new();
    let mut peer = world.peer();
    peer.ask("e = event auto"); // shared with another process, and still no call
    let child = world.command("signal_without_system_calls");
    assert_eq!(end_of(child), Some(0), "9: a call was made");
}

#[test]
fn taking_all_at_once_makes_no_system_call() {
    let world = World::new();
    let child = world.command("take_all_without_system_calls");
    assert_eq!(end_of(child), Some(0), "9: a call was made");
}

#[test]
fn using_typed_values_without_contention_makes_no_system_call() {
    let world = World::new();
    let command = world.command("use_typed_values_without_system_calls");
    assert_eq!(end_of(command), Some(0), "9: a call was made");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn guarded_copies_make_no_system_call() {
    let command = World::new().command("copy_under_guard_without_system_calls");
    assert_eq!(end_of(command), Some(0), "9: a call was made");
}

#[test]
fn the_trap_of_this_test_works() {
    let world = World::new();
    assert_eq!(end_of(world.command("call_something_else")), Some(libc::SIGKILL));
}

fn end_of(mut command: Command) -> Option<i32> {
    command.output().unwrap().status.code()
}
