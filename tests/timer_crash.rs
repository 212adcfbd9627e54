//! Who sets a timer or waits for it is killed at chosen points and at random: the others go on, and no expiry is doubled.
#![cfg(target_os = "linux")]

mod support;

use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mapview::{wait_all, wait_any, Event, Mapping, Reset, Timer};
use support::{say_running, seed, with_suffix, Peer, Random, Victim, World};

/// In the book: how many expiries were taken.
const TAKEN: usize = 0;

#[test]
fn a_timer_whose_setter_is_killed_before_it_tells_can_be_set_by_the_next() {
    for (kind, wait) in [("", "wait t"), ("manual", "wait t"), ("", "all t"), ("", "any x t")] {
        let world = World::new();
        let knowing = || {
            let mut peer = world.peer();
            peer.ask(&format!("t = timer t {kind} ; x = event x manual"));
            peer
        };
        let mut waiters: Vec<Peer> = (0..2).map(|_| knowing()).collect();
        for waiter in &mut waiters {
            waiter.start(wait);
            waiter.wait_until_it_waits();
        }
        // In the middle of a change, with the lock of the plan.
        knowing().dies_of("die_at_wake ; plan t 0");
        knowing().dies_of("die_at_wake ; cancel t");
        let mut next = knowing();
        while !waiters.is_empty() {
            next.ask("plan t 2");
            let (index, answer) = support::answered_first(&mut waiters);
            assert!(["signaled", "0", "1"].contains(&&*answer), "{answer}");
            waiters.remove(index);
        }
        assert_eq!(next.ask("plan t 0 ; wait t within 0"), " ; signaled");
        next.kill();
        world.assert_empty();
    }
}

/// Everything that a timer has in its record, and where: see docs/format.md.
const WORDS: [u64; 6] = [0xE00, 0xE08, 0xE10, 0xE18, 0xE20, 0xFE0];

#[test]
fn whatever_a_hostile_process_writes_into_a_timer_nobody_hangs() {
    let mut random = Random(20_260_413);
    for kind in ["", "manual"] {
        let world = World::new();
        let mut peer = world.peer();
        peer.ask(&format!("t = timer t {kind} ; e = event e"));
        let record = world.files().into_iter().find(|file| {
            let contents = std::fs::read(file).unwrap();
            contents.get(12..16) == Some(&[5, 0, 0, 0])
        });
        let record = record.expect("a record of a timer");
        let record = std::fs::OpenOptions::new().write(true).open(record).unwrap();
        for _ in 0..200 {
            for _ in 0..=random.below(3) {
                let interesting = [0, 1, 255, 256, u64::MAX, 1 << 63, random.next(), random.next()];
                let value = interesting[random.below(8) as usize];
                let at = WORDS[random.below(6) as usize];
                record.write_all_at(&value.to_ne_bytes(), at).unwrap();
            }
            for line in
                ["wait t within 1", "plan t 0 every=1", "any e t within 0", "cancel t", "list"]
            {
                peer.start(line);
                let _ = peer.answer(); // whichever
            }
        }
        // A claim that nobody makes, or a wide count, is noise too; a new plan begins anew.
        record.write_all_at(&[0; 8], 0xFE0).unwrap();
        assert_eq!(peer.ask("plan t 1 ; wait t"), " ; signaled");
    }
}

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn taker() {
    let Some(mut random) = seed() else { return };
    let timer = Timer::open(&with_suffix("t")).unwrap();
    let event = Event::create("", Reset::Manual).unwrap();
    event.set().unwrap();
    let idle = Event::create("", Reset::Auto).unwrap();
    let book = Mapping::open(&with_suffix("book")).unwrap().view().unwrap();
    let taken = book.atomic::<AtomicU64>(TAKEN).unwrap();
    say_running();
    loop {
        let limit = Duration::from_micros(random.below(3000));
        let got = match random.below(3) {
            0 => timer.wait_timeout(limit).unwrap(),
            1 => wait_any(&[&idle, &timer], limit).unwrap().is_some(),
            _ => wait_all(&[&event, &timer], limit).unwrap().is_some(),
        };
        if got {
            taken.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn setter() {
    let Some(mut random) = seed() else { return };
    let timer = Timer::open(&with_suffix("t")).unwrap();
    say_running();
    loop {
        let after = Duration::from_micros(random.below(300));
        let period = (random.below(2) == 0).then_some(Duration::from_millis(1));
        match random.below(4) {
            0 => timer.cancel().unwrap(),
            1 => timer.set(std::time::SystemTime::now() + after, period).unwrap(),
            2 => drop(timer.wait_timeout(after).unwrap()),
            _ => timer.set(after, period).unwrap(),
        }
    }
}

/// Kills and replaces processes of this kind for a second, or a minute with MAPVIEW_LONG=1.
fn kill_at_random(world: &World, body: &str, mut after: impl FnMut()) {
    let length = if std::env::var_os("MAPVIEW_LONG").is_some() { 60 } else { 1 };
    let end = Instant::now() + Duration::from_secs(length);
    let mut random = Random(20_260_412);
    let mut start = |seed| {
        let mut victim = Victim::start(world.command(body), seed);
        victim.wait_until_it_runs();
        victim
    };
    let mut seeds = 1..;
    let mut victims: Vec<Victim> = seeds.by_ref().take(3).map(&mut start).collect();
    while Instant::now() < end {
        let moment = Instant::now() + Duration::from_micros(random.below(5000));
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        victims.remove(0).kill();
        after();
        victims.push(start(seeds.next().unwrap()));
    }
    victims.into_iter().for_each(Victim::kill);
}

#[test]
fn no_expiry_is_taken_twice_whoever_is_killed_in_its_wait() {
    let world = World::new();
    let mut keeper = world.peer();
    keeper.ask("t = timer t ; b = create book 4096 ; v = view b rw");
    keeper.ask("plan t 1 every=1");
    let begin = Instant::now();
    kill_at_random(&world, "taker", || {});
    let taken: u64 = keeper.ask("add v 0 0").parse().unwrap();
    let most = begin.elapsed().as_millis() as u64 + 1;
    assert!((10..=most).contains(&taken), "{taken} of {most}");
    assert_eq!(keeper.ask("wait t ; wait t"), "signaled ; signaled");
    keeper.kill();
    world.assert_empty();
}

#[test]
fn a_timer_works_on_whoever_is_killed_while_it_sets_it() {
    let world = World::new();
    let (mut keeper, mut waiter) = (world.peer(), world.peer());
    keeper.ask("t = timer t");
    waiter.ask("t = open_timer t");
    // Others keep setting it, so only that the waiter goes on some time is certain.
    kill_at_random(&world, "setter", || {
        waiter.start("wait t");
        let begin = Instant::now();
        loop {
            keeper.ask("plan t 0");
            if let Some(answer) = waiter.answer_so_far() {
                assert_eq!(answer.unwrap(), "signaled");
                break;
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "the waiter sleeps on");
        }
    });
    // Alone with it now: what was kept for a sleeper that was killed is there for the next one who sleeps.
    keeper.ask("plan t never ; wait t within 20");
    assert_eq!(keeper.ask("wait t within 20"), "timeout");
    waiter.start("wait t");
    waiter.wait_until_it_waits();
    keeper.ask("plan t 1");
    assert_eq!(waiter.answer().unwrap(), "signaled");
    assert_eq!(keeper.ask("wait t within 2"), "timeout");
    keeper.kill();
    waiter.kill();
    world.assert_empty();
}
