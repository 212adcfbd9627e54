//! Composite views: parts of mappings side by side, and rings whose wrap is invisible.

mod support;

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

use mapview::{Composite, Mapping, MappingOptions, Protection, View, ViewAccess};
use support::{code, World};

const PART: usize = 1 << 16;

fn memory(size: usize) -> Mapping {
    MappingOptions::new().size(size as u64).create().unwrap()
}

/// A mapping whose 64 KiB pieces begin with these letters.
fn lettered(letters: &[u8]) -> Mapping {
    let mapping = memory(letters.len() * PART);
    let view = mapping.view().unwrap();
    for (index, letter) in letters.iter().enumerate() {
        view.fill(index * PART, PART, *letter).unwrap();
    }
    mapping
}

#[test]
fn parts_lie_side_by_side_in_one_view() {
    let (a, b) = (lettered(b"abc"), lettered(b"xyz"));
    let mut composite = Composite::new();
    composite.part(&a, PART as u64, 2 * PART).part(&b, 0, PART).part(&a, 0, PART).part(&b, 0, 100);
    let view = composite.map(ViewAccess::ReadWrite).unwrap();
    assert_eq!(view.len(), 4 * PART + 100);
    assert_eq!(view.as_ptr().addr() % PART, 0);
    let seen: Vec<u8> = (0..5).map(|part| view.read::<u8>(part * PART).unwrap()).collect();
    assert_eq!(seen, b"bcxax");
    assert_eq!(view.to_vec(2 * PART - 2, 4).unwrap(), b"ccxx");

    view.copy_in(2 * PART - 3, b"across").unwrap();
    assert_eq!(a.view().unwrap().to_vec(3 * PART - 3, 3).unwrap(), b"acr");
    assert_eq!(b.view().unwrap().to_vec(0, 3).unwrap(), b"oss");
    assert_eq!(view.to_vec(4 * PART, 3).unwrap(), b"oss", "the same part once more");
    view.fill(PART - 8, 16, 0).unwrap();
    let (first, second) = (view.atomic::<AtomicU64>(PART - 8), view.atomic::<AtomicU64>(PART));
    assert_eq!(first.unwrap().fetch_add(5, Ordering::SeqCst), 0);
    assert_eq!(second.unwrap().load(Ordering::SeqCst), 0);
    assert_eq!(code(view.copy_in(4 * PART + 99, b"xy")), 87);
}

#[test]
fn a_mirrored_mapping_shows_the_same_bytes_at_both_places() {
    let mapping = memory(2 * PART);
    let ring = mapping.mirrored().unwrap();
    assert_eq!(ring.len(), 4 * PART);
    for offset in [0, 1, PART, 2 * PART - 1] {
        ring.write(offset, &7_u8).unwrap();
        assert_eq!(ring.read::<u8>(offset + 2 * PART).unwrap(), 7);
        ring.write(offset + 2 * PART, &9_u8).unwrap();
        assert_eq!(ring.read::<u8>(offset).unwrap(), 9);
    }
    ring.copy_in(2 * PART - 3, b"around").unwrap();
    assert_eq!(ring.to_vec(0, 3).unwrap(), b"und");
    assert_eq!(mapping.view().unwrap().to_vec(2 * PART - 3, 3).unwrap(), b"aro");
    drop(mapping);
    assert_eq!(ring.to_vec(0, 3).unwrap(), b"und", "the view keeps the memory");
}

#[test]
fn a_ring_carries_messages_of_any_length_across_its_end() {
    let ring = memory(PART).mirrored().unwrap();
    let (mut head, mut tail) = (0_usize, 0_usize);
    for number in 0..2000_usize {
        let message = vec![number as u8; 1 + number * 37 % 5000];
        ring.write(head % PART, &(message.len() as u32)).unwrap();
        ring.copy_in((head + 4) % PART, &message).unwrap();
        head += 4 + message.len();
        if number % 3 == 2 {
            for _ in 0..3 {
                let len = ring.read::<u32>(tail % PART).unwrap() as usize;
                let got = ring.to_vec((tail + 4) % PART, len).unwrap();
                assert!(got.iter().all(|byte| *byte == got[0]), "a torn message");
                tail += 4 + len;
            }
        }
    }
    assert!(head > 50 * PART);
}

