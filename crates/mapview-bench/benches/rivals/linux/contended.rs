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

/// What two peers did in one round.
struct Round {
    million_per_second: f64,
    /// Percent of the work that the weaker side did.
    share: f64,
    /// Nanoseconds; 0 in rounds that do not look at the clock each time.
    longest_wait: f64,
}

pub fn rows(effort: &Effort) -> Vec<Row> {
    let name = posix_name("contended");
    let _shm = Shm::create(&name, 4096);
    let page = Page(page_of(&name));
    for (index, (_, kind)) in KINDS.into_iter().enumerate() {
        pthread::Mutex::make(page.rival(index), kind);
    }
    let _mutex = Mutex::create("contended").expect("a mutex");
    let mut peers = ["0", "1"].map(|cpu| Peer::start(&["contend", cpu, &name, "contended"]));
    let contestants = ["mapview", KINDS[0].0, KINDS[1].0, KINDS[2].0];
    let mut measure = |suffix: &str, repetitions: usize, of: fn(&Round) -> f64| {
        let mut rounds: Vec<Vec<Round>> = contestants.iter().map(|_| Vec::new()).collect();
        for repetition in 0..repetitions {
            for turn in 0..contestants.len() {
                let index = (turn + repetition) % contestants.len();
                let order = format!("{}{suffix}", contestants[index]);
                rounds[index].push(round(&page, &mut peers, &order));
            }
        }
        let share = |rounds: &Vec<Round>| median_of(rounds, |round| round.share);
        let figures: Vec<f64> = rounds.iter().map(|rounds| median_of(rounds, of)).collect();
        (figures, rounds.iter().map(share).collect::<Vec<f64>>())
    };
    let (rates, shares) = measure("", effort.repetitions(25), |round| round.million_per_second);
    let (waits, _) = measure(" timed", effort.repetitions(15), |round| round.longest_wait);

    let rival =
        |index: usize| format!("pthread {} process-shared", contestants[index].replace('-', " "));
    let rate = |index: usize| {
        let operation = "counter under the lock, 2 processes";
        Row::new(operation, Unit::MillionPerSecond, rates[0], rival(index), Some(rates[index]))
            .note(format!(
                "the weaker side's share: mapview {:.0} %, rival {:.0} %",
                shares[0], shares[index]
            ))
    };
    let promise = Budget::RatioAtLeast(1.0);
    let operation = "longest wait for that lock in 50 ms";
    let wait = Row::new(operation, Unit::Nanoseconds, waits[0], rival(1), Some(waits[1]));
    vec![rate(1).budget(promise), rate(2).budget(promise), rate(3), wait]
}

/// Has both peers count at the same time, and looks whether the lock did its work.
fn round(page: &Page, peers: &mut [Peer; 2], order: &str) -> Round {
    page.arrived().store(0, Ordering::SeqCst);
    page.stop().store(0, Ordering::SeqCst);
    // SAFETY: the peers wait for orders.
    unsafe { page.counter().write_volatile(0) };
    peers.iter_mut().for_each(|peer| peer.tell(order));
    let [one, two] = peers.each_mut().map(|peer| {
        let answer = peer.hear();
        let mut numbers = answer.split(' ').map(|word| word.parse::<f64>().expect("a number"));
        [(); 3].map(|()| numbers.next().expect("three numbers")) // count, time, longest wait
    });
    // SAFETY: the peers are done.
    let counted = unsafe { page.counter().read_volatile() } as f64;
    assert_eq!(counted, one[0] + two[0], "the lock let both in at once");
    Round {
        million_per_second: counted / one[1].max(two[1]) * 1e3,
        share: 100.0 * one[0].min(two[0]) / counted,
        longest_wait: one[2].max(two[2]),
    }
}

fn median_of(rounds: &[Round], of: fn(&Round) -> f64) -> f64 {
    median(&mut rounds.iter().map(of).collect::<Vec<f64>>())
}

/// As a peer: counts for a while under the lock that it is told, and says how often, how long, and the longest wait.
pub fn peer(cpu: &str, region: &str, mutex: &str) {
    pin_to(cpu.parse().expect("a processor"));
    let page = Page(page_of(region));
    let mutex = Mutex::open(mutex).expect("held by the parent");
    for order in orders() {
        let (name, timed) = match order.split_once(' ') {
            Some((name, _)) => (name, true),
            None => (order.as_str(), false),
        };
        let rival = KINDS.iter().position(|&(kind, _)| kind == name);
        page.arrived().fetch_add(1, Ordering::SeqCst);
        while page.arrived().load(Ordering::SeqCst) < 2 {
            std::hint::spin_loop();
        }
        let start = Instant::now();
        let (count, longest) = match rival {
            None => {
                let lock = || mutex.lock().expect("a lock");
                count_until_stopped(&page, start, timed, lock, drop)
            }
            Some(index) => {
                let rival = pthread::Mutex::existing(page.rival(index));
                let lock = || {
                    rival.lock();
                };
                count_until_stopped(&page, start, timed, lock, |()| rival.unlock())
            }
        };
        say(format_args!("{count} {} {}", start.elapsed().as_nanos(), longest.as_nanos()));
    }
}

/// Counts under the lock. Returns how often, and the longest wait if `timed`.
fn count_until_stopped<G>(
    page: &Page,
    start: Instant,
    timed: bool,
    lock: impl Fn() -> G,
    unlock: impl Fn(G),
) -> (u64, Duration) {
    let (mut count, mut longest) = (0_u64, Duration::ZERO);
    while page.stop().load(Ordering::Relaxed) == 0 {
        let guard = if timed {
            let before = Instant::now();
            let guard = lock();
            longest = longest.max(before.elapsed());
            guard
        } else {
            lock()
        };
        // SAFETY: inside the page; that nobody else counts now is what the lock is for, and the parent checks the sum.
        unsafe { page.counter().write_volatile(page.counter().read_volatile() + 1) };
        unlock(guard);
        count += 1;
        if count % 256 == 0 && start.elapsed() > Duration::from_millis(50) {
            page.stop().store(1, Ordering::Relaxed);
        }
    }
    (count, longest)
}
