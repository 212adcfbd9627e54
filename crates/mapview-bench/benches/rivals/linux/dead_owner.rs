//! From SIGKILL of an owner until the next process has the lock.

use mapview::Mutex;

use super::peer::{orders, say, Peer};
use super::posix::{nanoseconds, page_of, pin_to, Shm};
use super::posix_name;
use super::pthread::{self, Kind};
use crate::measure::{median, Effort};
use crate::table::{Budget, Row, Unit};

const KINDS: [&str; 2] = ["mapview", "pthread"];

pub fn rows(effort: &Effort) -> Vec<Row> {
    let name = posix_name("dead-owner");
    let _shm = Shm::create(&name, 4096);
    pthread::Mutex::make(page_of(&name), Kind::RobustRecursive);
    let _mutex = Mutex::create("dead-owner").expect("a mutex");
    let mut waiters = KINDS.map(|kind| Peer::start(&["wait", kind, &name, "dead-owner"]));
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..effort.repetitions(50) {
        for (index, kind) in KINDS.into_iter().enumerate() {
            let mut owner = Peer::start(&["own", kind, &name, "dead-owner"]);
            assert_eq!(owner.hear(), "locked");
            let waiter = &mut waiters[index];
            waiter.tell("lock");
            await_sleeper(waiter.pid());
            let killed = nanoseconds();
            owner.kill();
            let answer = waiter.hear();
            let (abandoned, taken) = answer.split_once(' ').expect("two words");
            assert_eq!(abandoned, "true", "the death of the owner must be told");
            times[index].push((taken.parse::<u64>().expect("a time") - killed) as f64);
        }
    }
    let worst = times[0].iter().fold(0.0_f64, |worst, &time| worst.max(time));
    let [mine, rival] = times.each_mut().map(|times| median(times));
    let operation = "SIGKILL of the owner until the waiter has the lock";
    let rival_name = "pthread robust recursive process-shared";
    let row = Row::new(operation, Unit::Nanoseconds, mine, rival_name, Some(rival))
        .budget(Budget::AtMost(1e6))
        .note(format!("worst {:.2} ms", worst / 1e6));
    vec![row]
}

/// Waits until a process sleeps in `futex(2)`.
fn await_sleeper(pid: u32) {
    let path = format!("/proc/{pid}/syscall");
    let sleeping = format!("{} ", libc::SYS_futex);
    while !std::fs::read_to_string(&path).expect("our own child").starts_with(&sleeping) {
        std::thread::yield_now();
    }
}

/// As a peer: locks and waits for its death.
pub fn owner(kind: &str, region: &str, mutex: &str) {
    pin_to(0);
    if kind == "mapview" {
        let mutex = Mutex::open(mutex).expect("held by the parent");
        let _guard = mutex.lock().expect("a lock");
        say("locked");
        orders().for_each(drop);
    } else {
        pthread::Mutex::existing(page_of(region)).lock();
        say("locked");
        orders().for_each(drop);
    }
}

/// As a peer: locks when told, and says when it had the lock and whether its owner had died.
pub fn waiter(kind: &str, region: &str, mutex: &str) {
    pin_to(1);
    let mutex = Mutex::open(mutex).expect("held by the parent");
    let rival = pthread::Mutex::existing(page_of(region));
    for _ in orders() {
        let (abandoned, taken) = if kind == "mapview" {
            let guard = mutex.lock().expect("a lock");
            (guard.abandoned(), nanoseconds())
        } else {
            let abandoned = rival.lock();
            let taken = nanoseconds();
            rival.unlock();
            (abandoned, taken)
        };
        say(format_args!("{abandoned} {taken}"));
    }
}