#[test]
fn two_processes_share_a_ring() {
    let world = World::new();
    let (mut writer, mut reader) = (world.peer(), world.peer());
    writer.ask("m = create ring 65536 ; ring = view m mirrored");
    reader.ask("m = open ring ; ring = view m mirrored");
    writer.ask("write ring 65532 over-the-end");
    assert_eq!(reader.ask("read ring 65532 12"), "over-the-end");
    assert_eq!(reader.ask("read ring 0 8"), "-the-end");
    reader.ask("close m ; write ring 65536 !");
    assert_eq!(writer.ask("read ring 0 2"), "!t");
    reader.kill();
    assert_eq!(writer.ask("read ring 65532 5"), "over!");
    writer.exit();
    world.assert_empty();
}

#[test]
fn parts_of_files_are_written_through() {
    let directory = tempfile::tempdir().unwrap();
    let paths = [directory.path().join("a"), directory.path().join("b")];
    fs::write(&paths[0], vec![b'a'; PART]).unwrap();
    fs::write(&paths[1], vec![b'b'; 100]).unwrap();
    let map = |path| MappingOptions::new().path(path).create().unwrap();
    let (a, b, memory) = (map(&paths[0]), map(&paths[1]), memory(PART));
    let mut parts = Composite::new();
    let view = parts.part(&a, 0, 0).part(&memory, 0, 0).part(&b, 0, 0);
    let view = view.map(ViewAccess::ReadWrite).unwrap();
    assert_eq!(view.len(), 2 * PART + 100);
    view.fill(PART - 1, PART + 2, b'!').unwrap();
    view.flush_range(PART - 1, PART + 2).unwrap();
    view.sync_range(2 * PART, 1).unwrap();
    view.flush().unwrap();
    view.sync().unwrap();
    assert_eq!(code(view.flush_range(2 * PART, 101)), 487);
    drop((a, b));
    let a = fs::read(&paths[0]).unwrap();
    assert_eq!((a[PART - 2], a[PART - 1]), (b'a', b'!'));
    assert_eq!(fs::read(&paths[1]).unwrap()[..2], *b"!b");
    view.unmap().unwrap();
}

#[test]
fn copy_on_write_keeps_changes_private_in_every_part() {
    let (a, b) = (lettered(b"a"), lettered(b"b"));
    let map = |access| {
        let mut composite = Composite::new();
        composite.part(&a, 0, 0).part(&b, 0, 0).part(&a, 0, 0).map(access).unwrap()
    };
    let (mine, shared) = (map(ViewAccess::CopyOnWrite), map(ViewAccess::ReadWrite));
    mine.copy_in(PART - 2, b"mine").unwrap();
    assert_eq!(mine.to_vec(PART - 3, 6).unwrap(), b"amineb");
    assert_eq!(shared.to_vec(PART - 3, 6).unwrap(), b"aaabbb");
    assert_eq!(mine.read::<u8>(3 * PART - 1).unwrap(), b'a', "private to its place, too");
    shared.write(0, &b'A').unwrap();
    assert_eq!(mine.read::<u8>(0).unwrap(), b'A', "what is untouched follows the others");
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let mapping = memory(2 * PART);
    let odd = memory(4096);
    let first = |offset, len| {
        let mut composite = Composite::new();
        code(composite.part(&mapping, offset, len).part(&mapping, 0, 0).map(ViewAccess::Read))
    };
    assert_eq!(first(4096, PART), 1132);
    assert_eq!(first(1, 0), 1132);
    assert_eq!(first(0, 4096), 1132);
    assert_eq!(first(PART as u64, 2 * PART), 5);
    assert_eq!(first(2 * PART as u64, 0), 5);
    assert_eq!(first(0, usize::MAX & !(PART - 1)), 5);
    assert_eq!(code(Composite::new().map(ViewAccess::Read)), 87);
    assert_eq!(code(odd.mirrored()), 1132);
    let behind =
        |len| Composite::new().part(&mapping, 0, PART).part(&odd, 0, len).map(ViewAccess::Read);
    assert_eq!(code(behind(4097)), 5);
    assert_eq!(behind(5).unwrap().len(), PART + 5);
}

