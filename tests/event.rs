//! Events: setting, resetting, waiting, and who gets through.

mod support;

use std::time::{Duration, Instant};

use mapview::{Deadline, Event, EventOptions, Reset};
use support::{answered_first, code, unique, until_answered, Peer, World};

/// Peers that wait for the event of this name.
fn waiters(world: &World, count: usize, name: &str) -> Vec<Peer> {
    let mut waiters: Vec<Peer> = (0..count).map(|_| world.peer()).collect();
    for waiter in &mut waiters {
        waiter.ask(&format!("e = open_event {name}"));
        waiter.start("wait e");
        waiter.let_it_wait();
    }
    waiters
}

#[test]
fn an_auto_reset_event_lets_one_wait_through_per_signal() {
    let event = Event::create("", Reset::Auto).unwrap();
    assert!(!event.try_wait().unwrap(), "not set at first");
    event.set().unwrap();
    event.set().unwrap();
    assert!(event.try_wait().unwrap(), "it stayed set for the next");
    assert!(!event.try_wait().unwrap(), "two signals are one");
}

#[test]
fn a_manual_reset_event_stays_set_until_it_is_reset() {
    let event = Event::create("", Reset::Manual).unwrap();
    assert!(!event.try_wait().unwrap());
    event.set().unwrap();
    for _ in 0..3 {
        event.wait().unwrap();
    }
    event.reset().unwrap();
    assert!(!event.try_wait().unwrap());
}

#[test]
fn setting_and_resetting_again_is_no_error() {
    for reset in [Reset::Auto, Reset::Manual] {
        let event = Event::create("", reset).unwrap();
        event.reset().unwrap();
        event.set().unwrap();
        event.set().unwrap();
        event.reset().unwrap();
        event.reset().unwrap();
        assert!(!event.try_wait().unwrap(), "{reset:?}");
    }
}

#[test]
fn an_event_can_be_set_from_the_start() {
    let auto = EventOptions::new(Reset::Auto).initially_set(true).create().unwrap();
    assert!(auto.try_wait().unwrap() && !auto.try_wait().unwrap());
    let manual = EventOptions::new(Reset::Manual).initially_set(true).create().unwrap();
    assert!(manual.try_wait().unwrap() && manual.try_wait().unwrap());
}

#[test]
fn an_existing_event_keeps_its_kind_and_state() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    assert_eq!(a.ask("e = event stays manual set"), "created");
    assert_eq!(b.ask("e = event stays"), "existed");
    assert_eq!(b.ask("wait e within 0 ; wait e within 0"), "signaled ; signaled");

    assert_eq!(a.ask("f = event unset"), "created");
    assert_eq!(b.ask("f = event unset manual set"), "existed");
    assert_eq!(b.ask("wait f within 0"), "timeout");
    assert_eq!(b.ask("set f ; wait f within 0 ; wait f within 0"), " ; signaled ; timeout");
}

#[test]
fn a_signal_reaches_a_waiter_of_another_process() {
    let world = World::new();
    let mut setter = world.peer();
    for kind in ["auto", "manual"] {
        setter.ask(&format!("e = event {kind} {kind}"));
        let mut waiter = waiters(&world, 1, kind);
        setter.ask("set e");
        assert_eq!(waiter[0].answer().unwrap(), "signaled");
    }
}

#[test]
fn a_signal_of_an_auto_reset_event_wakes_exactly_one_waiter() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("e = event single");
    let mut waiters = waiters(&world, 3, "single");
    while !waiters.is_empty() {
        setter.ask("set e");
        let (index, answer) = answered_first(&mut waiters);
        assert_eq!(answer, "signaled");
        waiters.swap_remove(index);
    }
    // Had one signal let two through, one of the three would be left.
    assert_eq!(setter.ask("wait e within 0"), "timeout");
}

