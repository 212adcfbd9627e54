//! Taking several objects at one instant, in the midst of others that do the same.
#![cfg(target_os = "linux")] // on Windows the kernel does it

mod support;

use std::time::{Duration, Instant};

use mapview::{wait_all, wait_any, Deadline, Event, Mutex, Semaphore, Wait};
use support::{say_running, seed, tell, with_suffix, Victim, World};

/// Something of which there is one, to take and to give back.
enum One {
    Semaphore(Semaphore),
    Event(Event),
    Mutex(Mutex),
}

impl One {
    /// The kind is the first letter of the name.
    fn open(name: &str) -> One {
        let full = with_suffix(name);
        match &name[..1] {
            "s" => One::Semaphore(Semaphore::open(&full).unwrap()),
            "e" => One::Event(Event::open(&full).unwrap()),
            _ => One::Mutex(Mutex::open(&full).unwrap()),
        }
    }

    fn wait(&self) -> &dyn Wait {
        match self {
            One::Semaphore(semaphore) => semaphore,
            One::Event(event) => event,
            One::Mutex(mutex) => mutex,
        }
    }

    fn take_now(&self) -> bool {
        wait_any(&[self.wait()], Deadline::now()).unwrap().is_some()
    }

    fn give_back(&self) {
        match self {
            One::Semaphore(semaphore) => assert_eq!(semaphore.release(1).unwrap(), 0),
            One::Event(event) => event.set().unwrap(),
            One::Mutex(mutex) => mutex.unlock().unwrap(),
        }
    }
}

fn pair() -> [One; 2] {
    let names = std::env::var("MAPVIEW_TEST_PAIR").unwrap();
    let (a, b) = names.split_once(' ').unwrap();
    [One::open(a), One::open(b)]
}

#[test]
#[ignore = "not a test: the body of a process that takes and gives"]
fn taker() {
    let Some(mut random) = seed() else { return };
    let [a, b] = pair();
    let stop = Event::open(&with_suffix("stop")).unwrap();
    say_running();
    while !stop.try_wait().unwrap() {
        // In both orders; some give up early.
        let deadline: Deadline = match random.below(4) {
            0 => Duration::from_micros(random.below(300)).into(),
            _ => Deadline::never(),
        };
        let both = [[a.wait(), b.wait()], [b.wait(), a.wait()]];
        if wait_all(&both[random.below(2) as usize], deadline).unwrap().is_some() {
            a.give_back();
            b.give_back();
        }
    }
}

#[test]
#[ignore = "not a test: the body of a process that watches"]
fn observer() {
    let Some(_) = seed() else { return };
    let [a, b] = pair();
    let number = |name| std::env::var(name).unwrap().parse::<u64>().unwrap();
    let (checks, length) = (number("MAPVIEW_TEST_CHECKS"), number("MAPVIEW_TEST_SECONDS"));
    let end = Instant::now() + Duration::from_secs(length);
    let mut held = 0;
    let mut done = 0;
    while done < checks && (done % 64 != 0 || Instant::now() < end) {
        done += 1;
        if b.take_now() {
            held += 1;
            assert!(a.take_now(), "half of a set was taken, at check {done}");
            a.give_back();
            b.give_back();
        }
    }
    tell(&format!("\n@done {done} {held}"));
}

/// Two seconds; with MAPVIEW_LONG=1 ten million looks, or five minutes.
#[track_caller]
fn nobody_sees_half_a_set(names: &str, make: &str) {
    let (checks, length) =
        if std::env::var_os("MAPVIEW_LONG").is_some() { (10_000_000, 300) } else { (u64::MAX, 2) };
    let world = World::new();
    let mut maker = world.peer();
    maker.ask(make);
    maker.ask("stop = event stop manual");
    let start = |body: &str, seed| {
        let mut command = world.command(body);
        command.env("MAPVIEW_TEST_PAIR", names);
        command.env("MAPVIEW_TEST_CHECKS", checks.to_string());
        command.env("MAPVIEW_TEST_SECONDS", length.to_string());
        Victim::start(command, seed)
    };
    let mut takers: Vec<Victim> = (1..=3).map(|number| start("taker", number)).collect();
    takers.iter_mut().for_each(Victim::wait_until_it_runs);
    let mut observer = start("observer", 9);
    let done = observer.wait_until_it_says("@done ");
    println!("{names}: looks, and how often something was there: {done}");
    let (_, held) = done.split_once(' ').unwrap();
    assert_ne!(held, "0", "the takers let nobody look");
    observer.join();
    maker.ask("set stop");
    takers.into_iter().for_each(Victim::join);
    maker.exit();
    world.assert_empty();
}

