//! Semaphores: counting, releasing, waiting, and who gets through.

mod support;

use std::time::{Duration, Instant};

use mapview::{Deadline, Semaphore, SemaphoreOptions};
use support::{answered_first, code, unique, Peer, World};

const MOST: u32 = i32::MAX as u32;

/// Peers that wait for the semaphore of this name.
fn waiters(world: &World, count: usize, name: &str) -> Vec<Peer> {
    let mut waiters: Vec<Peer> = (0..count).map(|_| world.peer()).collect();
    for waiter in &mut waiters {
        waiter.ask(&format!("s = open_semaphore {name}"));
        waiter.start("wait s");
        waiter.let_it_wait();
    }
    waiters
}

/// Takes everything that can be taken, and says how much it was.
fn drain(semaphore: &Semaphore) -> u32 {
    (0..).find(|_| !semaphore.try_wait().unwrap()).unwrap()
}

#[test]
fn numbers_out_of_range_are_refused() {
    for (initial, maximum) in [(0, 0), (1, 0), (2, 1), (0, MOST + 1), (u32::MAX, u32::MAX)] {
        assert_eq!(code(Semaphore::create("", initial, maximum)), 87, "{initial} of {maximum}");
    }
    assert_eq!(drain(&Semaphore::create("", 3, 3).unwrap()), 3);
    assert_eq!(drain(&Semaphore::create("", 0, 1).unwrap()), 0);
}

#[test]
fn numbers_out_of_range_are_refused_even_when_the_name_exists() {
    let name = unique("validated");
    let _semaphore = Semaphore::create(&name, 1, 2).unwrap();
    for (initial, maximum) in [(0, 0), (2, 1), (0, MOST + 1)] {
        assert_eq!(code(Semaphore::create(&name, initial, maximum)), 87);
        assert_eq!(code(SemaphoreOptions::new(initial, maximum).name(&name).create_new()), 87);
    }
}

#[test]
fn an_existing_semaphore_keeps_its_numbers() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    assert_eq!(a.ask("s = semaphore stays 1 2"), "created");
    assert_eq!(b.ask("s = semaphore stays 70 90"), "existed");
    assert_eq!(b.ask("release s 1"), "1");
    assert_eq!(b.refused("release s 1"), 298);
    assert_eq!(b.ask("s = open_semaphore stays"), "existed");
    assert_eq!(b.ask("wait s ; wait s ; wait s within 0"), "signaled ; signaled ; timeout");
}

#[test]
fn each_wait_takes_one() {
    let semaphore = Semaphore::create("", 2, 5).unwrap();
    semaphore.wait().unwrap();
    assert_eq!(semaphore.release(1).unwrap(), 1, "two, and one was taken");
    assert!(semaphore.try_wait().unwrap() && semaphore.try_wait().unwrap());
    assert!(!semaphore.try_wait().unwrap());
}

#[test]
fn releasing_returns_the_count_before() {
    let semaphore = Semaphore::create("", 0, 10).unwrap();
    assert_eq!(semaphore.release(3).unwrap(), 0);
    assert_eq!(semaphore.release(4).unwrap(), 3);
    assert_eq!(semaphore.release(3).unwrap(), 7);
    assert_eq!(drain(&semaphore), 10);
}

#[test]
fn releasing_beyond_the_maximum_is_refused_and_changes_nothing() {
    let semaphore = Semaphore::create("", 2, 3).unwrap();
    assert_eq!(code(semaphore.release(2)), 298);
    assert_eq!(code(semaphore.release(MOST)), 298);
    assert_eq!(semaphore.release(1).unwrap(), 2);
    assert_eq!(code(semaphore.release(1)), 298);
    assert_eq!(drain(&semaphore), 3);
}

#[test]
fn releasing_nothing_or_a_negative_number_is_refused() {
    let semaphore = Semaphore::create("", 0, MOST).unwrap();
    for count in [0, MOST + 1, u32::MAX] {
        assert_eq!(code(semaphore.release(count)), 87, "{count}");
    }
    assert_eq!(drain(&semaphore), 0);
}

