//! kill -9 at any moment: survivors go on, every name leads to one object, and nothing is left.

mod support;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{channel, Receiver};
use std::time::{Duration, Instant};

use mapview::{Mapping, Mutex};
use support::{is_child, with_suffix, World};

/// Random enough, and the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// A process of this test binary that is killed sooner or later, and what it says on its way.
struct Victim {
    child: Child,
    out: BufReader<ChildStdout>,
    errors: Receiver<String>,
}

impl Victim {
    fn start(mut command: Command, seed: u64) -> Victim {
        command.env("MAPVIEW_TEST_SEED", seed.to_string()).stderr(Stdio::piped());
        let mut child = support::spawn_again(&mut command).unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let (to, errors) = channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text);
            to.send(text)
        });
        Victim { child, out, errors }
    }

    /// Reads on until the process has really begun.
    fn wait_until_it_runs(&mut self) {
        let mut line = String::new();
        while !line.starts_with("@running") {
            line.clear();
            assert_ne!(self.out.read_line(&mut line).unwrap(), 0, "it ended before it began");
        }
    }

    /// Kills it. Until then it must have had nothing to complain about.
    #[track_caller]
    fn kill(mut self) {
        let ended = self.child.try_wait().unwrap();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let errors = self.errors.recv().unwrap();
        assert!(ended.is_none() && errors.is_empty(), "a check failed: {ended:?}: {errors}");
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill(); // also when a check failed, for it would go on for ever
        let _ = self.child.wait();
    }
}

fn seed() -> Option<Random> {
    let seed = std::env::var("MAPVIEW_TEST_SEED").ok()?;
    is_child().then(|| Random(seed.parse::<u64>().unwrap() * 0x9E37_79B9 + 1))
}

fn say_running() {
    // Without the test that kills it, this process would go on for ever; the end of the pipe tells.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n@running").and_then(|()| out.flush()).unwrap();
}

const NAMES: u64 = 8;
const SLOTS: u64 = 8000;
const AT_ONCE: u64 = 20;

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn churner() {
    let Some(mut random) = seed() else { return };
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
        let slot = 8 + 4 * (u64::from(std::process::id()) % SLOTS) as usize;
        let secret = random.next() as u32;
        view.write(slot, &secret).unwrap();
        assert_eq!(again.read::<u32>(slot).unwrap(), secret, "two objects under one name");

        let lock = Mutex::create(&with_suffix(&format!("churn-lock{number}"))).unwrap();
        let guard = lock.lock().unwrap();
        // Under the lock nobody else changes this word, whoever died with the lock held.
        let counter = 40_000;
        let count = view.read::<u64>(counter).unwrap();
        view.write(counter, &(count + 1)).unwrap();
        assert_eq!(view.read::<u64>(counter).unwrap(), count + 1, "somebody else was inside");
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