#[test]
fn nobody_sees_half_of_two_semaphores_taken() {
    nobody_sees_half_a_set("sa sb", "a = semaphore sa 1 1 ; b = semaphore sb 1 1");
}

#[test]
fn nobody_sees_half_of_two_events_taken() {
    nobody_sees_half_a_set("ea eb", "a = event ea set ; b = event eb set");
}

#[test]
fn nobody_sees_half_of_two_mutexes_taken() {
    nobody_sees_half_a_set("ma mb", "a = mutex ma ; b = mutex mb");
}

#[test]
fn nobody_sees_half_of_a_mutex_and_a_semaphore_taken() {
    nobody_sees_half_a_set("ma sb", "a = mutex ma ; b = semaphore sb 1 1");
}

#[test]
fn nobody_sees_half_of_an_event_and_a_mutex_taken() {
    nobody_sees_half_a_set("ea mb", "a = event ea set ; b = mutex mb");
}

#[test]
#[ignore = "not a test: the body of a process that waits in vain"]
fn hopeful() {
    let Some(mut random) = seed() else { return };
    let open = |name| Semaphore::open(&with_suffix(name)).unwrap();
    let (tokens, mutex) = (open("s"), Mutex::open(&with_suffix("m")).unwrap());
    let gate = Event::open(&with_suffix("gate")).unwrap();
    tell("\n@running");
    let (mut news, mut got) = (0, 0);
    let end = Instant::now() + Duration::from_secs(2);
    while Instant::now() < end {
        let limit = Duration::from_micros(random.below(400));
        if let Some(signaled) = wait_all(&[&tokens, &mutex, &gate], limit).unwrap() {
            got += 1;
            news += u32::from(signaled.abandoned());
            tokens.release(1).unwrap();
            mutex.unlock().unwrap();
        }
    }
    tell(&format!("@done {got} {news}"));
}

/// The gate opens for moments, so that many an attempt is begun and called off.
#[test]
fn waits_for_all_that_time_out_leave_no_trace() {
    let world = World::new();
    let mut maker = world.peer();
    maker.ask("s = semaphore s 2 2 ; m = mutex m ; gate = event gate manual");
    let mut owner = world.peer();
    owner.ask("m = mutex m ; lock m");
    owner.kill();
    let start = |number| Victim::start(world.command("hopeful"), number);
    let mut hopeful: Vec<Victim> = (1..=4).map(start).collect();
    hopeful.iter_mut().for_each(Victim::wait_until_it_runs);
    let end = Instant::now() + Duration::from_secs(2);
    while Instant::now() < end {
        maker.ask("set gate ; reset gate");
    }
    let mut news = 0;
    let mut got = 0;
    for mut one in hopeful {
        let done = one.wait_until_it_says("@done ");
        let (times, told) = done.split_once(' ').unwrap();
        got += times.parse::<u32>().unwrap();
        news += told.parse::<u32>().unwrap();
        one.join();
    }
    println!("all were there {got} times");
    if maker.ask("any m within 0") == "0 abandoned" {
        news += 1;
    }
    assert_eq!(news, 1, "the death of the owner is told once");
    assert_eq!(maker.ask("any s within 0 ; any s within 0 ; any s within 0"), "0 ; 0 ; timeout");
    maker.exit();
    world.assert_empty();
}
