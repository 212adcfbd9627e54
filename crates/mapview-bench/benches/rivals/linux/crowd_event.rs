//! Very many waiters of one event: from setting it until the first, the middle and the last of them runs.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{channel, Sender};

use mapview::{Event, Reset};

use super::peer::{orders, say, Peer};
use super::posix::{nanoseconds, region_of, unpin, Shm};
use super::ways::raw::{sleep_while, wake};
use super::{boost, posix_name};
use crate::measure::{median, Effort};
use crate::table::{Row, Unit};

const PROCESSES: usize = 20;
const THREADS: usize = 50;
const ROUNDS: usize = 15;
const KINDS: [&str; 3] = ["mapview", "futex", "boost"];
const RIVALS: [&str; 2] = ["raw futex, waking all", "Boost interprocess_condition, notify_all"];

/// The memory that all share: the raw futex, Boost's flag, and a line for each waiter.
#[derive(Clone, Copy)]
struct Region(*mut u8);

impl Region {
    const SIZE: usize = 4096 + PROCESSES * THREADS * 16;

    fn futex(self) -> *mut u32 {
        self.0.cast()
    }
    fn flag(self) -> *mut u8 {
        self.0.wrapping_add(256)
    }
    /// When the waiter was through.
    fn time(&self, waiter: usize) -> &AtomicU64 {
        // SAFETY: inside the region, which stays mapped, and aligned.
        unsafe { &*self.0.add(4096 + waiter * 16).cast() }
    }
    /// Its thread's id.
    fn thread(&self, waiter: usize) -> &AtomicU32 {
        // SAFETY: as above.
        unsafe { &*self.0.add(4096 + waiter * 16 + 8).cast() }
    }
    fn word(&self) -> &AtomicU32 {
        // SAFETY: as above; all use it as an atomic.
        unsafe { &*self.futex().cast() }
    }
}

// SAFETY: an address; what lies there is used through atomics, or by Boost.
unsafe impl Send for Region {}

pub fn rows(effort: &Effort) -> Vec<Row> {
    let (processes, threads) = if effort.short { (2, 5) } else { (PROCESSES, THREADS) };
    let name = posix_name("crowd-event");
    let _shm = Shm::create(&name, Region::SIZE);
    let region = Region(region_of(&name, Region::SIZE));
    boost::make_flag(region.flag());
    let event = Event::create("crowd-event", Reset::Manual).expect("an event");
    let mut peers: Vec<Peer> = (0..processes)
        .map(|index| {
            let [first, count] = [index * threads, threads].map(|number| number.to_string());
            Peer::start(&["crowd-event", &first, &count, &name, "crowd-event"])
        })
        .collect();
    let kinds = if boost::FOUND { &KINDS[..] } else { &KINDS[..2] };
    // Of each kind: the first, the middle, the last, and the end of the call that sets it.
    let mut times = vec![[const { Vec::new() }; 4]; kinds.len()];
    for round in 0..effort.repetitions(ROUNDS) {
        for turn in 0..kinds.len() {
            let index = (turn + round) % kinds.len();
            let figures = one_round(region, &event, &mut peers, threads, kinds[index]);
            times[index].iter_mut().zip(figures).for_each(|(times, figure)| times.push(figure));
        }
    }
    let figures: Vec<[f64; 4]> =
        times.iter_mut().map(|times| times.each_mut().map(|times| median(times))).collect();
    let waiters = processes * threads;
    let whats = ["the first runs", "the middle one runs", "the last runs", "the call is over"];
    let mut rows = Vec::new();
    for (place, what) in whats.into_iter().enumerate() {
        for (index, rival) in RIVALS.into_iter().enumerate() {
            let operation = format!("set, {waiters} waiters, until {what}");
            let its = figures.get(1 + index).map(|figures| figures[place]);
            rows.push(
                Row::new(operation, Unit::Nanoseconds, figures[0][place], rival, its)
                    .note(format!("{processes} processes of {threads} threads")),
            );
        }
    }
    rows
}

