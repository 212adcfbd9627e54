//! What a sleeping waiter does while nothing happens to it, and while other things do: signals, stops, forks, ends of
//! other threads.
#![cfg(target_os = "linux")]

mod support;

use std::sync::Barrier;
use std::time::{Duration, Instant};

use mapview::{wait_all, wait_any, Deadline, Event, Mutex, Reset, Semaphore};
use support::{seed, Asleep, Peer, Victim, World};

const OBJECTS: &str =
    "e = event e ; n = event n manual ; s = semaphore s 0 9 ; m = mutex m ; x = event x manual ; t = timer t";
/// Every way to sleep, for something that the line behind it signals.
const WAITS: [(&str, &str); 11] = [
    ("any e", "set e"),
    ("wait n", "set n"),
    ("wait s", "release s 1"),
    ("lock m", "unlock m"),
    ("any x m s", "release s 1"),
    ("all n e", "set n ; set e"),
    ("all m s n", "unlock m ; set n ; release s 1"),
    ("signal_and_wait x s", "release s 1"),
    ("wait t", "plan t 0"),
    ("any x t s", "plan t 0"),
    ("all n t", "plan t 0 ; set n"),
];

/// A sleeper of this kind, and another process, which owns the mutex.
fn sleeping(wait: &str) -> (World, Peer, Peer) {
    let world = World::new();
    let (mut sleeper, mut other) = (world.peer(), world.peer());
    other.ask(&format!("{OBJECTS} ; lock m"));
    sleeper.ask(OBJECTS);
    sleeper.ask("handle");
    sleeper.ask("cpu"); // what it loads lazily is loaded
    sleeper.start(&format!("cpu ; {wait} ; cpu"));
    sleeper.wait_until_it_waits();
    (world, sleeper, other)
}

fn wake(mut sleeper: Peer, mut other: Peer, signal: &str) -> Vec<String> {
    other.ask(signal);
    let answer = sleeper.answer().unwrap();
    assert!(!answer.contains("timeout"), "{answer}");
    answer.split(" ; ").map(str::to_string).collect()
}

fn kill(peer: &Peer, signal: i32) {
    // SAFETY: a plain system call.
    assert_eq!(unsafe { libc::kill(peer.pid() as i32, signal) }, 0);
}

/// Stops it, and returns when it stands still.
fn stop(peer: &Peer) {
    kill(peer, libc::SIGSTOP);
    let status = format!("/proc/{0}/task/{1}/status", peer.pid(), peer.thread());
    while !std::fs::read_to_string(&status).unwrap().contains("State:\tT") {
        std::thread::yield_now();
    }
}

/// Sends SIGUSR1 to the very thread that sleeps.
fn interrupt(peer: &Peer) {
    // SAFETY: a plain system call.
    let sent = unsafe { libc::syscall(libc::SYS_tgkill, peer.pid(), peer.thread(), libc::SIGUSR1) };
    assert_eq!(sent, 0);
}

#[test]
fn a_sleeper_uses_no_processor_while_nothing_happens() {
    let peers: Vec<_> = WAITS.iter().map(|(wait, signal)| (sleeping(wait), wait, signal)).collect();
    let times = |peer: &Peer| format!("{:?}", peer.asleep());
    let before: Vec<String> = peers.iter().map(|((_, sleeper, _), ..)| times(sleeper)).collect();
    // A while for all of them together, in which nothing is to happen.
    std::thread::sleep(Duration::from_secs(2));
    for (((_world, sleeper, other), wait, signal), before) in peers.into_iter().zip(before) {
        assert_eq!(times(&sleeper), before, "`{wait}` did not sleep through");
        let answer = wake(sleeper, other, signal);
        let cpu = |text: &String| text.parse::<u64>().unwrap();
        let used = cpu(answer.last().unwrap()) - cpu(&answer[0]);
        assert!(used < 100_000, "`{wait}` computed {used} microseconds");
    }
}

