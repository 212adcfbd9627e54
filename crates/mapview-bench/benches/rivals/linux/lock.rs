//! Locking and unlocking a mutex that nobody else wants.

use mapview::Mutex;

use super::posix::{page_of, Shm};
use super::pthread::{self, Kind};
use super::{boost, posix_name};
use crate::measure::{by_turns, Effort, Side};
use crate::table::{Budget, Row, Unit};

pub fn rows(effort: &Effort) -> Vec<Row> {
    let (name, boost_name) = (posix_name("lock"), posix_name("lock-boost"));
    let _shm = Shm::create(&name, 4096);
    let page = page_of(&name);
    let mutex = Mutex::create("lock").expect("a mutex");
    let kinds = [Kind::RobustRecursive, Kind::Robust, Kind::Normal];
    let mut sides: Vec<Side<'_>> = vec![Box::new(|count| {
        for _ in 0..count {
            drop(mutex.lock().expect("a lock"));
        }
    })];
    for (index, kind) in kinds.into_iter().enumerate() {
        let rival = pthread::Mutex::make(page.wrapping_add(index * 128), kind);
        sides.push(Box::new(move |count| {
            for _ in 0..count {
                rival.lock();
                rival.unlock();
            }
        }));
    }
    sides.push(Box::new(|count| boost::lock(&boost_name[1..], count)));
    let times = by_turns(effort.repetitions(501), sides);
    boost::remove_mutex(&boost_name[1..]);

    let names = [
        "pthread robust recursive process-shared",
        "pthread robust process-shared",
        "pthread process-shared (not robust)",
        "Boost named_recursive_mutex (not robust)",
    ];
    let figures =
        [Some(times[1]), Some(times[2]), Some(times[3]), boost::FOUND.then_some(times[4])];
    let row = |(name, figure)| {
        Row::new("lock+unlock, uncontended", Unit::Nanoseconds, times[0], name, figure)
    };
    let mut rows: Vec<Row> = names.into_iter().zip(figures).map(row).collect();
    let first = rows.remove(0).budget(Budget::RatioAtMost(1.25));
    rows.insert(0, first);
    rows
}
