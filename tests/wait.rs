//! Waiting for any or all of several objects.

mod support;

use std::time::{Duration, Instant};

use mapview::{
    signal_and_wait, wait_all, wait_any, Deadline, Event, Mutex, Reset, Semaphore, Wait,
};
use support::{
    abandoned, answered_first, auto, code, got, is_free, manual_set, unique, until_answered, Peer,
    World,
};

const AT_ONCE: Deadline = Deadline::now();

/// One knowing peer per line, which does the line.
fn waiting(world: &World, lines: &[&str]) -> Vec<Peer> {
    let mut peers: Vec<Peer> = lines.iter().map(|_| world.knowing_peer()).collect();
    for (peer, line) in peers.iter_mut().zip(lines) {
        peer.start(line);
        peer.let_it_wait();
    }
    peers
}

#[test]
fn wait_any_takes_the_first_signaled_object_and_only_that() {
    let (unset, count, set) = (auto(false), Semaphore::create("", 2, 9).unwrap(), auto(true));
    assert_eq!(got(wait_any(&[&unset, &count, &set], AT_ONCE)), (1, false));
    assert_eq!(count.release(1).unwrap(), 1, "one was taken");
    assert!(set.try_wait().unwrap(), "the one behind was not");
    assert_eq!(got(wait_any(&[&set, &unset, &count], AT_ONCE)), (2, false));
    assert!(wait_any(&[&set, &unset], AT_ONCE).unwrap().is_none());
}

#[test]
fn waiting_for_no_object_or_too_many_is_refused() {
    let set = manual_set();
    assert_eq!(code(wait_any(&[], AT_ONCE)), 87);
    assert_eq!(code(wait_all(&[], AT_ONCE)), 87);
    let many: Vec<&dyn Wait> = (0..65).map(|_| &set as &dyn Wait).collect();
    assert_eq!(code(wait_any(&many, AT_ONCE)), 87);
    assert_eq!(code(wait_all(&many, AT_ONCE)), 87);
}

#[test]
fn sixty_four_objects_can_be_waited_for() {
    let events: Vec<Event> = (0..64).map(|_| auto(false)).collect();
    let all: Vec<&dyn Wait> = events.iter().map(|event| event as &dyn Wait).collect();
    assert!(wait_any(&all, AT_ONCE).unwrap().is_none());
    events[63].set().unwrap();
    assert_eq!(got(wait_any(&all, AT_ONCE)), (63, false));
    events[1..].iter().for_each(|event| event.set().unwrap());
    assert!(wait_all(&all, AT_ONCE).unwrap().is_none());
    events[0].set().unwrap();
    assert_eq!(got(wait_all(&all, AT_ONCE)), (0, false));
    assert!(wait_any(&all, AT_ONCE).unwrap().is_none(), "all were taken");
}

#[test]
fn wait_any_accepts_the_same_object_twice() {
    let (unset, set) = (auto(false), auto(true));
    assert_eq!(got(wait_any(&[&unset, &unset, &set, &set], AT_ONCE)), (2, false));
    assert!(wait_any(&[&set, &set], AT_ONCE).unwrap().is_none());
}

#[test]
fn wait_all_refuses_the_same_object_twice() {
    let (name, other) = (unique("twice"), auto(true));
    let one = Semaphore::create(&name, 5, 9).unwrap();
    let (opened, cloned) = (Semaphore::open(&name).unwrap(), one.try_clone().unwrap());
    for again in [&one, &opened, &cloned] {
        assert_eq!(code(wait_all(&[&one, &other, again], AT_ONCE)), 87);
    }
    assert!(other.try_wait().unwrap(), "nothing was taken");
    assert_eq!(one.release(1).unwrap(), 5);
}

