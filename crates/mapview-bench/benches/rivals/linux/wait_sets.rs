//! Waiting for one of several objects, and for all of them.

use mapview::{wait_all, wait_any, Deadline, Event, Reset, Wait};

use super::hand_over::{Rival, Stage, ONE_CPU};
use super::posix::nanoseconds;
use super::ways::raw::{event_fd, read, write, Epoll, Poll};
use super::ways::Way;
use super::wine::Wine;
use crate::measure::Effort;
use crate::spread::{by_rounds, Spread};
use crate::table::Row;

const ROUNDS: usize = 15;
const TIMES: usize = 5000;
const COUNTS: [usize; 3] = [2, 8, 64];

/// Ways of [`super::ways`] that wait for several objects, of which the last is signaled.
const BLOCKING: [(Rival, &[Rival]); 3] = [
    (("any 2", "wait_any of 2"), &[("poll 2", POLL), ("epoll 2", EPOLL), ("wine any 2", WINE_ANY)]),
    (("any 8", "wait_any of 8"), &[("poll 8", POLL), ("epoll 8", EPOLL), ("wine any 8", WINE_ANY)]),
    (
        ("any 64", "wait_any of 64"),
        &[("poll 64", POLL), ("epoll 64", EPOLL), ("wine any 64", WINE_ANY)],
    ),
];
const POLL: &str = "poll + read of eventfds";
const EPOLL: &str = "epoll_wait + read of eventfds";
const WINE_ANY: &str = "Wine, WaitForMultipleObjects";

pub fn any(effort: &Effort) -> Vec<Row> {
    let mut wine = Wine::start();
    let mut rows = Vec::new();
    for count in COUNTS {
        let events = events(count);
        let objects: Vec<&dyn Wait> = events.iter().map(|event| event as &dyn Wait).collect();
        let fds: Vec<i32> = (0..count).map(|_| event_fd()).collect();
        let (poll, epoll) = (Poll::new(&fds), Epoll::new(&fds));
        let figures = compare(effort, wine.as_mut(), 4, |index, wine| match (index, wine) {
            (0, _) => {
                let set = || events[count - 1].set().expect("a signal");
                timed(effort, set, || {
                    let got = wait_any(&objects, Deadline::now()).expect("a wait");
                    assert_eq!(got.expect("the last is set").index(), count - 1);
                })
            }
            (1, _) => timed(effort, || poll.signal(), || poll.wait()),
            (2, _) => timed(effort, || epoll.signal(), || epoll.wait()),
            (_, wine) => {
                let wine = wine.expect("it has no turns without");
                wine.ask(&format!("any {count} {}", effort.repetitions(TIMES / 10)))
            }
        });
        let operation = format!("wait_any of {count}, the last is set, no waiting");
        rows.extend(against(&operation, &figures, &[POLL, EPOLL, WINE_ANY]));
        fds.into_iter().for_each(close);
    }
    rows.extend(Stage::new("wait-any").compare(effort, wine.as_mut(), ONE_CPU, &BLOCKING, None));
    rows
}

pub fn all(effort: &Effort) -> Vec<Row> {
    let mut wine = Wine::start();
    let mut rows = Vec::new();
    for count in COUNTS {
        let events = events(count);
        let objects: Vec<&dyn Wait> = events.iter().map(|event| event as &dyn Wait).collect();
        let fds: Vec<i32> = (0..count).map(|_| event_fd()).collect();
        let figures = compare(effort, wine.as_mut(), 3, |index, wine| match (index, wine) {
            (0, _) => {
                let set = || events.iter().for_each(|event| event.set().expect("a signal"));
                timed(effort, set, || {
                    let got = wait_all(&objects, Deadline::now()).expect("a wait");
                    assert!(got.is_some(), "all are set");
                })
            }
            (1, _) => {
                let set = || fds.iter().copied().for_each(write);
                timed(effort, set, || fds.iter().copied().for_each(read))
            }
            (_, wine) => {
                let wine = wine.expect("it has no turns without");
                wine.ask(&format!("all {count} {}", effort.repetitions(TIMES / 25)))
            }
        });
        let operation = format!("wait_all of {count}, all are set");
        let rivals = ["a read of each eventfd (not all at one instant)", WINE_ANY];
        rows.extend(against(&operation, &figures, &rivals));
        fds.into_iter().for_each(close);
    }
    rows
}

fn events(count: usize) -> Vec<Event> {
    let create = |index| Event::create(&format!("set-{index}"), Reset::Auto).expect("an event");
    (0..count).map(create).collect()
}

/// The last contestant is Wine, whose figure is `None` without it.
fn compare(
    effort: &Effort,
    mut wine: Option<&mut Wine>,
    contestants: usize,
    mut turn: impl FnMut(usize, Option<&mut Wine>) -> Vec<f64>,
) -> Vec<Option<Spread>> {
    let present = contestants - usize::from(wine.is_none());
    let rounds = effort.repetitions(ROUNDS);
    let spreads = by_rounds(rounds, present, |index| turn(index, wine.as_deref_mut()));
    let mut figures: Vec<Option<Spread>> = spreads.into_iter().map(Some).collect();
    figures.resize(contestants, None);
    figures
}

fn against(operation: &str, figures: &[Option<Spread>], rivals: &[&str]) -> Vec<Row> {
    let mine = figures[0].expect("mapview is always there");
    let row = |(rival, figure): (&&str, &Option<Spread>)| {
        Row::of_spreads(operation, mine, *rival, *figure)
    };
    rivals.iter().zip(&figures[1..]).map(row).collect()
}

/// Nanoseconds of each `take`, a look at the clock included.
fn timed(effort: &Effort, signal: impl Fn(), take: impl Fn()) -> Vec<f64> {
    let once = |_| {
        signal();
        let start = nanoseconds();
        take();
        (nanoseconds() - start) as f64
    };
    (0..effort.repetitions(TIMES)).map(once).collect()
}

fn close(fd: i32) {
    // SAFETY: the descriptor is our own and not used afterwards.
    unsafe { libc::close(fd) };
}
