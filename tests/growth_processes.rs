//! A log that grows while others read it, and kill -9 in the middle of growing.

mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mapview::{Event, Mapping, View, ViewAccess};
use support::{is_child, say_running, seed, with_suffix, Random, Victim, World};

const MAXIMUM: u64 = 64 << 20;
const RECORDS: u64 = 20_000;
const READERS: usize = 3;
/// Where the records begin; the number of those that are complete lies at 0.
const FIRST: u64 = 64;
const RECORD: u64 = 100;

fn record(number: u64) -> [u8; RECORD as usize] {
    let mut record = [number as u8; RECORD as usize];
    record[..8].copy_from_slice(&number.to_ne_bytes());
    record
}

#[test]
#[ignore = "not a test: the body of a process that writes a log"]
fn append() {
    if !is_child() {
        return;
    }
    let log = Mapping::open(&with_suffix("log")).unwrap();
    let events: Vec<Event> =
        (0..READERS).map(|reader| Event::open(&event_name(reader)).unwrap()).collect();
    let head = View::options().access(ViewAccess::ReadWrite).len(64).map(&log).unwrap();
    let count = head.atomic::<AtomicU64>(0).unwrap();
    let (mut start, mut window) = (0, log.view().unwrap());
    for number in 0..RECORDS {
        let at = FIRST + number * RECORD;
        if at + RECORD > start + window.len() as u64 {
            log.grow(at + 50_000).unwrap();
            let mut rest = View::options();
            (start, window) =
                (at, rest.access(ViewAccess::ReadWrite).offset(at).map(&log).unwrap());
        }
        window.copy_in((at - start) as usize, &record(number)).unwrap();
        count.store(number + 1, Ordering::Release);
        if number % 100 == 99 {
            events.iter().for_each(|event| event.set().unwrap());
        }
    }
    println!("\n@done");
}

#[test]
#[ignore = "not a test: the body of a process that follows a log"]
fn follow() {
    let Some(_) = seed() else { return };
    let log = Mapping::open_read_only(&with_suffix("log")).unwrap();
    let event = Event::open(&event_name(support::seed_number() as usize)).unwrap();
    let head = View::options().len(64).map(&log).unwrap();
    let (mut start, mut window) = (0, log.view().unwrap());
    say_running();
    let mut number = 0;
    while number < RECORDS {
        if head.load::<AtomicU64>(0, Ordering::Acquire).unwrap() == number {
            event.wait().unwrap();
            continue;
        }
        let at = FIRST + number * RECORD;
        if at + RECORD > start + window.len() as u64 {
            assert!(log.size() >= at + RECORD, "what was told of is there");
            (start, window) = (at, View::options().offset(at).map(&log).unwrap());
        }
        let seen = window.to_vec((at - start) as usize, RECORD as usize).unwrap();
        assert_eq!(seen, record(number));
        number += 1;
    }
    assert!(start > 0, "it never saw the log grow");
}

fn event_name(reader: usize) -> String {
    with_suffix(&format!("news-{reader}"))
}

#[test]
fn readers_follow_a_log_that_a_writer_appends_to() {
    let world = World::new();
    let mut owner = world.peer();
    owner.ask(&format!("m = create log 4096 maximum={MAXIMUM}"));
    for reader in 0..READERS {
        owner.ask(&format!("e{reader} = event news-{reader} auto"));
    }
    let mut readers: Vec<Victim> =
        (0..READERS as u64).map(|reader| Victim::start(world.command("follow"), reader)).collect();
    readers.iter_mut().for_each(Victim::wait_until_it_runs);
    let output = world.command("append").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("@done"), "{output:?}");
    readers.into_iter().for_each(Victim::join);
    owner.exit();
    world.assert_empty();
}

/// What a victim is about to grow to, and what it has grown to.
const ABOUT: usize = 0;
const DONE: usize = 8;

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn grower() {
    let Some(mut random) = seed() else { return };
    let mapping = Mapping::open(&with_suffix("grows")).unwrap();
    let head = View::options().access(ViewAccess::ReadWrite).len(64).map(&mapping).unwrap();
    say_running();
    loop {
        let size = mapping.size();
        let wanted = (size + (1 + random.below(10)) * 4096).min(MAXIMUM);
        head.write(ABOUT, &wanted).unwrap();
        assert_eq!(mapping.grow(wanted).unwrap(), wanted);
        head.write(DONE, &wanted).unwrap();
        if wanted == MAXIMUM {
            loop {
                std::thread::park(); // there is nothing left but to be killed
            }
        }
        let end = View::options().access(ViewAccess::ReadWrite).offset(wanted - 8).map(&mapping);
        end.unwrap().write(0, &wanted).unwrap();
    }
}

/// Kills growers of the mapping that `create` and the suffix of the names describe.
fn kill_growers(world: &World, create: &str) {
    let long = std::env::var_os("MAPVIEW_LONG").is_some();
    let rounds = if cfg!(windows) {
        5
    } else if long {
        300
    } else {
        15
    };
    let (mut survivor, mut fresh) = (world.peer(), world.peer());
    let mut size: u64 = survivor.ask(create).split(' ').nth(1).unwrap().parse().unwrap();
    survivor.ask("head = view m rw len=64 ; write head 32 kept");
    let mut random = Random(77);
    for round in 1..=rounds {
        let mut victim = Victim::start(world.command("grower"), round);
        victim.wait_until_it_runs();
        let end = Instant::now() + Duration::from_micros(random.below(3000));
        while Instant::now() < end {
            std::hint::spin_loop(); // a moment, not a wait: sleeping is too coarse to hit every step
        }
        victim.kill();
        let now: u64 = survivor.ask("size m").parse().unwrap();
        let word = |survivor: &mut support::Peer, at: usize| -> u64 {
            survivor.ask(&format!("add head {at} 0")).parse().unwrap()
        };
        let (about, done) = (word(&mut survivor, ABOUT), word(&mut survivor, DONE));
        let old_or_new = now == done || now == about || done == 0 && now == size;
        assert!(old_or_new, "round {round}: {now} is neither {done} nor {about}");
        assert!(now >= size, "round {round}");
        // All of it is there, for the one who saw it grow and for one who comes new.
        assert_eq!(fresh.ask("m = open grows"), format!("existed {now}"));
        let last = now - 4096;
        for peer in [&mut survivor, &mut fresh] {
            peer.ask(&format!("v = view m rw ; fill v {last} 4096 1 ; read v 0 8 ; close v"));
        }
        fresh.ask("close m");
        assert_eq!(survivor.ask("read head 32 4"), "kept");
        size = now;
    }
    println!("{rounds} were killed, {size} bytes");
    fresh.exit();
    survivor.kill();
    world.assert_empty();
}

#[test]
fn a_grower_that_is_killed_leaves_the_old_or_the_new_size() {
    for reserve in ["", "reserve"] {
        let create = format!("m = create grows 8192 maximum={MAXIMUM} {reserve}");
        kill_growers(&World::new(), &create);
    }
}

#[test]
#[cfg(target_os = "linux")] // under Wine 8 the file of a mapping that was opened by name does not grow
fn a_grower_of_a_file_that_is_killed_leaves_the_old_or_the_new_size() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    std::fs::write(&path, [0; 8192]).unwrap();
    kill_growers(&World::new(), &format!("m = create grows 0 path={}", path.display()));
    let len = std::fs::metadata(&path).unwrap().len();
    // Whoever is killed before the length changes leaves at most disk space, which the next growth uses.
    assert!(len > 8192 && len.is_multiple_of(4096), "{len}");
}