#[test]
fn a_semaphore_counts_up_to_the_largest_number() {
    let full = Semaphore::create("", MOST, MOST).unwrap();
    assert_eq!(code(full.release(1)), 298);
    assert_eq!(code(full.release(MOST)), 298);
    full.wait().unwrap();
    assert_eq!(full.release(1).unwrap(), MOST - 1);
    let empty = Semaphore::create("", 0, MOST).unwrap();
    assert_eq!(empty.release(MOST).unwrap(), 0);
    assert_eq!(code(empty.release(1)), 298);
    assert!(empty.try_wait().unwrap());
}

#[test]
fn releasing_several_lets_as_many_waiters_through() {
    let world = World::new();
    let mut releaser = world.peer();
    releaser.ask("s = semaphore several 0 9");
    let mut waiters = waiters(&world, 3, "several");
    assert_eq!(releaser.ask("release s 2"), "0");
    for _ in 0..2 {
        let (index, answer) = answered_first(&mut waiters);
        assert_eq!(answer, "signaled");
        waiters.swap_remove(index);
    }
    assert_eq!(releaser.ask("wait s within 0"), "timeout");
    // Had the two let three through, nobody would take this one.
    assert_eq!(releaser.ask("release s 1"), "0");
    assert_eq!(waiters[0].answer().unwrap(), "signaled");
    assert_eq!(releaser.ask("wait s within 0"), "timeout");
}

#[test]
fn what_sleepers_do_not_take_stays() {
    let world = World::new();
    let mut releaser = world.peer();
    releaser.ask("s = semaphore rest 0 9");
    let mut waiters = waiters(&world, 1, "rest");
    let line = "release s 3 ; wait s within 0 ; wait s within 0";
    assert_eq!(releaser.ask(line), "0 ; signaled ; signaled");
    assert_eq!(waiters[0].answer().unwrap(), "signaled");
    assert_eq!(releaser.ask("wait s within 0"), "timeout");
}

/// Linux, where a waiter can be seen to wait.
#[test]
#[cfg(target_os = "linux")]
fn sleepers_get_what_is_released_and_not_the_releaser() {
    let world = World::new();
    let mut releaser = world.peer();
    releaser.ask("s = semaphore handed 0 9");
    let mut waiters = waiters(&world, 2, "handed");
    let line = "release s 3 ; release s 1 ; wait s within 0 ; wait s within 0 ; wait s within 0";
    assert_eq!(releaser.ask(line), "0 ; 1 ; signaled ; signaled ; timeout");
    for waiter in &mut waiters {
        assert_eq!(waiter.answer().unwrap(), "signaled");
    }
}

#[test]
fn the_maximum_counts_even_when_sleepers_would_take_the_rest() {
    let world = World::new();
    let mut releaser = world.peer();
    releaser.ask("s = semaphore tight 0 1");
    let mut waiters = waiters(&world, 2, "tight");
    assert_eq!(releaser.refused("release s 2"), 298);
    for _ in 0..2 {
        assert_eq!(releaser.ask("release s 1"), "0");
        let (index, answer) = answered_first(&mut waiters);
        assert_eq!(answer, "signaled");
        waiters.swap_remove(index);
    }
    assert_eq!(releaser.ask("wait s within 0"), "timeout");
}

/// Linux, where a waiter can be seen to wait.
#[test]
#[cfg(target_os = "linux")]
fn waiters_for_a_semaphore_are_served_in_the_order_they_came() {
    let world = World::new();
    let mut releaser = world.peer();
    releaser.ask("s = semaphore queue 0 9");
    for waiter in &mut waiters(&world, 4, "queue") {
        releaser.ask("release s 1");
        assert_eq!(waiter.answer().unwrap(), "signaled");
    }
}

#[test]
fn a_waiter_that_dies_takes_nothing_of_the_count_along() {
    let world = World::new();
    let mut releaser = world.peer();
    releaser.ask("s = semaphore dying 0 2");
    for mut waiter in waiters(&world, 2, "dying") {
        waiter.kill();
    }
    assert_eq!(releaser.ask("release s 2"), "0");
    assert_eq!(releaser.ask("wait s ; wait s ; wait s within 0"), "signaled ; signaled ; timeout");
    let mut other = waiters(&world, 1, "dying");
    releaser.ask("release s 1");
    assert_eq!(other[0].answer().unwrap(), "signaled");
}

