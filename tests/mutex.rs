//! Mutexes: recursion, owners, waiting, and the death of an owner.

mod support;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mapview::{Deadline, Mutex, MutexOptions};
use support::{code, is_free, unique, World};

#[test]
fn the_owner_locks_again_and_unlocks_as_often() {
    const LEVELS: usize = 100_000;
    let mutex = Mutex::create("").unwrap();
    for _ in 0..LEVELS {
        std::mem::forget(mutex.lock().unwrap());
    }
    for _ in 1..LEVELS {
        mutex.unlock().unwrap();
    }
    assert!(!is_free(&mutex));
    mutex.unlock().unwrap();
    assert!(is_free(&mutex));
    assert_eq!(code(mutex.unlock()), 288, "once too many");
}

#[test]
fn unlocking_is_for_the_owning_thread_only() {
    let mutex = Mutex::create("").unwrap();
    assert_eq!(code(mutex.unlock()), 288, "nobody owns it");
    let guard = mutex.lock().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(code(mutex.unlock()), 288)).join().unwrap();
    });
    assert!(!is_free(&mutex));
    guard.unlock().unwrap();
    assert_eq!(code(mutex.unlock()), 288);
}

#[test]
fn unlocking_is_not_for_another_process() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("x = mutex mine owner");
    b.ask("x = open_mutex mine");
    assert_eq!(b.refused("unlock x"), 288);
    assert_eq!(b.ask("lock x within 0"), "timeout");
    a.ask("unlock x");
    assert!(b.ask("lock x within 0").starts_with("locked"));
    assert_eq!(a.refused("unlock x"), 288);
}

#[test]
fn any_handle_of_the_owner_unlocks() {
    let name = unique("handles");
    let (one, two) = (Mutex::create(&name).unwrap(), Mutex::open(&name).unwrap());
    let three = one.try_clone().unwrap();
    std::mem::forget(one.lock().unwrap());
    std::mem::forget(two.lock().unwrap());
    three.unlock().unwrap();
    assert!(!is_free(&two));
    one.close().unwrap();
    three.unlock().unwrap();
    assert!(is_free(&two));
}

#[test]
fn a_guard_unlocks_when_dropped() {
    let mutex = Mutex::create("").unwrap();
    {
        let _outer = mutex.lock().unwrap();
        drop(mutex.lock().unwrap());
        assert!(!is_free(&mutex));
    }
    assert!(is_free(&mutex));
    let guard = mutex.lock().unwrap();
    mutex.unlock().unwrap();
    assert_eq!(code(guard.unlock()), 288, "it was given back already");
}

#[test]
fn an_initial_owner_owns_it_from_the_start() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    assert_eq!(a.ask("x = mutex first owner"), "created");
    b.ask("x = open_mutex first");
    assert_eq!(b.ask("lock x within 20"), "timeout");
    a.ask("unlock x");
    assert!(b.ask("lock x").starts_with("locked"));
}

#[test]
fn initial_owner_is_ignored_when_the_mutex_exists() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("x = mutex taken");
    assert_eq!(b.ask("x = mutex taken owner"), "existed");
    assert_eq!(b.refused("unlock x"), 288);
    assert!(a.ask("lock x within 0").starts_with("locked"));
}

#[test]
fn try_lock_and_timeouts_give_up_in_time() {
    let name = unique("time");
    let mutex = Mutex::create(&name).unwrap();
    let _guard = mutex.lock().unwrap();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let begin = Instant::now();
            assert!(mutex.try_lock().unwrap().is_none());
            assert!(begin.elapsed() < Duration::from_millis(500));
            let wait = Duration::from_millis(60);
            let begin = Instant::now();
            assert!(mutex.lock_timeout(wait).unwrap().is_none());
            assert!(begin.elapsed() >= wait, "{:?}", begin.elapsed());
            let deadline = Deadline::at(Instant::now() + wait);
            assert!(mutex.lock_until(deadline).unwrap().is_none());
            assert!(deadline.passed());
        });
        waiter.join().unwrap();
    });
}

#[test]
fn a_waiter_gets_the_lock_when_it_is_unlocked() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("x = mutex wait owner");
    b.ask("x = mutex wait");
    b.start("lock x");
    a.ask("unlock x");
    assert!(b.answer().unwrap().starts_with("locked"));
    assert_eq!(a.ask("lock x within 0"), "timeout");
}

#[test]
fn nothing_is_lost_under_the_lock_of_several_processes() {
    let world = World::new();
    let mut peers: Vec<_> = (0..4).map(|_| world.peer()).collect();
    for peer in &mut peers {
        peer.ask("m = create counter 4096");
        peer.ask("v = view m rw");
        peer.ask("x = mutex counter-lock");
    }
    for peer in &mut peers {
        peer.start("count x v 5000");
    }
    for peer in &mut peers {
        peer.answer().unwrap();
    }
    assert_eq!(peers[0].ask("add v 0 0"), "20000");
}

#[test]
fn a_thread_that_ends_abandons_what_it_owns() {
    let mutex = Mutex::create("").unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| std::mem::forget((mutex.lock().unwrap(), mutex.lock().unwrap())));
    });
    let guard = mutex.lock().unwrap();
    assert!(guard.abandoned());
    guard.unlock().unwrap();
    assert_eq!(code(mutex.unlock()), 288, "the count of the dead owner does not matter");
    assert!(!mutex.lock().unwrap().abandoned(), "told once");
}

