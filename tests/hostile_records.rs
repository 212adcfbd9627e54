//! Records that hold anything at all: an answer or an error, never a panic, a hang or a signal. Linux.
#![cfg(target_os = "linux")]

#[path = "support/hostile.rs"]
mod hostile;
mod support;

use std::io::Write;
use std::path::PathBuf;

use hostile::Contents;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use support::{is_child, with_suffix, Peer, World};

const NAMES: [&str; 4] = ["target", "lock", r"Global\target", r"Global\lock"];
const ROUNDS: usize = 1500;

/// One change of a record.
#[derive(Clone, Debug)]
enum Change {
    Word { at: prop::sample::Index, value: u64, bytes: usize },
    Cut(prop::sample::Index),
    Grow(u64),
    Noise(Vec<u8>),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let me = u64::from(std::process::id());
    let interesting = prop::sample::select(vec![
        0,
        1,
        2,
        3,
        7,
        8,
        255,
        256,
        4095,
        4096,
        4097,
        65_535,
        65_536,
        me,
        0x4000_0000,
        0x8000_0000,
        0x7FFF_FFFF,
        0xFFFF_FFFF,
        1 << 40,
        i64::MAX as u64,
        u64::MAX - 4095,
        u64::MAX,
    ]);
    let value = prop_oneof![interesting, any::<u64>()];
    let word = (any::<prop::sample::Index>(), value, prop::sample::select(vec![1, 2, 4, 8]))
        .prop_map(|(at, value, bytes)| Change::Word { at, value, bytes });
    let change = prop_oneof![
        12 => word,
        1 => any::<prop::sample::Index>().prop_map(Change::Cut),
        1 => (1..10_000_u64).prop_map(Change::Grow),
        1 => prop::collection::vec(any::<u8>(), 0..300).prop_map(Change::Noise),
    ];
    prop::collection::vec(change, 1..6)
}

fn changed(contents: &Contents, changes: &[Change]) -> Contents {
    let mut contents = contents.clone();
    let head = &mut contents.head;
    for change in changes {
        match change {
            // Most of a record is unused space, so most changes go where something is.
            Change::Word { at, value, bytes } => {
                let used: Vec<usize> = (0..head.len())
                    .filter(|index| index % bytes == 0)
                    .filter(|&index| index < 256 || head[index] != 0)
                    .collect();
                if !used.is_empty() {
                    let at = used[at.index(used.len())];
                    let end = (at + bytes).min(head.len());
                    head[at..end].copy_from_slice(&value.to_le_bytes()[..end - at]);
                }
            }
            Change::Cut(at) => contents.len = at.index(head.len() + 1) as u64,
            Change::Grow(bytes) => contents.len += *bytes,
            Change::Noise(noise) => {
                let end = noise.len().min(head.len());
                head[..end].copy_from_slice(&noise[..end]);
            }
        }
    }
    contents
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n@ok {text}").and_then(|()| out.flush()).unwrap();
}

#[test]
#[ignore = "not a test: the body of a process that meets hostile records"]
fn victim() {
    let records = std::env::var("MAPVIEW_TEST_RECORDS").unwrap_or_default();
    if !is_child() {
        return;
    }
    let records: Vec<PathBuf> = records.split('\n').map(PathBuf::from).collect();
    let originals: Vec<Contents> = records.iter().map(|record| Contents::of(record)).collect();
    let names = NAMES.map(with_suffix);
    let mut runner = TestRunner::deterministic();
    say("ready");
    for round in 0..ROUNDS {
        let which = round % records.len();
        let changes = changes().new_tree(&mut runner).unwrap().current();
        say(&format!("round {round}: {changes:?}").replace('\n', " "));
        changed(&originals[which], &changes).put(&records[which]);
        hostile::use_everything(&names);
        originals[which].put(&records[which]);
    }
    say("done");
}