#[test]
fn a_signal_of_a_manual_reset_event_lets_every_waiter_through() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("e = event all manual");
    let mut waiters = waiters(&world, 4, "all");
    setter.ask("set e");
    for waiter in &mut waiters {
        assert_eq!(waiter.answer().unwrap(), "signaled");
    }
    assert_eq!(setter.ask("wait e within 0"), "signaled");
}

#[test]
fn a_sleeping_waiter_gets_the_signal_and_not_the_setter() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("e = event handed");
    let mut waiters = waiters(&world, 1, "handed");
    let mut tries = Vec::new();
    until_answered(&mut waiters, || tries.push(setter.ask("set e ; wait e within 0")));
    let handed = tries.iter().filter(|answer| *answer == " ; timeout").count();
    assert_eq!(handed, 1, "each signal has one taker: {tries:?}");
}

/// Linux, where a waiter can be seen to wait.
#[test]
#[cfg(target_os = "linux")]
fn two_signals_with_one_sleeper_leave_the_event_set() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("e = event twice");
    let mut waiters = waiters(&world, 1, "twice");
    assert_eq!(setter.ask("set e ; set e ; wait e within 0"), " ;  ; signaled");
    assert_eq!(waiters[0].answer().unwrap(), "signaled");
    assert_eq!(setter.ask("wait e within 0"), "timeout");
}

#[test]
fn setting_and_resetting_at_once_lets_every_sleeper_through() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("e = event brief manual");
    let mut waiters = waiters(&world, 3, "brief");
    until_answered(&mut waiters, || drop(setter.ask("set e ; reset e")));
    assert_eq!(setter.ask("wait e within 0"), "timeout");
}

#[test]
fn setting_and_resetting_at_once_lets_the_sleeper_of_an_auto_reset_event_through() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("e = event brief");
    let mut waiters = waiters(&world, 1, "brief");
    until_answered(&mut waiters, || drop(setter.ask("set e ; reset e")));
    assert_eq!(setter.ask("wait e within 0"), "timeout");
}

#[test]
fn a_pulse_lets_through_everybody_who_waits_for_a_manual_reset_event() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("e = event pulse manual");
    let mut waiters = waiters(&world, 3, "pulse");
    until_answered(&mut waiters, || drop(setter.ask("pulse e")));
    assert_eq!(setter.ask("wait e within 0"), "timeout");
}

#[test]
fn a_pulse_lets_a_waiter_for_an_auto_reset_event_through() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("e = event pulse");
    let mut waiters = waiters(&world, 1, "pulse");
    until_answered(&mut waiters, || drop(setter.ask("pulse e")));
    assert_eq!(setter.ask("wait e within 0"), "timeout");
}

/// Linux, where a waiter can be seen to wait.
#[test]
#[cfg(target_os = "linux")]
fn a_pulse_of_an_auto_reset_event_lets_exactly_one_waiter_through() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("e = event single");
    let mut waiters = waiters(&world, 2, "single");
    setter.ask("pulse e");
    let (index, _) = answered_first(&mut waiters);
    let mut other = waiters.swap_remove(1 - index);
    setter.ask("set e"); // the other takes this one, so none is left
    assert_eq!(other.answer().unwrap(), "signaled");
    assert_eq!(setter.ask("wait e within 0"), "timeout");
}

#[test]
fn a_pulse_always_leaves_the_event_not_set() {
    for reset in [Reset::Auto, Reset::Manual] {
        let event = Event::create("", reset).unwrap();
        event.pulse().unwrap();
        assert!(!event.try_wait().unwrap(), "{reset:?}, nobody waits");
        event.set().unwrap();
        event.pulse().unwrap();
        assert!(!event.try_wait().unwrap(), "{reset:?}, it was set");
    }
}

/// Linux, where a waiter can be seen to wait.
#[test]
#[cfg(target_os = "linux")]
fn waiters_for_an_event_are_served_in_the_order_they_came() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("e = event queue");
    for waiter in &mut waiters(&world, 4, "queue") {
        setter.ask("set e");
        assert_eq!(waiter.answer().unwrap(), "signaled");
    }
}