#[test]
fn a_thread_of_another_process_that_ends_abandons_what_it_owns() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("x = mutex thread");
    b.ask("x = mutex thread");
    a.ask("lock_in_thread x");
    assert!(b.ask("lock x").starts_with("abandoned"));
    assert_eq!(a.ask("lock x within 0"), "timeout");
    b.ask("unlock x");
    assert!(a.ask("lock x within 0").starts_with("locked"));
}

#[test]
fn a_process_that_ends_abandons_what_it_owns() {
    for ending in ["exit", "kill"] {
        let world = World::new();
        let (mut a, mut b, mut c) = (world.peer(), world.peer(), world.peer());
        for peer in [&mut a, &mut b, &mut c] {
            peer.ask("x = mutex process");
        }
        for _ in 0..3 {
            a.ask("lock x");
        }
        b.start("lock x"); // waits already when it happens, or comes just after: the same news
        if ending == "exit" {
            a.exit();
        } else {
            a.kill();
        }
        assert!(b.answer().unwrap().starts_with("abandoned"), "{ending}");
        b.ask("unlock x");
        assert!(c.ask("lock x").starts_with("locked"), "told once");
    }
}

#[test]
fn every_mutex_of_a_dead_owner_is_abandoned() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    for number in 0..50 {
        b.ask(&format!("x{number} = mutex many{number}"));
        a.ask(&format!("x{number} = mutex many{number}"));
        a.ask(&format!("lock x{number}"));
    }
    a.ask("unlock x7");
    a.kill();
    for number in 0..50 {
        let want = if number == 7 { "locked" } else { "abandoned" };
        assert!(b.ask(&format!("lock x{number}")).starts_with(want), "{number}");
    }
}

#[test]
fn the_owner_that_closed_its_handle_is_still_the_owner() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    b.ask("x = mutex handleless");
    a.ask("x = mutex handleless");
    a.ask("lock x");
    a.ask("close x");
    assert_eq!(b.ask("lock x within 0"), "timeout");
    a.ask("x = open_mutex handleless");
    a.ask("unlock x");
    a.ask("lock x");
    a.ask("close x");
    a.kill();
    assert!(b.ask("lock x").starts_with("abandoned"));
}

#[test]
fn an_abandoned_mutex_whose_handles_are_gone_is_gone() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("x = mutex gone owner");
    a.kill();
    assert_eq!(b.ask("x = mutex gone"), "created");
    assert!(b.ask("lock x within 0").starts_with("locked"));
}

/// The promise is a millisecond; the bound leaves room for a busy machine, the printed figure does not.
#[test]
fn a_dead_owner_is_news_at_once() {
    let world = World::new();
    let mut waiter = world.peer();
    waiter.ask("x = mutex news");
    let mut delays: Vec<Duration> = Vec::new();
    for _ in 0..20 {
        let mut owner = world.peer();
        owner.ask("x = mutex news");
        owner.ask("lock x");
        waiter.start("lock x");
        if cfg!(target_os = "linux") {
            waiter.wait_until_it_waits();
        }
        let killed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        owner.kill();
        let answer = waiter.answer().unwrap();
        let (how, when) = answer.split_once(' ').unwrap();
        assert_eq!(how, "abandoned");
        delays.push(Duration::from_nanos(when.parse().unwrap()).saturating_sub(killed));
        waiter.ask("unlock x");
    }
    delays.sort();
    let (median, worst) = (delays[10], delays[19]);
    println!("a waiter heard of the dead owner after {median:?} (median), {worst:?} (worst)");
    let bound = Duration::from_millis(if cfg!(windows) { 500 } else { 5 });
    assert!(median < bound, "{delays:?}");
}

/// Linux, where a waiter can be seen to wait.
#[test]
#[cfg(target_os = "linux")]
fn the_releaser_does_not_get_in_before_a_waiter() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("x = mutex fair");
    b.ask("x = mutex fair");
    for round in 0..20 {
        a.ask("lock x");
        b.start("lock x");
        b.wait_until_it_waits();
        assert_eq!(a.ask("relock x"), "timeout", "round {round}");
        assert!(b.answer().unwrap().starts_with("locked"));
        b.ask("unlock x");
    }
}

/// Linux, where a waiter can be seen to wait.
#[test]
#[cfg(target_os = "linux")]
fn waiters_are_served_in_the_order_they_came() {
    let world = World::new();
    let mut owner = world.peer();
    let mut waiters: Vec<_> = (0..4).map(|_| world.peer()).collect();
    owner.ask("x = mutex queue owner");
    for waiter in &mut waiters {
        waiter.ask("x = mutex queue");
        waiter.start("lock x");
        waiter.wait_until_it_waits();
    }
    owner.ask("unlock x");
    for waiter in &mut waiters {
        assert!(waiter.answer().unwrap().starts_with("locked"));
        waiter.ask("unlock x");
    }
}

#[test]
fn a_waiter_that_dies_does_not_take_the_lock_along() {
    let world = World::new();
    let (mut a, mut b, mut c) = (world.peer(), world.peer(), world.peer());
    for peer in [&mut a, &mut b, &mut c] {
        peer.ask("x = mutex dying");
    }
    a.ask("lock x");
    b.start("lock x");
    c.start("lock x");
    if cfg!(target_os = "linux") {
        b.wait_until_it_waits();
        c.wait_until_it_waits();
    }
    b.kill();
    a.ask("unlock x");
    assert!(c.answer().unwrap().starts_with("locked"), "not abandoned: the waiter never owned it");
}

#[test]
fn unnamed_mutexes_work_between_threads() {
    let mutex = MutexOptions::new().initial_owner(true).create().unwrap();
    assert!(mutex.was_created() && mutex.name().is_none());
    assert!(!is_free(&mutex));
    mutex.unlock().unwrap();
    assert!(is_free(&mutex));
}
