//! `Latest` between processes: whole values, newest first, whatever happens to the writers.

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mapview::{Deadline, ErrorKind, Latest, Mapping, Mutex, Shared, View};
use support::{code, is_child, serve, unique, with_suffix, Line, Peer, World};

/// Every word follows from the first; an odd length in bytes, so that the last word is not a whole one.
type Block = [u8; 4003];

fn block(seed: u64) -> Block {
    std::array::from_fn(|index| (seed.wrapping_mul(2 * index as u64 + 1) >> 3) as u8)
}

fn check(block: &Block, version: u64) {
    assert!(*block == self::block(version), "version {version} is torn or another one's");
}

#[test]
#[ignore = "not a test: the body of the processes that the tests start"]
fn peer() {
    if is_child() {
        let mut cells = HashMap::new();
        serve(|line| obey(line, &mut cells));
    }
}

fn obey(line: &Line, cells: &mut HashMap<String, Latest<Block>>) -> mapview::Result<String> {
    let (name, full) = (line.text(0), with_suffix(&line.text(0)));
    Ok(match line.verb.as_str() {
        "create" | "open" | "open_read_only" => {
            let cell = match line.verb.as_str() {
                "create" => Latest::create(&full, "block", || block(1))?,
                "open" => Latest::open(&full, "block")?,
                _ => Latest::open_read_only(&full, "block")?,
            };
            let created = if cell.was_created() { "created" } else { "existed" };
            cells.insert(name, cell);
            created.into()
        }
        // Each value follows from the version it is going to have, if this is the only writer.
        "publish" => {
            let cell = &cells[&name];
            for _ in 0..line.number(1) {
                cell.publish(&block(cell.version() + 1))?;
            }
            String::new()
        }
        // Several writers: any whole block will do.
        "publish_any" => {
            for seed in 0..line.number(1) {
                cells[&name].publish(&block(seed))?;
            }
            cells[&name].version().to_string()
        }
        "read" => read_often(&cells[&name], line.number(1))?.to_string(),
        "see_newer" => {
            let before = cells[&name].version();
            while cells[&name].read_if_newer(before)?.is_none() {
                std::thread::yield_now();
            }
            String::new()
        }
        verb => panic!("no verb: {verb}"),
    })
}

/// Reads so many times; every value is whole and none older than the one before.
fn read_often(cell: &Latest<Block>, times: u64) -> mapview::Result<u64> {
    let mut newest = 0;
    for _ in 0..times {
        let (value, version) = cell.read()?;
        check(&value, version);
        assert!(version >= newest, "{newest} was seen before {version}");
        newest = version;
    }
    Ok(newest)
}

fn peers<const N: usize>(world: &World) -> [Peer; N] {
    std::array::from_fn(|_| world.peer_of("peer"))
}

#[test]
fn readers_get_the_latest_value_and_its_version() {
    let world = World::new();
    let [mut writer, mut reader] = peers(&world);
    assert_eq!(reader.refused("open x"), 2);
    assert_eq!(writer.ask("create x"), "created");
    assert_eq!(reader.ask("open x"), "existed");
    assert_eq!(reader.ask("read x 1"), "1");
    writer.ask("publish x 41");
    assert_eq!(reader.ask("read x 1"), "42");
}

#[test]
fn only_a_newer_value_is_read_when_asked_so() {
    let name = unique("newer");
    let cell = Latest::create(&name, "", || 1_u8).unwrap();
    assert_eq!(cell.read_if_newer(0).unwrap(), Some((1, 1)));
    assert_eq!(cell.read_if_newer(1).unwrap(), None);
    assert_eq!(cell.publish(&9).unwrap(), 2);
    assert_eq!((cell.version(), cell.read_if_newer(1).unwrap()), (2, Some((9, 2))));
    assert_eq!(cell.read_if_newer(u64::MAX).unwrap(), None);
    let mut value = 0;
    assert_eq!((cell.read_into(&mut value).unwrap(), value), (2, 9));
}

#[test]
fn values_of_any_size_come_back_as_they_were_published() {
    fn there_and_back<const N: usize>() {
        let cell = Latest::create(&unique("size"), "", || [0_u8; N]).unwrap();
        let value: [u8; N] = std::array::from_fn(|index| (index + 1) as u8);
        for _ in 0..9 {
            cell.publish(&value).unwrap();
            assert!(cell.read().unwrap().0 == value);
        }
    }
    there_and_back::<0>();
    there_and_back::<1>();
    there_and_back::<7>();
    there_and_back::<8>();
    there_and_back::<56>();
    there_and_back::<57>();
    there_and_back::<100_000>();
}

#[test]
fn a_reader_never_sees_a_mixture_while_a_writer_publishes() {
    let world = World::new();
    let [mut writer, mut reader, mut other] = peers(&world);
    writer.ask("create x");
    reader.ask("open x");
    other.ask("open_read_only x");
    writer.start("publish x 1000000000");
    for _ in 0..3 {
        for peer in [&mut reader, &mut other] {
            peer.ask("see_newer x"); // the writer is at it
            peer.start("read x 1500");
        }
        for peer in [&mut reader, &mut other] {
            peer.answer().unwrap();
        }
    }
}

