//! kill -9, at any moment, of those who change the memory of a process: it goes on as if nothing had been.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod support;
#[path = "support/target.rs"]
mod target;

use std::time::{Duration, Instant};

use mapview::{Process, Protect};
use support::{say_running, seed, Random, Victim, World};

const TARGET: &str = "MAPVIEW_TEST_TARGET";

#[test]
#[ignore = "not a test: the body of the processes that are changed"]
fn target_process() {
    target::target();
}

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn changer() {
    let Some(mut random) = seed() else { return };
    let process = Process::open(std::env::var(TARGET).unwrap().parse().unwrap()).unwrap();
    say_running();
    loop {
        let size = 1 + random.below(100_000) as usize;
        let at = process.allocate(None, size, Protect::READ_WRITE).unwrap();
        process.write(at, &vec![1; size]).unwrap();
        process.protect(at, size, Protect::EXECUTE_READ).unwrap();
        process.release(at).unwrap();
    }
}

/// More than a hundred deaths; two thousand with MAPVIEW_LONG=1.
#[test]
fn a_process_goes_on_whenever_those_who_change_it_are_killed() {
    let rounds = if std::env::var_os("MAPVIEW_LONG").is_some() { 1000 } else { 60 };
    let world = World::new();
    std::thread::scope(|scope| {
        for (seed, kinds) in
            [(1, &["alone compute"][..]), (2, &["threads compute 2", "threads poll 2"])]
        {
            let mut peer = world.peer_of("target_process");
            let world = &world;
            scope.spawn(move || {
                let mut pid = peer.pid();
                for kind in kinds {
                    pid = peer.ask(kind).parse().unwrap_or(pid);
                }
                let counter: usize = peer.ask("counter").parse().unwrap();
                kill_changers(world, &Process::open(pid).unwrap(), counter, seed, rounds);
                drop(peer); // lives until here
            });
        }
    });
}

fn kill_changers(world: &World, process: &Process, counter: usize, seed: u64, rounds: u64) {
    let mut random = Random(seed);
    for round in 0..rounds {
        let mut command = world.command("changer");
        command.env(TARGET, process.pid().to_string());
        let mut victim = Victim::start(command, seed * 10_000 + round);
        victim.wait_until_it_runs();
        let end = Instant::now() + Duration::from_micros(random.below(8000));
        while Instant::now() < end {
            std::thread::yield_now(); // a moment, not a wait
        }
        victim.kill();
        goes_on(process, counter);
    }
}

/// The kernel lets go of it soon, and it does its rounds undisturbed.
fn goes_on(process: &Process, counter: usize) {
    let done = || {
        let mut count = [0; 8];
        process.read(counter, &mut count).unwrap(); // fails if it ended, as it does when disturbed
        u64::from_ne_bytes(count)
    };
    let (before, begin) = (done(), Instant::now());
    while done() < before + 2 {
        assert!(begin.elapsed() < Duration::from_secs(30), "it stands still");
        std::thread::yield_now();
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.pid())).unwrap();
    assert!(status.contains("TracerPid:\t0\n") && !status.contains("State:\tt"), "{status}");
}