fn one_round(
    region: Region,
    event: &Event,
    peers: &mut [Peer],
    threads: usize,
    kind: &str,
) -> [f64; 4] {
    peers.iter_mut().for_each(|peer| peer.tell(kind));
    peers.iter_mut().for_each(|peer| assert_eq!(peer.hear(), "going"));
    let waiters = peers.len() * threads;
    if kind == "boost" {
        while boost::reset_flag(region.flag()) < waiters as u32 {
            std::thread::yield_now();
        }
    } else {
        for waiter in 0..waiters {
            await_sleeper(peers[waiter / threads].pid(), region.thread(waiter), kind == "mapview");
        }
    }
    let start = nanoseconds();
    match kind {
        "mapview" => event.set().expect("a signal"),
        "futex" => {
            region.word().store(1, Ordering::Release);
            wake(region.futex(), u32::MAX >> 1);
        }
        _ => boost::set_flag(region.flag(), true),
    }
    let set = nanoseconds();
    peers.iter_mut().for_each(|peer| assert_eq!(peer.hear(), "done"));
    event.reset().expect("no signal");
    region.word().store(0, Ordering::Relaxed);
    boost::reset_flag(region.flag());
    let mut times: Vec<u64> =
        (0..waiters).map(|waiter| region.time(waiter).load(Ordering::Relaxed)).collect();
    times.sort_unstable();
    [times[0], times[waiters / 2], times[waiters - 1], set].map(|time| (time - start) as f64)
}

/// `futex_waitv(2)`, which the C library does not name.
const SYS_FUTEX_WAITV: i64 = 449;

/// Waits until a thread sleeps for several words, or for one that is shared between processes: what it sleeps for until it
/// is told to wait is private.
fn await_sleeper(pid: u32, thread: &AtomicU32, for_several: bool) {
    let thread = thread.load(Ordering::Acquire);
    let path = format!("/proc/{pid}/task/{thread}/syscall");
    let several = format!("{SYS_FUTEX_WAITV} ");
    let shared = (libc::SYS_futex.to_string(), format!("{:#x}", libc::FUTEX_WAIT));
    loop {
        let line = std::fs::read_to_string(&path).expect("of our own child");
        let mut words = line.split(' ');
        let one = (words.next(), words.nth(1)) == (Some(&shared.0), Some(&shared.1));
        if if for_several { line.starts_with(&several) } else { one } {
            return;
        }
        std::thread::yield_now();
    }
}

/// As a peer: many threads that wait as they are told, and write down when they were through.
pub fn peer(first: &str, count: &str, region: &str, event: &str) {
    unpin();
    let (first, count): (usize, usize) =
        (first.parse().expect("a number"), count.parse().expect("a number"));
    let region = Region(region_of(region, Region::SIZE));
    let (through, all_through) = channel();
    let (up, all_up) = channel();
    let waiters: Vec<Sender<String>> = (first..first + count)
        .map(|waiter| {
            let (tell, told) = channel::<String>();
            let (through, up) = (through.clone(), up.clone());
            let event = Event::open(event).expect("held by the parent");
            std::thread::spawn(move || {
                let region = region;
                // SAFETY: asks for a number.
                let id = unsafe { libc::gettid() } as u32;
                region.thread(waiter).store(id, Ordering::Release);
                up.send(()).expect("the peer listens");
                for kind in told {
                    wait(region, &event, &kind);
                    region.time(waiter).store(nanoseconds(), Ordering::Relaxed);
                    through.send(()).expect("the peer listens");
                }
            });
            tell
        })
        .collect();
    (0..count).for_each(|_| all_up.recv().expect("all say it"));
    for order in orders() {
        waiters.iter().for_each(|waiter| waiter.send(order.clone()).expect("it listens"));
        say("going");
        (0..count).for_each(|_| all_through.recv().expect("all say it"));
        say("done");
    }
}

fn wait(region: Region, event: &Event, kind: &str) {
    match kind {
        "mapview" => event.wait().expect("a wait"),
        "futex" => {
            while region.word().load(Ordering::Acquire) == 0 {
                sleep_while(region.futex(), 0);
            }
        }
        _ => boost::await_flag(region.flag(), false),
    }
}