#[test]
fn writers_killed_at_any_moment_hold_up_neither_readers_nor_the_next_writer() {
    let rounds = if cfg!(windows) { 15 } else { 100 };
    let world = World::new();
    let [mut reader] = peers(&world);
    reader.ask("create x");
    let mut last = 0;
    for round in 0..rounds {
        let [mut writer] = peers(&world);
        writer.ask("open x");
        writer.start("publish x 1000000000");
        reader.ask("see_newer x");
        let end = Instant::now() + Duration::from_micros(round * 7919 % 300);
        while Instant::now() < end {
            std::hint::spin_loop(); // a moment, not a wait
        }
        writer.kill();
        let version: u64 = reader.ask("read x 100").parse().unwrap();
        assert!(version > last, "round {round}");
        last = version;
    }
}

/// What a writer leaves that is stopped, or was killed, when it has written half a value.
#[test]
fn a_writer_in_the_midst_with_the_lock_held_holds_up_no_reader() {
    let name = unique("midst");
    let cell = Latest::create(&name, "", || [1_u64; 7]).unwrap();
    let lock = Mutex::open(&format!("{name}.lock")).unwrap();
    let view = Mapping::open(&name).unwrap().view().unwrap();
    let guard = lock.lock().unwrap();
    let slot = 0x100 + 64 * 2; // that of version 2
    view.atomic::<AtomicU64>(slot).unwrap().store(2 | 1 << 63, Ordering::SeqCst);
    view.write(slot + 8, &[77_u64; 3]).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..100 {
                assert_eq!(cell.read().unwrap(), ([1; 7], 1));
            }
            assert_eq!(cell.publish_until(&[2; 7], Deadline::now()).unwrap(), None);
        });
    });
    drop(guard);
    assert_eq!(cell.publish(&[2; 7]).unwrap(), 2);
    assert_eq!(cell.read().unwrap(), ([2; 7], 2));
}

/// Linux, where a process can be stopped from outside.
#[test]
#[cfg(target_os = "linux")]
fn a_stopped_writer_holds_up_no_reader() {
    let world = World::new();
    let [mut writer, mut reader] = peers(&world);
    writer.ask("create x");
    reader.ask("open x");
    writer.start("publish x 1000000000");
    let pid = writer.pid() as libc::pid_t;
    for _ in 0..50 {
        reader.ask("see_newer x");
        // SAFETY: signals to a child that was not waited for yet.
        assert_eq!(unsafe { libc::kill(pid, libc::SIGSTOP) }, 0);
        reader.ask("read x 100");
        // SAFETY: as above.
        assert_eq!(unsafe { libc::kill(pid, libc::SIGCONT) }, 0);
    }
}

#[test]
fn several_writers_take_turns_and_no_publication_is_lost() {
    let world = World::new();
    let mut writers = peers::<4>(&world);
    for writer in &mut writers {
        writer.ask("create x");
    }
    for writer in &mut writers {
        writer.start("publish_any x 500");
    }
    let versions = writers.iter_mut().map(|writer| writer.answer().unwrap().parse::<u64>());
    assert_eq!(versions.map(Result::unwrap).max(), Some(2001));
}

#[test]
fn a_read_only_reader_cannot_publish() {
    let name = unique("read-only");
    let cell = Latest::create(&name, "", || 5_u32).unwrap();
    let reader = Latest::<u32>::open_read_only(&name, "").unwrap();
    assert_eq!(reader.read().unwrap(), (5, 1));
    assert_eq!(code(reader.publish(&6)), 5);
    cell.publish(&7).unwrap();
    assert_eq!(reader.read().unwrap(), (7, 2));
    drop(cell);
    assert_eq!(Latest::<u32>::open(&name, "").unwrap().publish(&8).unwrap(), 3);
    assert_eq!(reader.read().unwrap(), (8, 3));
}

#[test]
fn another_kind_size_or_schema_is_refused() {
    let name = unique("other");
    let _cell = Latest::create(&name, "speed", || 1_u32).unwrap();
    for error in [
        Latest::<u64>::open(&name, "speed").unwrap_err(),
        Latest::<u32>::open_read_only(&name, "velocity").unwrap_err(),
        Shared::<u32>::open(&name, "speed").unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(error.to_string().contains("`speed` of 4 bytes aligned to 4"), "{error}");
    }
}

#[test]
fn damaged_words_are_an_error_and_no_endless_loop() {
    let name = unique("damaged");
    let cell = Latest::create(&name, "", || 1_u64).unwrap();
    let view: View = Mapping::open(&name).unwrap().view().unwrap();
    for damage in [5, 77, 1 << 63, u64::MAX] {
        view.write(0xC0, &damage).unwrap();
        assert_eq!(cell.read().unwrap_err().kind(), ErrorKind::InvalidData, "{damage}");
    }
    view.fill(0xC0, 4096 - 0xC0, 0xFF).unwrap();
    assert_eq!(cell.read().unwrap_err().kind(), ErrorKind::InvalidData);
    cell.publish(&3).unwrap();
    assert_eq!(cell.read().unwrap().0, 3, "a publication repairs it");
}
