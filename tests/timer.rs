//! Timers: when they are due, and who gets through.
//!
//! Nothing here is true only of a quick machine: what is asserted about time is that nothing comes too early, and that what
//! must come comes in the end.

mod support;

use std::time::{Duration, Instant, SystemTime};

use mapview::{
    is_same_object, objects, wait_all, wait_any, Deadline, Event, ObjectKind, ObjectState, Reset,
    Timer,
};
use support::{code, unique};

const LONG: Duration = Duration::from_secs(3600);

fn auto() -> Timer {
    Timer::create("", Reset::Auto).unwrap()
}

fn manual() -> Timer {
    Timer::create("", Reset::Manual).unwrap()
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn a_new_timer_is_not_signaled_and_never_becomes_due() {
    for timer in [auto(), manual()] {
        assert!(!timer.try_wait().unwrap());
        assert!(!timer.wait_timeout(ms(20)).unwrap());
        timer.cancel().unwrap();
        assert!(!timer.try_wait().unwrap());
    }
}

#[test]
fn a_timer_is_due_after_a_time_and_not_before() {
    for timer in [auto(), manual()] {
        let begin = Instant::now();
        timer.set(ms(30), None).unwrap();
        assert!(!timer.try_wait().unwrap() || begin.elapsed() >= ms(29));
        timer.wait().unwrap();
        // Clocks of a coarse tick may be that much apart.
        assert!(begin.elapsed() >= ms(29), "{:?}", begin.elapsed());
    }
}

#[test]
fn a_timer_is_due_when_the_wall_clock_says_so() {
    let timer = auto();
    let due = SystemTime::now() + ms(30);
    timer.set(due, None).unwrap();
    timer.wait().unwrap();
    assert!(SystemTime::now() + ms(1) >= due);
}

#[test]
fn a_time_in_the_past_or_none_at_all_is_at_once() {
    let timer = auto();
    let past = SystemTime::now() - LONG;
    let before_1970 = SystemTime::UNIX_EPOCH - LONG;
    for due in [past, before_1970, SystemTime::UNIX_EPOCH] {
        timer.set(due, None).unwrap();
        timer.wait().unwrap();
        assert!(!timer.try_wait().unwrap(), "{due:?}");
    }
    timer.set(Duration::ZERO, None).unwrap();
    timer.wait().unwrap();
    assert!(!timer.try_wait().unwrap());
}

#[test]
fn times_that_are_far_away_are_no_error() {
    for timer in [auto(), manual()] {
        timer.set(Duration::MAX, Some(ms(i32::MAX as u64))).unwrap();
        assert!(!timer.try_wait().unwrap());
        let far = SystemTime::now() + Duration::from_secs(100 * 365 * 86_400);
        timer.set(far, None).unwrap();
        assert!(!timer.wait_timeout(ms(5)).unwrap());
    }
}

#[test]
fn periods_out_of_range_are_refused_and_change_nothing() {
    let timer = manual();
    timer.set(Duration::ZERO, None).unwrap();
    assert_eq!(code(timer.set(LONG, Some(Duration::ZERO))), 87);
    assert_eq!(code(timer.set(LONG, Some(ms(i32::MAX as u64 + 1)))), 87);
    assert_eq!(code(timer.set(LONG, Some(Duration::MAX))), 87);
    assert!(timer.try_wait().unwrap(), "it is as it was");
}

#[test]
fn an_automatic_timer_lets_one_wait_through_and_a_manual_one_all_until_it_is_set() {
    let (auto, manual) = (auto(), manual());
    auto.set(Duration::ZERO, None).unwrap();
    manual.set(Duration::ZERO, None).unwrap();
    auto.wait().unwrap();
    assert!(!auto.try_wait().unwrap());
    for _ in 0..3 {
        manual.wait().unwrap();
    }
    manual.set(LONG, None).unwrap();
    assert!(!manual.try_wait().unwrap());
}

#[test]
fn a_timer_that_is_set_again_is_not_signaled_until_it_is_due_again() {
    let mut timers = vec![manual()];
    if !cfg!(windows) {
        timers.push(auto()); // Wine 8 leaves it signaled
    }
    for timer in timers {
        timer.set(Duration::ZERO, None).unwrap();
        timer.set(LONG, None).unwrap();
        assert!(!timer.try_wait().unwrap());
        timer.set(LONG, Some(ms(1))).unwrap();
        timer.set(Duration::ZERO, None).unwrap();
        assert!(timer.wait_timeout(LONG).unwrap());
    }
}

#[test]
fn cancelling_leaves_a_signal_that_is_there_and_prevents_the_next() {
    for timer in [auto(), manual()] {
        timer.set(Duration::ZERO, None).unwrap();
        timer.cancel().unwrap();
        assert!(timer.try_wait().unwrap(), "it was due before");
    }
    let (kept, idle) = (auto(), auto());
    kept.set(ms(1), Some(LONG)).unwrap();
    idle.set(ms(20), None).unwrap();
    idle.wait().unwrap(); // so the other one is due, too
    kept.cancel().unwrap();
    kept.cancel().unwrap();
    assert!(kept.try_wait().unwrap(), "what was due before is still there");
    idle.set(ms(10), Some(ms(10))).unwrap();
    idle.cancel().unwrap();
    let due_by_then = idle.try_wait().unwrap(); // if this was slower than 10 ms
    assert!(!idle.wait_timeout(ms(40)).unwrap(), "nothing comes any more: {due_by_then}");
}

#[test]
fn a_periodic_timer_is_due_again_and_again_without_drift() {
    let timer = auto();
    let begin = Instant::now();
    timer.set(ms(10), Some(ms(10))).unwrap();
    for turn in 1..=8 {
        timer.wait().unwrap();
        let due = ms(10) * turn;
        assert!(begin.elapsed() + ms(2) >= due, "{turn}: {:?}", begin.elapsed());
    }
    let manual = manual();
    manual.set(ms(1), Some(ms(1))).unwrap();
    manual.wait().unwrap();
    assert!(manual.try_wait().unwrap(), "it stays signaled");
}

#[test]
fn expiries_that_nobody_came_for_count_once() {
    let (timer, other) = (auto(), auto());
    timer.set(ms(1), Some(ms(200))).unwrap();
    other.set(ms(650), None).unwrap();
    other.wait().unwrap(); // three or more have passed
    let begin = Instant::now();
    timer.wait().unwrap();
    let again = timer.try_wait().unwrap();
    assert!(!again || begin.elapsed() > ms(100), "all that passed are one");
}

#[test]
fn waits_for_any_and_for_all_take_timers_as_they_take_events() {
    let (auto, manual, event) = (auto(), manual(), Event::create("", Reset::Auto).unwrap());
    let any = |deadline: Duration| {
        wait_any(&[&event, &auto, &manual], deadline).unwrap().map(|signaled| signaled.index())
    };
    assert_eq!(any(ms(5)), None);
    auto.set(ms(5), None).unwrap();
    assert_eq!(any(LONG), Some(1));
    manual.set(ms(5), None).unwrap();
    assert_eq!(any(LONG), Some(2));
    auto.set(Duration::ZERO, None).unwrap();
    event.set().unwrap();
    assert_eq!([any(LONG), any(LONG), any(LONG)], [Some(0), Some(1), Some(2)]);

    let all = |deadline: Duration| wait_all(&[&auto, &event, &manual], deadline).unwrap().is_some();
    auto.set(Duration::ZERO, None).unwrap();
    assert!(!all(ms(5)), "the event is missing");
    assert!(auto.try_wait().unwrap(), "nothing was taken");
    event.set().unwrap();
    manual.set(ms(10), None).unwrap();
    auto.set(ms(20), None).unwrap();
    assert!(all(LONG));
    assert!(!auto.try_wait().unwrap() && !event.try_wait().unwrap() && manual.try_wait().unwrap());
    let again = auto.try_clone().unwrap();
    assert!(is_same_object(&auto, &again));
    assert_eq!(code(wait_all(&[&auto, &again], Deadline::now())), 87);
}

#[test]
fn a_timer_can_be_waited_for_after_a_signal_but_is_none() {
    let (event, timer) = (Event::create("", Reset::Auto).unwrap(), auto());
    timer.set(ms(5), None).unwrap();
    assert!(mapview::signal_and_wait(&event, &timer, Deadline::never()).unwrap().is_some());
    assert!(event.try_wait().unwrap());
    assert_eq!(code(mapview::signal_and_wait(&timer, &event, Deadline::now())), 6);
}

#[test]
fn more_timers_than_the_kernel_has_words_for_can_be_waited_for() {
    let timers: Vec<Timer> = (0..64).map(|_| auto()).collect();
    let wanted = || timers.iter().map(|timer| timer as &dyn mapview::Wait).collect::<Vec<_>>();
    assert!(wait_any(&wanted(), ms(5)).unwrap().is_none());
    std::thread::scope(|scope| {
        let wait = || wait_any(&wanted(), Deadline::never()).unwrap().unwrap().index();
        let waiter = scope.spawn(wait);
        timers[63].set(ms(20), None).unwrap();
        assert_eq!(waiter.join().unwrap(), 63);
    });
    for timer in &timers {
        timer.set(ms(1), None).unwrap();
    }
    assert!(wait_all(&wanted(), Deadline::never()).unwrap().is_some());
}

#[test]
fn timers_are_listed_with_their_state() {
    let name = unique("listed");
    let timer = Timer::create(&name, Reset::Auto).unwrap();
    let state = || {
        let all = objects().unwrap();
        let told = all.iter().find(|object| Some(&object.name) == timer.name()).unwrap();
        assert_eq!((told.kind, told.kind.as_str()), (ObjectKind::Timer, "timer"));
        told.state
    };
    assert_eq!(state(), ObjectState::NotSet);
    timer.set(LONG, None).unwrap();
    assert_eq!(state(), ObjectState::NotSet);
    timer.set(Duration::ZERO, None).unwrap();
    timer.wait_timeout(LONG).unwrap();
    timer.set(Duration::ZERO, Some(LONG)).unwrap();
    let begin = Instant::now();
    while state() != ObjectState::Set {
        assert!(begin.elapsed() < Duration::from_secs(20), "it is due");
    }
    assert!(timer.try_wait().unwrap(), "looking takes nothing");
    assert_eq!(state(), ObjectState::NotSet);
}

#[test]
fn a_future_of_a_timer_is_woken_when_it_is_due_and_when_it_is_set() {
    let timer = auto();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        timer.set(ms(5), None).unwrap();
        timer.wait_async().await.unwrap();
        let set = async {
            tokio::time::sleep(ms(20)).await;
            timer.set(ms(5), None).unwrap();
        };
        let (waited, ()) = tokio::join!(timer.wait_async(), set);
        waited.unwrap();
        assert!(!timer.try_wait().unwrap(), "the future took it");
    });
}