#[test]
fn every_part_must_permit_the_access() {
    let writable = memory(PART);
    let mut options = MappingOptions::new();
    let read_only = options.size(PART as u64).protection(Protection::ReadOnly).create().unwrap();
    let map = |access| Composite::new().part(&writable, 0, 0).part(&read_only, 0, 0).map(access);
    assert_eq!(code(map(ViewAccess::ReadWrite)), 5);
    assert_eq!(code(map(ViewAccess::ExecuteRead)), 5);
    assert_eq!(code(map(ViewAccess::Read).unwrap().copy_in(0, b"x")), 5);
    map(ViewAccess::CopyOnWrite).unwrap().copy_in(PART - 1, b"xy").unwrap();
    let ring = read_only.mirrored().unwrap();
    assert_eq!(ring.access(), ViewAccess::Read);
}

/// A composite view that is full of its number, and falls to pieces if anybody maps over it.
fn numbered(number: u64, a: &Mapping, b: &Mapping) -> View {
    let mut composite = Composite::new();
    let view = composite.part(a, 0, 0).part(b, 0, 0).part(a, 0, 0).map(ViewAccess::ReadWrite);
    let view = view.unwrap();
    for place in [0, PART - 8, PART, 2 * PART - 8] {
        view.write(place, &number).unwrap();
    }
    view
}

#[test]
fn threads_that_map_and_unmap_at_once_never_meet() {
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            scope.spawn(move || {
                let (a, b) = (memory(PART), memory(PART));
                for round in 0..150 {
                    let number = thread << 32 | round;
                    let (view, whole) = (numbered(number, &a, &b), a.view().unwrap());
                    for place in [0, PART - 8, PART, 2 * PART - 8, 2 * PART, 3 * PART - 8] {
                        assert_eq!(view.read::<u64>(place).unwrap(), number);
                    }
                    assert_eq!(whole.read::<u64>(0).unwrap(), number);
                }
            });
        }
    });
}

/// Ranges of /proc/self/maps that begin inside of these addresses.
#[cfg(target_os = "linux")]
fn mapped_in(start: usize, len: usize) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let begin = |line: &str| usize::from_str_radix(line.split('-').next().unwrap(), 16).unwrap();
    maps.lines().filter(|line| (start..start + len).contains(&begin(line))).count()
}

#[test]
#[ignore = "not a test: the body of a process that maps nothing else meanwhile"]
#[cfg(target_os = "linux")]
fn look_at_the_maps() {
    if !support::is_child() {
        return;
    }
    let (a, b) = (memory(PART), memory(PART));
    let view = numbered(1, &a, &b);
    let (start, len) = (view.as_ptr().addr(), view.len());
    assert_eq!(mapped_in(start, len), 3);
    drop(view);
    assert_eq!(mapped_in(start, len), 0, "dropping unmaps all parts");
    let view = numbered(1, &a, &b);
    let start = view.as_ptr().addr();
    view.unmap().unwrap();
    assert_eq!(mapped_in(start, len), 0, "so does unmapping");
    println!("\n@done");
}

#[test]
#[cfg(target_os = "linux")]
fn dropping_a_composite_view_unmaps_every_part() {
    let output = World::new().command("look_at_the_maps").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("@done"), "{text}");
}