fn watch(mut victim: Peer) {
    let mut last = String::new();
    for _ in 0..=ROUNDS {
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| victim.answer())) {
            Ok(answer) => last = answer.unwrap(),
            Err(panic) => {
                eprintln!("the last that was heard: {last}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    assert_eq!(last, "done");
}

/// A peer that holds objects of each kind, and where their records are.
fn keeper(world: &World) -> (Peer, Vec<PathBuf>) {
    let mut keeper = world.peer();
    keeper.ask("m = create target 8192");
    keeper.ask("x = mutex lock");
    keeper.ask(r"n = create Global\target 8192 grant=everybody:rw");
    keeper.ask(r"y = mutex Global\lock grant=everybody:rw");
    let records = world.files();
    assert!(records.len() >= NAMES.len(), "{records:?}");
    (keeper, records)
}

fn start_victim(world: &World, records: &[PathBuf]) -> Peer {
    let list: Vec<&str> = records.iter().map(|record| record.to_str().unwrap()).collect();
    let mut command = world.command("victim");
    command.env("MAPVIEW_TEST_RECORDS", list.join("\n"));
    Peer::spawn(command)
}

#[test]
fn hostile_records_of_living_holders_are_survived() {
    let world = World::new();
    let (_keeper, records) = keeper(&world);
    watch(start_victim(&world, &records));
}

#[test]
fn hostile_leftovers_are_survived() {
    let world = World::new();
    let (mut keeper, records) = keeper(&world);
    let victim = start_victim(&world, &records);
    keeper.kill();
    watch(victim);
}

#[test]
fn a_leftover_frees_its_name_whatever_it_holds() {
    let world = World::new();
    let (mut keeper, records) = keeper(&world);
    let originals: Vec<Contents> = records.iter().map(|record| Contents::of(record)).collect();
    keeper.kill();
    type Spoil = fn(Contents) -> Contents;
    let hostile: [(&str, Spoil); 5] = [
        ("empty", |original| Contents { len: 0, ..original }),
        ("cut", |original| Contents { len: 100, ..original }),
        ("zeros", |original| Contents { head: vec![0; original.head.len()], ..original }),
        ("ones", |original| Contents { head: vec![0xFF; original.head.len()], ..original }),
        ("half of a name", |mut original| {
            let used = original.head.iter().rposition(|&byte| byte != 0).unwrap_or(0);
            original.head[used / 2..].fill(0);
            original
        }),
    ];
    let mut peer = world.peer();
    for (what, spoil) in hostile {
        println!("{what}");
        for (record, original) in records.iter().zip(&originals) {
            spoil(original.clone()).put(record);
        }
        assert_eq!(peer.ask("m = create target 4096"), "created 4096");
        assert_eq!(peer.ask("x = mutex lock"), "created");
        assert_eq!(peer.ask(r"n = create Global\target 4096"), "created 4096");
        assert_eq!(peer.ask(r"y = mutex Global\lock"), "created");
        for slot in ["m", "x", "n", "y"] {
            peer.ask(&format!("close {slot}"));
        }
    }
    world.assert_empty();
}

#[test]
fn strange_files_in_the_namespace_harm_nobody() {
    let world = World::new();
    let (mut keeper, records) = keeper(&world);
    let namespace = records[0].parent().unwrap();
    std::fs::write(namespace.join("not-a-record"), b"x").unwrap();
    std::fs::create_dir(namespace.join("a-directory")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", namespace.join("a-link")).unwrap();
    let pipe = std::ffi::CString::new(namespace.join("a-pipe").to_str().unwrap()).unwrap();
    // SAFETY: the path is a C string.
    assert_eq!(unsafe { libc::mkfifo(pipe.as_ptr(), 0o600) }, 0);
    assert!(keeper.ask("list").contains("mapping:target"));
    assert!(world.peer().ask("list").contains("mutex:lock"));
}

/// A link, a pipe or a directory where the record of a name belongs.
#[test]
fn what_is_no_file_is_never_followed() {
    let world = World::new();
    let (mut keeper, records) = keeper(&world);
    keeper.kill();
    let outside = world.directory().join("outside");
    for record in records {
        let _ = std::fs::remove_file(&record); // an earlier round may have swept it away
        std::fs::write(&outside, b"untouched").unwrap();
        std::os::unix::fs::symlink(&outside, &record).unwrap();
        let mut peer = world.peer();
        for line in ["m = create target 4096", "x = mutex lock", r"n = create Global\target 4096"] {
            peer.start(line);
            let _ = peer.answer(); // a new object or an error, both keep the promise
        }
        drop(peer);
        assert_eq!(std::fs::read(&outside).unwrap(), b"untouched", "{record:?}");
        let _ = std::fs::remove_file(&record);
    }
}