#[test]
fn a_signal_of_the_system_does_not_end_a_wait() {
    for (wait, signal) in WAITS {
        let (_world, mut sleeper, other) = sleeping(wait);
        for _ in 0..3 {
            let before = sleeper.asleep();
            interrupt(&sleeper);
            let begin = Instant::now();
            while sleeper.asleep() == before || !matches!(sleeper.asleep(), Asleep::ForEver(_)) {
                assert!(sleeper.answer_now().is_none(), "`{wait}` ended by a signal");
                assert!(begin.elapsed() < Duration::from_secs(20), "`{wait}` sleeps no more");
            }
        }
        wake(sleeper, other, signal);
    }
}

#[test]
fn a_stopped_sleeper_goes_on_with_what_came_meanwhile() {
    for (wait, signal) in WAITS {
        let (_world, mut sleeper, mut other) = sleeping(wait);
        stop(&sleeper);
        other.ask(signal);
        assert!(sleeper.answer_so_far().is_none());
        kill(&sleeper, libc::SIGCONT);
        let answer = sleeper.answer().unwrap();
        assert!(!answer.contains("timeout"), "`{wait}`: {answer}");
    }
}

#[test]
fn a_stopped_sleeper_keeps_nothing_from_others() {
    for (wait, signal) in WAITS {
        let (_world, sleeper, mut other) = sleeping(wait);
        stop(&sleeper);
        let begin = Instant::now();
        other.ask(signal);
        let asked = wait.replace("signal_and_wait x s", "any s").replace("lock", "any");
        let asked = asked.replace("wait ", "any ");
        let answer = other.ask(&format!("{asked} within 5000"));
        assert_ne!(answer, "timeout", "`{wait}`");
        assert!(begin.elapsed() < Duration::from_secs(4), "`{wait}`");
    }
}

#[test]
#[ignore = "not a test: the body of a process that forks and whose threads end"]
fn threads_and_forks() {
    let Some(_) = seed() else { return };
    let (turn, back) =
        (Event::create("", Reset::Auto).unwrap(), Semaphore::create("", 0, 9).unwrap());
    let mutex = Mutex::create("").unwrap();
    let sleeps = |ids: &std::sync::mpsc::Receiver<i32>| {
        let path = format!("/proc/self/task/{}/syscall", ids.recv().unwrap());
        while !std::fs::read_to_string(&path).unwrap().starts_with("449 ") {
            std::thread::yield_now();
        }
    };
    let owned = Barrier::new(2);
    let (say, ids) = std::sync::mpsc::channel();
    // SAFETY: plain system calls.
    let me = || unsafe { libc::gettid() };
    let waiter = || {
        say.send(me()).unwrap();
        let got = wait_any(&[&turn, &mutex], Deadline::never()).unwrap().unwrap();
        mutex.unlock().unwrap();
        u32::from(got.abandoned())
    };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| {
            say.send(me()).unwrap();
            wait_any(&[&turn, &back], Deadline::never()).map(drop)
        });
        sleeps(&ids);
        // SAFETY: the child only uses the objects, and ends at once.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let own = matches!(back.wait_timeout(Duration::from_millis(1)), Ok(false))
                && mutex.try_lock().is_ok()
                && matches!(wait_all(&[&back, &turn], Duration::from_millis(1)), Ok(None));
            turn.set().unwrap();
            // SAFETY: no destructor is to run here.
            unsafe { libc::_exit(i32::from(!own)) };
        }
        let mut status = -1;
        // SAFETY: writes the status.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert_eq!(status, 0, "the child waited wrongly");
        first.join().unwrap().unwrap();

        // A thread ends with the mutex while two others wait for it.
        let owner = scope.spawn(|| {
            std::mem::forget(mutex.lock().unwrap());
            owned.wait();
            owned.wait();
        });
        owned.wait();
        let waiters = [scope.spawn(waiter), scope.spawn(waiter)];
        sleeps(&ids);
        sleeps(&ids);
        owned.wait();
        owner.join().unwrap();
        let news: u32 = waiters.into_iter().map(|waiter| waiter.join().unwrap()).sum();
        assert_eq!(news, 1, "the end of the thread is told once");
    });
}

#[test]
fn a_fork_and_the_end_of_a_thread_leave_the_waits_of_other_threads_alone() {
    let world = World::new();
    Victim::start(world.command("threads_and_forks"), 1).join();
    world.assert_empty();
}