#[test]
fn wait_any_tells_that_a_mutex_was_abandoned() {
    let (unset, mutex) = (auto(false), abandoned());
    assert_eq!(got(wait_any(&[&unset, &mutex], AT_ONCE)), (1, true));
    assert!(!is_free(&mutex), "it is ours now");
    mutex.unlock().unwrap();
    assert_eq!(got(wait_any(&[&unset, &mutex], AT_ONCE)), (1, false), "told once");
    mutex.unlock().unwrap();
}

#[test]
fn an_object_before_an_abandoned_mutex_comes_first() {
    let (set, mutex) = (auto(true), abandoned());
    assert_eq!(got(wait_any(&[&set, &mutex], AT_ONCE)), (0, false));
    assert!(mutex.lock().unwrap().abandoned(), "the news was left for who takes it");
}

#[test]
fn wait_any_locks_an_owned_mutex_again() {
    let mutex = Mutex::create("").unwrap();
    std::mem::forget(mutex.lock().unwrap());
    assert_eq!(got(wait_any(&[&auto(false), &mutex], AT_ONCE)), (1, false));
    mutex.unlock().unwrap();
    assert!(!is_free(&mutex));
    mutex.unlock().unwrap();
    assert!(is_free(&mutex));
}

#[test]
fn wait_all_takes_everything() {
    let (mutex, set, count) =
        (Mutex::create("").unwrap(), auto(true), Semaphore::create("", 2, 9).unwrap());
    assert_eq!(got(wait_all(&[&mutex, &set, &count], AT_ONCE)), (0, false));
    assert!(!is_free(&mutex));
    assert!(!set.try_wait().unwrap());
    assert_eq!(count.release(1).unwrap(), 1);
    mutex.unlock().unwrap();
}

#[test]
fn wait_all_that_times_out_leaves_everything_untouched() {
    let (mutex, set, count) = (abandoned(), auto(true), Semaphore::create("", 2, 9).unwrap());
    let unset = auto(false);
    for deadline in [AT_ONCE, Deadline::after(Duration::from_millis(30))] {
        assert!(wait_all(&[&set, &mutex, &unset, &count], deadline).unwrap().is_none());
        assert_eq!(code(mutex.unlock()), 288, "not ours");
    }
    assert!(set.try_wait().unwrap());
    assert_eq!(count.release(1).unwrap(), 2);
    assert!(mutex.lock().unwrap().abandoned(), "the news is still there");
}

#[test]
fn wait_all_tells_that_a_mutex_was_abandoned() {
    let (set, mutex, other) = (manual_set(), abandoned(), auto(true));
    assert_eq!(got(wait_all(&[&set, &other, &mutex], AT_ONCE)), (0, true), "index 0 all the same");
    mutex.unlock().unwrap();
    assert_eq!(got(wait_all(&[&set, &mutex], AT_ONCE)), (0, false), "told once");
    mutex.unlock().unwrap();
    assert!(is_free(&mutex));
}

#[test]
fn wait_all_locks_an_owned_mutex_again() {
    let (mutex, set) = (Mutex::create("").unwrap(), auto(true));
    std::mem::forget(mutex.lock().unwrap());
    assert_eq!(got(wait_all(&[&mutex, &set], AT_ONCE)), (0, false));
    mutex.unlock().unwrap();
    assert!(!is_free(&mutex));
    mutex.unlock().unwrap();
    assert!(is_free(&mutex));
}

#[test]
fn a_waiter_for_any_wakes_for_each_of_them() {
    let world = World::new();
    let mut signaler = world.knowing_peer();
    for (line, index) in [("set e", "0"), ("release s 1", "1"), ("unlock m", "2"), ("set f", "3")] {
        signaler.ask("lock m");
        let mut waiter = waiting(&world, &["any e s m f"]);
        signaler.ask(line);
        assert_eq!(waiter[0].answer().unwrap(), index, "{line}");
        waiter[0].ask("clear");
        signaler.ask("clear");
        signaler = world.knowing_peer();
    }
}

#[test]
fn a_waiter_for_any_hears_of_a_dead_owner() {
    let world = World::new();
    let mut owner = world.knowing_peer();
    owner.ask("lock m");
    let mut waiter = waiting(&world, &["any e m"]);
    owner.kill();
    assert_eq!(waiter[0].answer().unwrap(), "1 abandoned");
}

