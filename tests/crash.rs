//! kill -9 at any moment: survivors go on, every name leads to one object, and nothing is left.

mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mapview::{Mapping, Mutex};
use support::{say_running, seed, seed_number, with_suffix, Random, Victim, World};

const NAMES: u64 = 8;
/// A place for every process that this test starts: no two of them ever write to the same one.
const SLOTS: u64 = 15_000;
const COUNTER: usize = 64_000;
const AT_ONCE: u64 = 20;

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn churner() {
    let Some(mut random) = seed() else { return };
    let slot = 8 + 4 * seed_number() as usize;
    say_running();
    loop {
        let number = random.below(NAMES);
        let prefix = if number % 4 == 3 { r"Global\" } else { "" };
        let name = with_suffix(&format!("{prefix}churn{number}"));
        let mapping = Mapping::create(&name, 65_536).unwrap();
        let view = mapping.view().unwrap();
        // The first word says which name the object belongs to; whoever comes first writes it.
        let stamp = view.atomic::<AtomicU64>(0).unwrap();
        let found = stamp.compare_exchange(0, number + 1, Ordering::AcqRel, Ordering::Acquire);
        assert!(found.is_ok() || found == Err(number + 1), "another object: {found:?}");
        // While one handle is open, the name leads to this very object and to no other.
        let again = Mapping::open(&name).unwrap().view().unwrap();
        let secret = random.next() as u32;
        view.write(slot, &secret).unwrap();
        assert_eq!(again.read::<u32>(slot).unwrap(), secret, "two objects under one name");

        let lock = Mutex::create(&with_suffix(&format!("churn-lock{number}"))).unwrap();
        let guard = lock.lock().unwrap();
        // Under the lock nobody else changes this word, whoever died with the lock held.
        let count = view.read::<u64>(COUNTER).unwrap();
        view.write(COUNTER, &(count + 1)).unwrap();
        assert_eq!(view.read::<u64>(COUNTER).unwrap(), count + 1, "somebody else was inside");
        if random.below(4) != 0 {
            drop(guard);
        } else {
            std::mem::forget(guard); // closes its handle as the owner
            lock.unlock().unwrap();
        }
    }
}

/// Eight seconds; a minute with MAPVIEW_LONG=1.
#[test]
fn two_hundred_processes_that_open_close_and_die_leave_nothing() {
    let long = std::env::var_os("MAPVIEW_LONG").is_some();
    let (many, length) = if cfg!(windows) { (30, 8) } else { (200, if long { 60 } else { 8 }) };
    let world = World::new();
    let end = Instant::now() + Duration::from_secs(length);
    let mut random = Random(20_260_101);
    let mut started = 0;
    let mut start = || {
        started += 1;
        assert!(started < SLOTS, "more processes than places in the mapping");
        Victim::start(world.command("churner"), started)
    };
    let mut victims: Vec<Victim> = (0..many).map(|_| start()).collect();
    for victim in &mut victims {
        victim.wait_until_it_runs();
    }
    while Instant::now() < end {
        // Several at a time: starting a process takes long where two hundred others want to run.
        let first = random.below(many - AT_ONCE) as usize;
        for victim in &mut victims[first..first + AT_ONCE as usize] {
            std::mem::replace(victim, start()).kill();
        }
        for victim in &mut victims[first..first + AT_ONCE as usize] {
            victim.wait_until_it_runs();
        }
    }
    println!("{started} processes, {many} at a time");
    for victim in victims {
        victim.kill();
    }
    world.assert_empty();
}

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn stepper() {
    let Some(_) = seed() else { return };
    let (keep, own) = (with_suffix("keep"), with_suffix("own"));
    let (keep_lock, own_lock) = (with_suffix("keep-lock"), with_suffix("own-lock"));
    say_running();
    loop {
        let kept = Mapping::open(&keep).unwrap();
        assert_eq!(kept.view().unwrap().to_vec(0, 4).unwrap(), b"kept");
        let own = Mapping::create(&own, 65_536).unwrap();
        assert!(own.was_created());
        let view = own.view().unwrap();
        assert_eq!(view.to_vec(0, 4).unwrap(), [0; 4]);
        view.copy_in(0, b"dirt").unwrap();
        let lock = Mutex::open(&keep_lock).unwrap();
        drop(lock.lock().unwrap());
        let own_lock = Mutex::create(&own_lock).unwrap();
        assert!(own_lock.was_created());
        let _guard = own_lock.lock().unwrap();
        lock.close().unwrap();
        kept.close().unwrap();
        own.close().unwrap();
    }
}

#[test]
fn death_at_any_step_of_create_open_lock_and_close_harms_nobody() {
    let rounds = if cfg!(windows) { 30 } else { 300 };
    let world = World::new();
    let mut survivor = world.peer();
    for line in ["m = create keep 4096", "v = view m rw", "write v 0 kept", "x = mutex keep-lock"] {
        survivor.ask(line);
    }
    let mut random = Random(42);
    for round in 0..rounds {
        let mut victim = Victim::start(world.command("stepper"), round);
        victim.wait_until_it_runs();
        let end = Instant::now() + Duration::from_micros(random.below(2000));
        while Instant::now() < end {
            std::hint::spin_loop(); // a moment, not a wait: sleeping is too coarse to hit every step
        }
        victim.kill();
        // What the dead held alone is gone, whatever it was doing; the next object is new and zero.
        assert_eq!(survivor.ask("own = create own 4096"), "created 4096", "round {round}");
        survivor.ask("w = view own");
        assert_eq!(survivor.ask("read w 0 4"), "%00%00%00%00", "round {round}");
        assert_eq!(survivor.ask("y = mutex own-lock"), "created", "round {round}");
        let lock = survivor.ask("lock y within 0");
        assert!(lock.starts_with("locked"), "round {round}: {lock}");
        let lock = survivor.ask("lock x within 2000");
        assert_ne!(lock, "timeout", "round {round}");
        for line in ["unlock x", "unlock y", "close y", "close w", "close own"] {
            survivor.ask(line);
        }
        assert_eq!(survivor.ask("read v 0 4"), "kept");
        assert_eq!(survivor.ask("k = open keep"), "existed 4096", "round {round}");
        survivor.ask("close k");
    }
    survivor.kill();
    world.assert_empty();
}

#[test]
fn a_counter_under_a_lock_survives_the_death_of_its_owners() {
    let world = World::new();
    let mut survivor = world.peer();
    for line in ["m = create sum 4096", "v = view m rw", "x = mutex sum-lock"] {
        survivor.ask(line);
    }
    for _ in 0..20 {
        let mut victim = world.peer();
        for line in ["m = open sum", "v = view m rw", "x = open_mutex sum-lock"] {
            victim.ask(line);
        }
        victim.start("count x v 100000000");
        survivor.ask("count x v 100"); // proves that the victim is killed in the midst of it
        victim.kill();
        survivor.ask("count x v 100");
    }
}