#[test]
fn a_waiter_that_dies_takes_no_signal_along() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("e = event dying");
    for mut waiter in waiters(&world, 2, "dying") {
        waiter.kill();
    }
    assert_eq!(setter.ask("set e ; wait e within 0"), " ; signaled");
    let mut other = waiters(&world, 1, "dying");
    setter.ask("set e");
    assert_eq!(other[0].answer().unwrap(), "signaled");
}

#[test]
fn a_signal_outlives_the_process_that_gave_it() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("e = event given");
    b.ask("e = open_event given");
    a.ask("set e");
    a.kill();
    assert_eq!(b.ask("wait e within 0 ; wait e within 0"), "signaled ; timeout");
}

#[test]
fn no_signal_is_lost_between_two_processes() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    for peer in [&mut a, &mut b] {
        peer.ask("ping = event ping");
        peer.ask("pong = event pong");
    }
    a.start("rally 2000 ping pong");
    b.ask("wait ping");
    b.ask("rally 1999 pong ping");
    b.ask("set pong");
    a.answer().unwrap();
    assert_eq!(b.ask("wait ping within 0 ; wait pong within 0"), "timeout ; timeout");
}

#[test]
fn waits_for_an_event_give_up_in_time() {
    let event = Event::create("", Reset::Auto).unwrap();
    let begin = Instant::now();
    assert!(!event.try_wait().unwrap());
    assert!(begin.elapsed() < Duration::from_millis(500));
    let wait = Duration::from_millis(60);
    let begin = Instant::now();
    assert!(!event.wait_timeout(wait).unwrap());
    assert!(begin.elapsed() >= wait, "{:?}", begin.elapsed());
    let deadline = Deadline::at(Instant::now() + wait);
    assert!(!event.wait_until(deadline).unwrap());
    assert!(deadline.passed());
}

#[test]
fn a_deadline_that_has_passed_still_takes_what_is_there() {
    let event = EventOptions::new(Reset::Auto).initially_set(true).create().unwrap();
    assert!(event.wait_until(Deadline::at(Instant::now())).unwrap());
    assert!(!event.try_wait().unwrap());
}

#[test]
fn the_last_handle_ends_the_name_of_an_event() {
    let name = unique("ends");
    let first = Event::create(&name, Reset::Manual).unwrap();
    let second = Event::open(&name).unwrap();
    first.set().unwrap();
    first.close().unwrap();
    assert!(second.try_wait().unwrap());
    second.close().unwrap();
    assert_eq!(code(Event::open(&name)), 2);
    let fresh = Event::create(&name, Reset::Auto).unwrap();
    assert!(fresh.was_created());
    assert!(!fresh.try_wait().unwrap(), "a new event, not set");
}

#[test]
fn a_killed_holder_keeps_no_event_alive() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("e = event killed manual set");
    b.ask("e = open_event killed");
    a.kill();
    assert_eq!(b.ask("wait e within 0"), "signaled", "the other holder keeps it");
    b.kill();
    let mut c = world.peer();
    assert_eq!(c.refused("e = open_event killed"), 2);
    assert_eq!(c.ask("e = event killed"), "created");
    assert_eq!(c.ask("wait e within 0"), "timeout");
}

#[test]
fn every_handle_is_to_the_same_event() {
    let name = unique("handles");
    let one = Event::create(&name, Reset::Auto).unwrap();
    let (two, three) = (Event::open(&name).unwrap(), one.try_clone().unwrap());
    assert_eq!((one.was_created(), two.was_created()), (true, false));
    assert_eq!(one.name(), three.name());
    two.set().unwrap();
    assert!(three.try_wait().unwrap());
    assert!(!one.try_wait().unwrap());
}

#[test]
fn threads_share_an_unnamed_event() {
    let event = Event::create("", Reset::Auto).unwrap();
    assert!(event.was_created() && event.name().is_none());
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| event.wait_timeout(Duration::from_secs(30)).unwrap());
        event.set().unwrap();
        assert!(waiter.join().unwrap());
    });
    assert!(!event.try_wait().unwrap());
}