#[test]
fn a_waiter_for_all_hears_of_a_dead_owner() {
    let world = World::new();
    let mut owner = world.knowing_peer();
    owner.ask("lock m ; set e");
    let mut waiter = waiting(&world, &["all e m"]);
    owner.kill();
    assert_eq!(waiter[0].answer().unwrap(), "0 abandoned");
}

#[test]
fn a_signal_wakes_one_of_the_waiters_for_any() {
    let world = World::new();
    let mut signaler = world.knowing_peer();
    let mut waiters = waiting(&world, &["any e f", "any f e", "wait e"]);
    while !waiters.is_empty() {
        signaler.ask("set e");
        let (index, _) = answered_first(&mut waiters);
        waiters.swap_remove(index);
    }
    assert_eq!(signaler.ask("any e f within 0"), "timeout", "each signal was taken once");
}

#[test]
fn a_waiter_for_all_takes_nothing_before_it_can_take_all() {
    let world = World::new();
    let mut other = world.knowing_peer();
    let mut waiter = waiting(&world, &["all m e s"]);
    assert!(other.ask("lock m within 0").starts_with("locked"), "the mutex is free meanwhile");
    other.ask("set e");
    assert_eq!(other.ask("wait e within 0"), "signaled", "the event can be taken by others");
    other.ask("set e ; release s 1");
    assert_eq!(other.ask("any s within 0 ; release s 1"), "0 ; 0");
    other.ask("unlock m");
    assert_eq!(waiter[0].answer().unwrap(), "0");
    assert_eq!(other.ask("any m e s within 0"), "timeout", "now it has them all");
    waiter[0].ask("unlock m");
    assert_eq!(other.ask("any e s m within 0"), "2");
}

#[test]
fn a_sleeping_waiter_gets_the_signal_before_the_signaler() {
    let world = World::new();
    let mut signaler = world.knowing_peer();
    for line in ["any f e", "all m e"] {
        let mut tries = Vec::new();
        let mut waiters = waiting(&world, &[line]);
        until_answered(&mut waiters, || tries.push(signaler.ask("set e ; wait e within 0")));
        let handed = tries.iter().filter(|answer| *answer == " ; timeout").count();
        assert_eq!(handed, 1, "{line}: each signal has one taker: {tries:?}");
    }
}

#[test]
fn a_waiter_that_dies_leaves_everything_it_waited_for() {
    let world = World::new();
    let mut other = world.knowing_peer();
    for mut waiter in waiting(&world, &["any e s", "all e s", "all s e"]) {
        waiter.kill();
    }
    other.ask("set e ; release s 1");
    assert_eq!(other.ask("all e s m within 0"), "0");
    let mut waiters = waiting(&world, &["any e f"]);
    other.ask("set e");
    assert_eq!(waiters[0].answer().unwrap(), "0");
}

#[test]
fn processes_that_wait_for_two_mutexes_at_once_never_lock_each_other_out() {
    let world = World::new();
    let mut peers: Vec<Peer> = (0..3).map(|_| world.peer()).collect();
    for peer in &mut peers {
        peer.ask("m = create table 4096 ; v = view m rw");
        peer.ask("x0 = mutex fork0 ; x1 = mutex fork1 ; x2 = mutex fork2");
    }
    // Any two of them have a fork in common; taken one by one, the forks would soon be one each.
    for (peer, forks) in peers.iter_mut().zip(["x0 x1", "x1 x2", "x2 x0"]) {
        peer.start(&format!("dine v 1000 {forks}"));
    }
    for peer in &mut peers {
        peer.answer().unwrap();
    }
    assert_eq!(peers[0].ask("add v 0 0"), "3000");
}

