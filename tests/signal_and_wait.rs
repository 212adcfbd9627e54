//! Signalling one object and waiting for another, in one go.

mod support;

use std::time::Duration;

use mapview::{signal_and_wait, Deadline, Mutex, Semaphore, Wait};
use support::{abandoned, auto, code, got, is_free, manual_set, World};

const AT_ONCE: Deadline = Deadline::now();

#[test]
fn signal_and_wait_signals_what_can_be_signaled() {
    let (event, count) = (auto(false), Semaphore::create("", 0, 9).unwrap());
    let (mutex, set) = (Mutex::create("").unwrap(), manual_set());
    std::mem::forget(mutex.lock().unwrap());
    let signals: [&dyn Wait; 3] = [&event, &count, &mutex];
    for signal in signals {
        assert_eq!(got(signal_and_wait(signal, &set, AT_ONCE)), (0, false));
    }
    assert!(event.try_wait().unwrap());
    assert_eq!(count.release(1).unwrap(), 1);
    assert!(is_free(&mutex));
}

#[test]
fn signal_and_wait_that_cannot_signal_does_not_wait() {
    let (set, full) = (auto(true), Semaphore::create("", 1, 1).unwrap());
    let (mutex, world) = (Mutex::create("").unwrap(), World::new());
    let mut child = world.child();
    assert_eq!(code(signal_and_wait(&mutex, &set, AT_ONCE)), 288);
    assert_eq!(code(signal_and_wait(&full, &set, AT_ONCE)), 298);
    assert_eq!(code(signal_and_wait(&child, &set, AT_ONCE)), 6);
    assert!(set.try_wait().unwrap(), "nothing was taken");
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn signal_and_wait_gives_the_signal_even_when_it_times_out() {
    let (event, count) = (auto(false), Semaphore::create("", 0, 9).unwrap());
    for deadline in [AT_ONCE, Deadline::after(Duration::from_millis(30))] {
        assert!(signal_and_wait(&count, &event, deadline).unwrap().is_none());
    }
    assert_eq!(count.release(1).unwrap(), 2, "once for each call");
}

#[test]
fn signal_and_wait_tells_that_a_mutex_was_abandoned() {
    let (event, mutex) = (auto(false), abandoned());
    assert_eq!(got(signal_and_wait(&event, &mutex, AT_ONCE)), (0, true));
    assert!(event.try_wait().unwrap());
    mutex.unlock().unwrap();
}

#[test]
fn signal_and_wait_may_name_one_object_twice() {
    let event = auto(false);
    assert_eq!(got(signal_and_wait(&event, &event, AT_ONCE)), (0, false));
    assert!(!event.try_wait().unwrap());
}

#[test]
fn two_processes_pass_a_turn_back_and_forth() {
    let world = World::new();
    let mut peers = [world.knowing_peer(), world.knowing_peer()];
    peers[0].start("rally 2000 e f");
    peers[1].ask("wait e ; rally 1999 f e ; set f");
    peers[0].answer().unwrap();
    // The same with a semaphore on one side.
    peers[0].start("rally 2000 s f");
    peers[1].ask("wait s ; rally 1999 f s ; set f");
    peers[0].answer().unwrap();
    assert_eq!(peers[0].ask("any e f s within 0"), "timeout");
}
