//! Signals that nobody waits for yet: given, and taken or withdrawn by the same thread.

use mapview::{Event, Reset, Semaphore};

use super::boost;
use super::posix::{nanoseconds, page_of, Shm};
use super::posix_name;
use super::ways::raw::{event_fd, read, write};
use super::wine::Wine;
use crate::measure::{Effort, Side};
use crate::spread::by_rounds;
use crate::table::Row;

const ROUNDS: usize = 15;
const BATCHES: usize = 2000;
/// Operations between two looks at the clock, which takes as long as some of them.
const BATCH: u64 = 64;
/// Of Wine, whose operations are long against its clock's tick of 0.1 us.
const WINE_BATCH: usize = 4;

/// A contestant that may be missing, and its name.
type Rival<'a> = (&'static str, Option<Contestant<'a>>);

enum Contestant<'a> {
    Here(Side<'a>),
    Wine(&'static str),
}

pub fn rows(effort: &Effort) -> Vec<Row> {
    let mut wine = Wine::start();
    let name = posix_name("signals");
    let _shm = Shm::create(&name, 4096);
    let [posix_semaphore, boost_semaphore] = [0, 256].map(|at| page_of(&name).wrapping_add(at));
    // SAFETY: in the page, aligned, and used by nobody yet.
    assert_eq!(unsafe { libc::sem_init(posix_semaphore.cast(), 1, 0) }, 0);
    boost::make_semaphore(boost_semaphore);
    let fd = event_fd();

    let auto = Event::create("signals-auto", Reset::Auto).expect("an event");
    let manual = Event::create("signals-manual", Reset::Manual).expect("an event");
    let semaphore = Semaphore::create("signals-semaphore", 0, 9).expect("a semaphore");
    let write_read = || {
        let side = move |count: u64| {
            for _ in 0..count {
                write(fd);
                read(fd);
            }
        };
        ("eventfd, write + read", Some(Contestant::Here(Box::new(side) as Side<'_>)))
    };
    let in_wine = |kind, words| (words, wine.is_some().then_some(Contestant::Wine(kind)));
    let sem = (
        "sem_post + sem_wait, process-shared",
        here(move |count| {
            for _ in 0..count {
                // SAFETY: made above, and never destroyed.
                unsafe { libc::sem_post(posix_semaphore.cast()) };
                // SAFETY: as above.
                unsafe { libc::sem_wait(posix_semaphore.cast()) };
            }
        }),
    );
    let boost = boost::FOUND
        .then_some(())
        .and_then(|()| here(move |count| boost::post_and_wait(boost_semaphore, count)));
    let groups: Vec<(&str, Side<'_>, Vec<Rival<'_>>)> = vec![
        (
            "set + wait, auto-reset event",
            Box::new(|count| {
                for _ in 0..count {
                    auto.set().expect("a signal");
                    auto.wait().expect("a wait");
                }
            }),
            vec![write_read(), in_wine("event", "Wine, SetEvent + WaitForSingleObject")],
        ),
        (
            "set + reset, manual-reset event",
            Box::new(|count| {
                for _ in 0..count {
                    manual.set().expect("a signal");
                    manual.reset().expect("no signal");
                }
            }),
            vec![write_read(), in_wine("manual", "Wine, SetEvent + ResetEvent")],
        ),
        (
            "release + wait, semaphore",
            Box::new(|count| {
                for _ in 0..count {
                    semaphore.release(1).expect("a signal");
                    semaphore.wait().expect("a wait");
                }
            }),
            vec![
                sem,
                ("Boost interprocess_semaphore", boost),
                write_read(),
                in_wine("semaphore", "Wine, ReleaseSemaphore + WaitForSingleObject"),
            ],
        ),
    ];
    groups.into_iter().flat_map(|group| compare(effort, &mut wine, group)).collect()
}

fn here<'a>(side: impl FnMut(u64) + 'a) -> Option<Contestant<'a>> {
    Some(Contestant::Here(Box::new(side)))
}

fn compare(
    effort: &Effort,
    wine: &mut Option<Wine>,
    (operation, mine, rivals): (&str, Side<'_>, Vec<Rival<'_>>),
) -> Vec<Row> {
    let (names, rivals): (Vec<_>, Vec<_>) = rivals.into_iter().unzip();
    let found: Vec<bool> = rivals.iter().map(Option::is_some).collect();
    let mut contestants = vec![Contestant::Here(mine)];
    contestants.extend(rivals.into_iter().flatten());
    let batches = effort.repetitions(BATCHES);
    let rounds = effort.repetitions(ROUNDS);
    let mut figures = by_rounds(rounds, contestants.len(), |index| match &mut contestants[index] {
        Contestant::Here(side) => (0..batches).map(|_| batch(side)).collect(),
        Contestant::Wine(kind) => {
            let order = format!("signals {kind} {WINE_BATCH} {}", batches.div_ceil(10));
            wine.as_mut().expect("found").ask(&order)
        }
    })
    .into_iter();
    let mine = figures.next().expect("mapview is always there");
    let row = |(name, found)| {
        Row::of_spreads(operation, mine, name, if found { figures.next() } else { None })
    };
    names.into_iter().zip(found).map(row).collect()
}

/// Nanoseconds of one, on the average of a batch.
fn batch(side: &mut Side<'_>) -> f64 {
    let start = nanoseconds();
    side(BATCH);
    (nanoseconds() - start) as f64 / BATCH as f64
}