#[test]
fn everything_that_is_signaled_is_taken_exactly_once() {
    const EACH: u32 = 500;
    let counts: Vec<Semaphore> = (0..4).map(|_| Semaphore::create("", 0, EACH).unwrap()).collect();
    let stop = Event::create("", Reset::Manual).unwrap();
    let taken: usize = std::thread::scope(|scope| {
        let takers: Vec<_> = (0..3)
            .map(|first| {
                let (counts, stop) = (&counts, &stop);
                scope.spawn(move || {
                    let mut order: Vec<&dyn Wait> =
                        (0..4).map(|at| &counts[(first + at) % 4] as &dyn Wait).collect();
                    order.push(stop); // behind, so that it ends nothing before everything is taken
                    (0..).find(|_| got(wait_any(&order, Deadline::never())).0 == 4).unwrap()
                })
            })
            .collect();
        for _ in 0..EACH {
            for count in &counts {
                count.release(1).unwrap();
            }
        }
        stop.set().unwrap();
        takers.into_iter().map(|taker| taker.join().unwrap()).sum()
    });
    assert_eq!(taken, 4 * EACH as usize);
}

#[test]
fn a_child_is_signaled_once_it_has_ended_and_stays_so() {
    let (world, unset) = (World::new(), auto(false));
    let mut child = world.child();
    assert!(wait_any(&[&unset, &child], AT_ONCE).unwrap().is_none(), "it runs");
    assert!(wait_all(&[&child], AT_ONCE).unwrap().is_none());
    drop(child.stdin.take());
    assert_eq!(got(wait_any(&[&unset, &child], Deadline::never())), (1, false));
    assert_eq!(got(wait_any(&[&unset, &child], AT_ONCE)), (1, false));
    unset.set().unwrap();
    assert_eq!(got(wait_all(&[&child, &unset], AT_ONCE)), (0, false));
    assert!(child.wait().unwrap().success(), "its status is left to its parent");
    assert_eq!(got(wait_any(&[&child], AT_ONCE)), (0, false), "also afterwards");
}

#[test]
fn a_wait_sleeps_with_a_child_and_others() {
    const PATIENCE: Duration = Duration::from_secs(30);
    let (world, event) = (World::new(), auto(false));
    let mut child = world.child();
    let input = child.stdin.take();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| got(wait_any(&[&child, &event], PATIENCE)));
        event.set().unwrap();
        assert_eq!(waiter.join().unwrap(), (1, false));

        let waiter = scope.spawn(|| got(wait_all(&[&event, &child], PATIENCE)));
        event.set().unwrap();
        assert!(event.try_wait().unwrap(), "not taken while the child runs");
        event.set().unwrap();
        drop(input);
        assert_eq!(waiter.join().unwrap(), (0, false));
    });
    assert!(!event.try_wait().unwrap());
    child.wait().unwrap();
}

#[test]
fn waits_for_several_give_up_in_time() {
    let (one, two) = (auto(false), auto(true));
    let wait = Duration::from_millis(60);
    let begin = Instant::now();
    assert!(wait_any(&[&one], wait).unwrap().is_none());
    assert!(begin.elapsed() >= wait, "{:?}", begin.elapsed());
    let deadline = Deadline::at(Instant::now() + wait);
    assert!(wait_all(&[&one, &two], deadline).unwrap().is_none());
    assert!(deadline.passed());
    let begin = Instant::now();
    assert!(signal_and_wait(&two, &one, wait).unwrap().is_none());
    assert!(begin.elapsed() >= wait, "{:?}", begin.elapsed());
}

/// Windows counts a wait in milliseconds of 32 bits.
#[test]
fn the_longest_waits_do_not_end_early() {
    let event = auto(false);
    for wait in [Duration::from_millis((1 << 32) + 1), Duration::MAX] {
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| got(wait_any(&[&event], wait)));
            assert!(!event.wait_timeout(Duration::from_millis(20)).unwrap());
            assert!(!waiter.is_finished());
            event.set().unwrap();
            assert_eq!(waiter.join().unwrap(), (0, false));
        });
    }
}
