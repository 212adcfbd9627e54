//! Timers that processes share: who gets through, whoever set them.

mod support;

use std::time::Duration;

use mapview::Reset;
use support::World;

#[test]
fn a_waiter_of_another_process_gets_through_when_the_timer_is_due() {
    let world = World::new();
    let mut setter = world.peer();
    for kind in ["auto", "manual"] {
        setter.ask(&format!("t = timer {kind} {kind}"));
        let mut waiter = world.peer();
        waiter.ask(&format!("t = open_timer {kind}"));
        waiter.start("wait t");
        waiter.let_it_wait();
        setter.ask("plan t 20");
        assert_eq!(waiter.answer().unwrap(), "signaled");
        // Planned by one who is gone, by the wall clock, while the other waits.
        setter.ask("plan t never");
        waiter.start("wait t");
        waiter.let_it_wait();
        let mut another = world.peer();
        another.ask(&format!("t = open_timer {kind} ; plan t 20 wall"));
        another.kill();
        assert_eq!(waiter.answer().unwrap(), "signaled");
    }
}

#[test]
fn a_waiter_goes_by_the_new_plan_when_the_timer_is_set_again() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("t = timer moved ; plan t 3600000");
    let mut waiters = [world.peer(), world.peer()];
    for (waiter, how) in waiters.iter_mut().zip(["wait t", "all t"]) {
        waiter.ask("t = open_timer moved");
        waiter.start(how);
        waiter.let_it_wait();
    }
    setter.ask("plan t 1800000");
    setter.ask("cancel t");
    setter.ask("plan t 5 every=5");
    for waiter in &mut waiters {
        assert!(["signaled", "0"].contains(&&*waiter.answer().unwrap()));
    }
}

#[test]
fn each_expiry_of_an_automatic_timer_has_one_taker() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("t = timer single");
    let mut waiters: Vec<_> = (0..3).map(|_| world.peer()).collect();
    for waiter in &mut waiters {
        waiter.ask("t = open_timer single");
        waiter.start("wait t");
        waiter.let_it_wait();
    }
    while !waiters.is_empty() {
        setter.ask("plan t 5");
        let (index, answer) = support::answered_first(&mut waiters);
        assert_eq!(answer, "signaled");
        waiters.swap_remove(index);
    }
    // Had one let two through, one of the three would be left.
    assert_eq!(setter.ask("wait t within 0"), "timeout");
}

#[test]
fn a_manual_timer_lets_everybody_through_though_it_is_set_again_at_once() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("t = timer crowd manual");
    let mut waiters: Vec<_> = (0..4).map(|_| world.peer()).collect();
    for waiter in &mut waiters {
        waiter.ask("t = open_timer crowd");
        waiter.start("wait t");
        waiter.let_it_wait();
    }
    setter.ask("plan t 20 ; wait t ; plan t never");
    if cfg!(windows) {
        setter.ask("plan t 0"); // nobody saw whether they all waited by then
    }
    for waiter in &mut waiters {
        assert_eq!(waiter.answer().unwrap(), "signaled");
    }
}

#[test]
fn who_waits_gets_an_expiry_of_before_although_the_timer_is_set_again_at_once() {
    let world = World::new();
    let mut setter = world.peer();
    setter.ask("t = timer late ; u = timer until manual");
    let mut waiter = world.peer();
    waiter.ask("t = open_timer late");
    waiter.start("wait t");
    waiter.let_it_wait();
    // One of the two is let through: the waiter by the first expiry, or the setter, and then the waiter by the next.
    let taken = setter.ask("plan t 10 ; plan u 20 ; wait u ; plan t never ; wait t within 0");
    if cfg!(windows) {
        setter.ask("plan t 0"); // nobody saw whether it waited by then
    }
    assert!(taken.ends_with("timeout"), "{taken}");
    assert_eq!(waiter.answer().unwrap(), "signaled");
}

#[test]
fn every_handle_is_to_the_same_timer() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    assert_eq!(a.ask("t = timer shared manual"), "created");
    assert_eq!(b.ask("t = timer shared"), "existed", "its own kind stays");
    let raw = a.ask("raw t");
    b.ask(&format!("d = duplicate_timer {} {raw} ; plan d 0", a.pid()));
    assert_eq!(a.ask("wait t ; wait t within 0"), "signaled ; signaled");
    assert_eq!(b.refused(&format!("e = duplicate_event {} {raw}", a.pid())), 6);
    a.kill();
    assert_eq!(
        b.ask("wait t within 0 ; u = open_timer shared ; close t ; close d ; close u"),
        "signaled ; existed ;  ;  ; "
    );
    assert_eq!(b.refused("t = open_timer shared"), 2);
    world.assert_empty();
}

#[test]
fn a_timer_that_was_set_goes_on_when_its_setter_is_gone() {
    let world = World::new();
    let (mut keeper, mut setter) = (world.peer(), world.peer());
    keeper.ask("t = timer goes-on");
    setter.ask("t = open_timer goes-on ; plan t 10 every=10");
    setter.kill();
    assert_eq!(keeper.ask("wait t ; wait t ; wait t"), "signaled ; signaled ; signaled");
}

#[test]
fn a_child_inherits_a_timer() {
    let world = World::new();
    let timer = mapview::TimerOptions::new(Reset::Auto).inheritable(true).create().unwrap();
    let mut child = world.peer_with(|command| {
        mapview::CommandExt::inherit(command, "tick", &timer).unwrap();
    });
    child.ask("t = inherited_timer tick");
    child.start("wait t");
    timer.set(Duration::from_millis(5), None).unwrap();
    assert_eq!(child.answer().unwrap(), "signaled");
    assert_eq!(child.refused("e = inherited_event tick"), 13);
}
