//! Statics that all running instances of a program share; the program is this test.

mod support;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use mapview::{shared_static, Shared};
use support::{code, is_child, serve, Line, Peer, World};

// One for each test: under Wine they are one for all worlds.
shared_static! {
    static RUNS: AtomicU64 = 23;
    static KILLED: AtomicI32 = -5;
    static RACED: AtomicU64 = slow();
    static CONFIG: Shared<[u32; 3]> = [1, 2, 3];
    static REBUILT: AtomicU64 = 100;
}

shared_static! {
    group "mapview tests";
    static GROUPED: AtomicU64 = 7;
    static TYPED: AtomicU64 = 7;
}

shared_static! {
    static EARLY: AtomicU64 = 10;
}

/// Runs before `main` in every instance.
#[cfg(target_os = "linux")]
#[used]
#[link_section = ".init_array"]
static BEFORE_MAIN: extern "C" fn() = before_main;

#[cfg(target_os = "linux")]
extern "C" fn before_main() {
    EARLY.fetch_add(1, Ordering::SeqCst);
}

mod elsewhere {
    mapview::shared_static! {
        group "mapview tests";
        pub static GROUPED: std::sync::atomic::AtomicU64 = 8;
        pub static RUNS: std::sync::atomic::AtomicU64 = 9;
    }
    pub mod different {
        mapview::shared_static! {
            group "mapview tests";
            pub static TYPED: std::sync::atomic::AtomicU32 = 8;
        }
    }
}

/// How often this process made the initial value.
static MADE: AtomicU64 = AtomicU64::new(0);

fn slow() -> u64 {
    MADE.fetch_add(1, Ordering::SeqCst);
    std::thread::yield_now();
    1000
}

#[test]
#[ignore = "not a test: the body of the processes that the tests start"]
fn peer() {
    if is_child() {
        serve(obey);
    }
}

fn obey(line: &Line) -> mapview::Result<String> {
    let add = |counter: &AtomicU64| counter.fetch_add(1, Ordering::SeqCst).to_string();
    Ok(match &*line.verb {
        "runs" => add(&RUNS),
        "raced" => add(&RACED),
        "early" => EARLY.load(Ordering::SeqCst).to_string(),
        "made" => MADE.load(Ordering::SeqCst).to_string(),
        "rebuilt" => add(&REBUILT),
        "grouped" => add(&GROUPED),
        "grouped_elsewhere" => add(&elsewhere::GROUPED),
        "killed" => KILLED.fetch_sub(1, Ordering::SeqCst).to_string(),
        "config" => {
            let mut config = CONFIG.lock()?.sound()?;
            config[0] += 1;
            format!("{:?}", *config)
        }
        other => panic!("what is {other}?"),
    })
}

#[test]
fn instances_share_a_static_that_begins_with_its_value_in_the_source() {
    let world = World::new();
    let (mut a, mut b) = (world.peer_of("peer"), world.peer_of("peer"));
    assert_eq!((&*a.ask("runs"), &*b.ask("runs"), &*a.ask("runs")), ("23", "24", "25"));
    assert_eq!(a.ask("config"), "[2, 2, 3]");
    assert_eq!(b.ask("config"), "[3, 2, 3]");
    a.kill();
    let mut c = world.peer_of("peer");
    assert_eq!((&*c.ask("runs"), &*b.ask("runs")), ("26", "27"), "kept while any runs");
}

#[test]
fn the_initial_value_is_back_after_the_last_instance_ended_however_it_ended() {
    let world = World::new();
    for _ in 0..3 {
        let mut peers: [Peer; 2] = std::array::from_fn(|_| world.peer_of("peer"));
        let seen = peers.each_mut().map(|peer| peer.ask("killed"));
        assert_eq!(seen, ["-5", "-6"]);
        peers.iter_mut().for_each(Peer::kill);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_static_can_be_used_before_main() {
    let world = World::new();
    let (mut a, mut b) = (world.peer_of("peer"), world.peer_of("peer"));
    b.ask("runs"); // it runs, and so does the first
    assert_eq!((&*a.ask("early"), &*b.ask("early")), ("12", "12"));
}

#[test]
fn exactly_one_instance_makes_the_initial_value() {
    let world = World::new();
    let mut peers: [Peer; 6] = std::array::from_fn(|_| world.peer_of("peer"));
    for peer in &mut peers {
        peer.start("raced");
    }
    let mut seen: Vec<u64> =
        peers.iter_mut().map(|peer| peer.answer().unwrap().parse().unwrap()).collect();
    seen.sort_unstable();
    assert_eq!(seen, (1000..1006).collect::<Vec<u64>>());
    let made = peers.iter_mut().map(|peer| peer.ask("made").parse::<u64>().unwrap());
    assert_eq!(made.sum::<u64>(), 1);
}

#[test]
fn another_file_is_another_program_and_a_hard_link_is_not() {
    let (world, own) = (World::new(), std::env::current_exe().unwrap());
    // On the same drive, which Wine gives numbers of their own though they may lie on one disk.
    let directory = tempfile::tempdir_in(own.parent().unwrap()).unwrap();
    let (copy, link) = (directory.path().join("copy.exe"), directory.path().join("link.exe"));
    std::fs::copy(&own, &copy).unwrap();
    std::fs::hard_link(&own, &link).unwrap();
    let start = |program: &Path| {
        let mut command = Command::new(program);
        world.prepare(&mut command, "peer");
        Peer::spawn(command)
    };
    let (mut first, mut rebuilt) = (start(&own), start(&copy));
    assert_eq!((&*first.ask("rebuilt"), &*rebuilt.ask("rebuilt")), ("100", "100"));
    assert_eq!(start(&link).ask("rebuilt"), "101");
    // What names a group is one for all programs.
    assert_eq!((&*first.ask("grouped"), &*rebuilt.ask("grouped")), ("7", "8"));
    assert_eq!(first.ask("grouped_elsewhere"), "9", "also for another static of this name");
}

#[test]
fn a_static_of_another_type_has_its_name_in_the_group_refused() {
    let first = elsewhere::RUNS.get().unwrap();
    assert!(std::ptr::eq(first, elsewhere::RUNS.get().unwrap()));
    let here = TYPED.get().unwrap();
    here.fetch_add(1, Ordering::SeqCst);
    let refused = elsewhere::different::TYPED.get();
    assert_eq!(code(refused), 13);
    let told = elsewhere::different::TYPED.get().unwrap_err().to_string();
    assert!(told.contains("atomic u64") && told.contains("TYPED"), "{told}");
    assert!(format!("{:?}", elsewhere::different::TYPED).contains("atomic u64"));
}