#[test]
fn a_process_that_dies_gives_nothing_back() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("s = semaphore kept 1 1");
    b.ask("s = open_semaphore kept");
    a.ask("wait s");
    a.kill();
    assert_eq!(b.ask("wait s within 0"), "timeout");
    assert_eq!(b.ask("release s 1"), "0");
    assert_eq!(b.ask("wait s within 0"), "signaled");
}

#[test]
fn never_more_processes_get_in_than_the_count() {
    let world = World::new();
    let mut peers: Vec<Peer> = (0..4).map(|_| world.peer()).collect();
    for peer in &mut peers {
        peer.ask("m = create crowd 4096");
        peer.ask("v = view m rw");
        peer.ask("s = semaphore crowd-door 2 2");
    }
    for peer in &mut peers {
        peer.start("crowd v 3000 s");
    }
    for peer in &mut peers {
        let most: u32 = peer.answer().unwrap().parse().unwrap();
        assert!((1..=2).contains(&most), "{most} were inside");
    }
    assert_eq!(peers[0].ask("wait s ; wait s ; wait s within 0"), "signaled ; signaled ; timeout");
}

#[test]
fn waits_for_a_semaphore_give_up_in_time() {
    let semaphore = Semaphore::create("", 0, 1).unwrap();
    let begin = Instant::now();
    assert!(!semaphore.try_wait().unwrap());
    assert!(begin.elapsed() < Duration::from_millis(500));
    let wait = Duration::from_millis(60);
    let begin = Instant::now();
    assert!(!semaphore.wait_timeout(wait).unwrap());
    assert!(begin.elapsed() >= wait, "{:?}", begin.elapsed());
    let deadline = Deadline::at(Instant::now() + wait);
    assert!(!semaphore.wait_until(deadline).unwrap());
    assert!(deadline.passed());
    assert_eq!(semaphore.release(1).unwrap(), 0, "waiting in vain took nothing");
    assert!(semaphore.wait_until(deadline).unwrap(), "a passed deadline still takes what is there");
}

#[test]
fn the_last_handle_ends_the_name_of_a_semaphore() {
    let name = unique("ends");
    let first = Semaphore::create(&name, 5, 5).unwrap();
    let second = Semaphore::open(&name).unwrap();
    first.close().unwrap();
    assert_eq!(drain(&second), 5);
    second.close().unwrap();
    assert_eq!(code(Semaphore::open(&name)), 2);
    let fresh = Semaphore::create(&name, 1, 2).unwrap();
    assert!(fresh.was_created());
    assert_eq!(drain(&fresh), 1);
    assert_eq!(fresh.release(2).unwrap(), 0);
    assert_eq!(code(fresh.release(1)), 298, "the numbers are new, too");
}

#[test]
fn a_killed_holder_keeps_no_semaphore_alive() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("s = semaphore killed 1 1");
    b.ask("s = open_semaphore killed");
    a.kill();
    assert_eq!(b.ask("wait s within 0"), "signaled", "the other holder keeps it");
    b.kill();
    let mut c = world.peer();
    assert_eq!(c.refused("s = open_semaphore killed"), 2);
    assert_eq!(c.ask("s = semaphore killed 1 1"), "created");
    assert_eq!(c.ask("wait s within 0"), "signaled");
}

#[test]
fn every_handle_is_to_the_same_semaphore() {
    let name = unique("handles");
    let one = Semaphore::create(&name, 0, 3).unwrap();
    let (two, three) = (Semaphore::open(&name).unwrap(), one.try_clone().unwrap());
    assert_eq!((one.was_created(), two.was_created()), (true, false));
    assert_eq!(one.name(), three.name());
    assert_eq!(two.release(2).unwrap(), 0);
    assert!(three.try_wait().unwrap());
    assert_eq!(drain(&one), 1);
}

#[test]
fn threads_share_an_unnamed_semaphore() {
    let semaphore = Semaphore::create("", 0, 100).unwrap();
    assert!(semaphore.was_created() && semaphore.name().is_none());
    let patience = Duration::from_secs(30);
    std::thread::scope(|scope| {
        let takers: Vec<_> =
            (0..4).map(|_| scope.spawn(|| semaphore.wait_timeout(patience).unwrap())).collect();
        assert_eq!(semaphore.release(1).unwrap(), 0);
        semaphore.release(3).unwrap();
        assert!(takers.into_iter().all(|taker| taker.join().unwrap()));
    });
    assert_eq!(drain(&semaphore), 0);
}
