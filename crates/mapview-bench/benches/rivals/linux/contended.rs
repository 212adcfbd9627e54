//! A counter under the lock, two processes on two processors.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use mapview::Mutex;

use super::peer::{orders, say, Peer};
use super::posix::{page_of, pin_to, Shm};
use super::posix_name;
use super::pthread::{self, Kind};
use crate::measure::{median, Effort};
use crate::table::{Budget, Row, Unit};

const KINDS: [(&str, Kind); 3] = [
    ("robust-recursive", Kind::RobustRecursive),
    ("robust", Kind::Robust),
    ("normal", Kind::Normal),
];

/// The page that the two share: where things lie, a cache line or two apart.
struct Page(*mut u8);

impl Page {
    fn word(&self, index: usize) -> &AtomicU32 {
        // SAFETY: inside the page, which stays mapped, and aligned.
        unsafe { &*self.0.add(index * 128).cast() }
    }
    fn arrived(&self) -> &AtomicU32 {
        self.word(0)
    }
    fn stop(&self) -> &AtomicU32 {
        self.word(1)
    }
    /// Not used as an atomic while it is counted: the lock is what is tried.
    fn counter(&self) -> *mut u64 {
        self.0.wrapping_add(2 * 128).cast()
    }
    fn rival(&self, index: usize) -> *mut u8 {
        self.0.wrapping_add((3 + index) * 128)
    }
}

pub fn rows(effort: &Effort) -> Vec<Row> {
    let name = posix_name("contended");
    let _shm = Shm::create(&name, 4096);
    let page = Page(page_of(&name));
    for (index, (_, kind)) in KINDS.into_iter().enumerate() {
        pthread::Mutex::make(page.rival(index), kind);
    }
    let mutex = Mutex::create("contended").expect("a mutex");
    let mut peers = ["0", "1"].map(|cpu| Peer::start(&["contend", cpu, &name, "contended"]));

    let contestants = ["mapview", KINDS[0].0, KINDS[1].0, KINDS[2].0];
    let mut rates = vec![Vec::new(); contestants.len()];
    let mut shares = vec![Vec::new(); contestants.len()];
    for repetition in 0..effort.repetitions(25) {
        for turn in 0..contestants.len() {
            let index = (turn + repetition) % contestants.len();
            page.arrived().store(0, Ordering::SeqCst);
            page.stop().store(0, Ordering::SeqCst);
            // SAFETY: the peers wait for orders.
            unsafe { page.counter().write_volatile(0) };
            peers.iter_mut().for_each(|peer| peer.tell(contestants[index]));
            let answers = peers.each_mut().map(|peer| peer.hear());
            let [one, two] = answers.map(|answer| {
                let (count, time) = answer.split_once(' ').expect("two numbers");
                (count.parse::<u64>().expect("a count"), time.parse::<f64>().expect("a time"))
            });
            // SAFETY: the peers are done.
            let counted = unsafe { page.counter().read_volatile() };
            assert_eq!(counted, one.0 + two.0, "the lock let both in at once");
            rates[index].push(counted as f64 / one.1.max(two.1) * 1e3);
            shares[index].push(100.0 * one.0.min(two.0) as f64 / counted as f64);
        }
    }
    drop(mutex);
    let rates: Vec<f64> = rates.iter_mut().map(|rates| median(rates)).collect();
    let shares: Vec<f64> = shares.iter_mut().map(|shares| median(shares)).collect();
    let row = |index: usize| {
        let rival = format!("pthread {} process-shared", contestants[index].replace('-', " "));
        let operation = "counter under the lock, 2 processes";
        Row::new(operation, Unit::MillionPerSecond, rates[0], rival, Some(rates[index])).note(
            format!(
                "the weaker side's share: mapview {:.0} %, rival {:.0} %",
                shares[0], shares[index]
            ),
        )
    };
    let promise = Budget::RatioAtLeast(1.0);
    vec![row(1).budget(promise), row(2).budget(promise), row(3)]
}

/// As a peer: counts under the lock that it is told, for a while, and says how often and how long.
pub fn peer(cpu: &str, region: &str, mutex: &str) {
    pin_to(cpu.parse().expect("a processor"));
    let page = Page(page_of(region));
    let mutex = Mutex::open(mutex).expect("held by the parent");
    for order in orders() {
        let rival = KINDS.iter().position(|&(name, _)| name == order);
        page.arrived().fetch_add(1, Ordering::SeqCst);
        while page.arrived().load(Ordering::SeqCst) < 2 {
            std::hint::spin_loop();
        }
        let start = Instant::now();
        let count = match rival {
            None => count_until_stopped(&page, start, || drop_guard(&mutex, &page)),
            Some(index) => {
                let rival = pthread::Mutex::existing(page.rival(index));
                count_until_stopped(&page, start, || {
                    rival.lock();
                    increment(&page);
                    rival.unlock();
                })
            }
        };
        say(format_args!("{count} {}", start.elapsed().as_nanos()));
    }
}

#[inline]
fn drop_guard(mutex: &Mutex, page: &Page) {
    let _guard = mutex.lock().expect("a lock");
    increment(page);
}

#[inline]
fn increment(page: &Page) {
    // SAFETY: inside the page; that nobody else counts now is what the lock is for, and the parent checks the sum.
    unsafe { page.counter().write_volatile(page.counter().read_volatile() + 1) };
}

fn count_until_stopped(page: &Page, start: Instant, mut once: impl FnMut()) -> u64 {
    let mut count = 0;
    while page.stop().load(Ordering::Relaxed) == 0 {
        once();
        count += 1;
        if count % 256 == 0 && start.elapsed() > Duration::from_millis(50) {
            page.stop().store(1, Ordering::Relaxed);
        }
    }
    count
}
