//! Growing while mapped: existing views stay, everybody sees the new size, and a refusal changes nothing.

mod support;

use std::fs;

use mapview::{set_file_len, CommandExt, Mapping, MappingOptions, Protection, View, ViewAccess};
use support::{code, unique, World};

const PAGE: u64 = 4096;

/// The answer to the last of several lines.
fn last(answer: &str) -> &str {
    answer.rsplit(" ; ").next().unwrap()
}

fn growable(size: u64, maximum: u64) -> Mapping {
    MappingOptions::new().size(size).maximum(maximum).create().unwrap()
}

#[test]
fn existing_views_stay_and_new_ones_show_what_was_added() {
    let mapping = growable(PAGE, 64 << 20);
    let old = mapping.view().unwrap();
    old.copy_in(0, b"old").unwrap();
    let (address, len) = (old.as_ptr(), old.len());
    let mut size = PAGE;
    for step in [1, PAGE, 100_000, 1 << 20, 20 << 20] {
        let wanted = size + step;
        let grown = mapping.grow(wanted).unwrap();
        assert_eq!((grown, mapping.size()), (wanted.next_multiple_of(PAGE), grown));
        let view = mapping.view().unwrap();
        assert_eq!(view.len() as u64, grown);
        assert_eq!(view.to_vec(size as usize, 8).unwrap(), [0; 8], "what is added is zero");
        view.copy_in(grown as usize - 3, b"end").unwrap();
        assert_eq!(view.to_vec(0, 3).unwrap(), b"old");
        let tail = View::options().offset(grown - 3).len(3).map(&mapping).unwrap();
        assert_eq!(tail.to_vec(0, 3).unwrap(), b"end");
        size = grown;
    }
    old.copy_in(0, b"new").unwrap();
    assert_eq!(mapping.view().unwrap().to_vec(0, 3).unwrap(), b"new");
    assert_eq!((old.as_ptr(), old.len()), (address, len));
    assert_eq!(code(old.read::<u8>(len)), 87, "an old view shows what it showed");
}

#[test]
fn a_size_that_is_reached_changes_nothing() {
    let mapping = growable(3 * PAGE, 10 * PAGE);
    for size in [0, 1, 2 * PAGE, 3 * PAGE] {
        assert_eq!(mapping.grow(size).unwrap(), 3 * PAGE);
    }
    assert_eq!(mapping.size(), 3 * PAGE);
}

#[test]
fn memory_grows_up_to_its_maximum() {
    let mapping = growable(PAGE, 2 * PAGE + 1);
    assert_eq!(code(mapping.grow(3 * PAGE + 1)), 87, "past the maximum");
    assert_eq!(mapping.size(), PAGE);
    assert_eq!(mapping.grow(3 * PAGE).unwrap(), 3 * PAGE, "rounded up to whole pages");
    assert_eq!(code(mapping.grow(i64::MAX as u64)), 87);
    assert_eq!(code(mapping.grow(u64::MAX)), 87);
    assert_eq!(mapping.size(), 3 * PAGE);
}

#[test]
fn memory_without_a_maximum_does_not_grow() {
    for reserve in [false, true] {
        let mapping = MappingOptions::new().size(PAGE).reserve(reserve).create().unwrap();
        let refused = mapping.grow(PAGE + 1).unwrap_err();
        assert_eq!(refused.win32_code(), 50);
        assert!(refused.to_string().contains("maximum"), "{refused}");
        assert_eq!(mapping.grow(PAGE).unwrap(), PAGE);
    }
}

#[test]
fn a_maximum_that_makes_no_sense_is_refused() {
    let mut options = MappingOptions::new();
    for maximum in [0, PAGE - 1, 1 << 63, u64::MAX] {
        assert_eq!(code(options.size(PAGE).maximum(maximum).create()), 87);
    }
    let mut read_only = MappingOptions::new();
    read_only.protection(Protection::ReadOnly);
    assert_eq!(code(read_only.size(PAGE).maximum(2 * PAGE).create()), 87);
    let file = tempfile::tempfile().unwrap();
    assert_eq!(code(MappingOptions::new().file(&file).size(10).maximum(20).create()), 87);
}

#[test]
fn a_handle_that_may_not_write_cannot_make_memory_grow() {
    let name = unique("grown-by-writers");
    let mapping = MappingOptions::new().name(&name).size(PAGE).maximum(1 << 20).create().unwrap();
    let reader = Mapping::open_read_only(&name).unwrap();
    assert_eq!(code(reader.grow(2 * PAGE)), 5);
    assert_eq!(mapping.size(), PAGE);
    mapping.grow(2 * PAGE).unwrap();
    assert_eq!(reader.size(), 2 * PAGE);
    assert_eq!(reader.view().unwrap().len() as u64, 2 * PAGE);
}

#[test]
fn copies_and_parts_of_what_was_added_can_be_mapped() {
    let mapping = growable(PAGE, 1 << 20);
    mapping.grow(1 << 20).unwrap();
    let view = mapping.view().unwrap();
    view.fill(1 << 19, 100, 7).unwrap();
    let copy =
        View::options().access(ViewAccess::CopyOnWrite).offset(1 << 19).map(&mapping).unwrap();
    assert_eq!(copy.read::<u8>(5).unwrap(), 7);
    copy.write(5, &8_u8).unwrap();
    assert_eq!(view.read::<u8>((1 << 19) + 5).unwrap(), 7);
    let ring = mapping.mirrored().unwrap();
    assert_eq!(ring.read::<u8>((1 << 20) + (1 << 19) + 5).unwrap(), 7);
}

#[test]
fn every_process_that_opened_the_name_sees_the_size() {
    for name in ["grows", r"Global\grows", "reserved"] {
        let world = World::new();
        let (mut a, mut b, mut c) = (world.peer(), world.peer(), world.peer());
        let grant = if name.starts_with("Global") { "grant=everybody:rw" } else { "" };
        let reserve = if name == "reserved" { "reserve" } else { "" };
        let create = format!("m = create {name} 5000 maximum=10000000 {grant} {reserve}");
        assert_eq!(a.ask(&create), "created 8192");
        assert_eq!(b.ask(&format!("m = open {name}")), "existed 8192");
        a.ask("v = view m rw ; write v 0 before");
        assert_eq!(b.ask("grow m 1000000"), "1003520");
        assert_eq!(a.ask("size m"), "1003520");
        b.ask("v = view m rw offset=900000 len=7 ; write v 0 by-b");
        assert_eq!(last(&a.ask("w = view m offset=900000 ; read w 0 4")), "by-b");
        assert_eq!(a.ask("read v 0 6"), "before");
        assert_eq!(a.ask("grow m 2000000 ; size m"), "2002944 ; 2002944");
        a.kill();
        assert_eq!(
            b.ask("size m ; grow m 1"),
            "2002944 ; 2002944",
            "after the death of its creator"
        );
        assert_eq!(c.ask(&create), "existed 2002944", "an existing mapping keeps its size");
        assert_eq!(last(&c.ask("v = view m ; read v 900000 4")), "by-b");
        assert_eq!(c.refused("grow m 10100000"), 87, "the maximum is known everywhere");
        assert_eq!(c.ask("grow m 10000000 ; grow m 10000000"), "10002432 ; 10002432");
        assert_eq!(b.ask("size m"), "10002432");
        for peer in [&mut b, &mut c] {
            peer.exit();
        }
        world.assert_empty();
    }
}

#[test]
fn every_process_that_got_the_handle_sees_the_size() {
    let world = World::new();
    let mut options = MappingOptions::new();
    let mapping = options.size(PAGE).maximum(1 << 20).inheritable(true).create().unwrap();
    let mut heir = world.peer_with(|command| {
        command.inherit("log", &mapping).unwrap();
    });
    let mut other = world.peer();
    mapping.grow(3 * PAGE).unwrap();
    assert_eq!(heir.ask("m = inherited log"), "existed 12288");
    let (pid, raw) = (std::process::id(), mapping.raw());
    assert_eq!(other.ask(&format!("m = duplicate {pid} {raw}")), "existed 12288");
    assert_eq!(heir.ask("grow m 20000"), "20480");
    assert_eq!(mapping.size(), 20_480);
    assert_eq!(other.ask("size m ; grow m 30000"), "20480 ; 32768");
    other.ask("v = view m rw ; write v 29999 !");
    assert_eq!(last(&heir.ask("v = view m ; read v 29999 1")), "!");
    assert_eq!(mapping.view().unwrap().read::<u8>(29_999).unwrap(), b'!');
    assert_eq!(other.refused("grow m 1100000"), 87);
    assert_eq!(heir.refused("grow m 1100000"), 87);
    assert_eq!(mapping.try_clone().unwrap().grow(100_000).unwrap(), 102_400);
    assert_eq!(mapping.size(), 102_400);
}

#[test]
fn a_file_grows_with_its_mapping() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    fs::write(&path, b"first").unwrap();
    let mapping = MappingOptions::new().path(&path).create().unwrap();
    let old = mapping.view().unwrap();
    assert_eq!(mapping.grow(100_001).unwrap(), 100_001, "to the byte");
    assert_eq!((mapping.size(), fs::metadata(&path).unwrap().len()), (100_001, 100_001));
    let view = mapping.view().unwrap();
    assert_eq!((view.len(), old.len()), (100_001, 5));
    view.copy_in(99_998, b"end").unwrap();
    old.copy_in(0, b"FIRST").unwrap();
    assert_eq!(view.to_vec(0, 7).unwrap(), b"FIRST\0\0");
    drop((old, view, mapping));
    let bytes = fs::read(&path).unwrap();
    assert_eq!((&bytes[..5], &bytes[99_998..]), (&b"FIRST"[..], &b"end"[..]));
}

#[test]
fn a_mapping_of_a_part_grows_into_the_file_it_has() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    fs::write(&path, [b'x'; 50_000]).unwrap();
    let mapping = MappingOptions::new().path(&path).size(10).create().unwrap();
    assert_eq!((mapping.size(), mapping.raw() != u64::MAX, mapping.size()), (10, true, 10));
    assert_eq!(mapping.grow(20_000).unwrap(), 20_000);
    assert_eq!(fs::metadata(&path).unwrap().len(), 50_000, "long enough");
    let view = mapping.view().unwrap();
    assert_eq!((view.len(), view.read::<u8>(19_999).unwrap()), (20_000, b'x'));
}

#[test]
fn a_reader_follows_a_file_that_others_made_longer() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    fs::write(&path, b"12345").unwrap();
    let reader =
        MappingOptions::new().path(&path).protection(Protection::ReadOnly).create().unwrap();
    assert_eq!(code(reader.grow(6)), 5);
    assert_eq!((reader.size(), fs::metadata(&path).unwrap().len()), (5, 5));
    let file = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
    set_file_len(&file, 70_000).unwrap();
    assert_eq!(reader.size(), 5, "until it is asked to follow");
    assert_eq!(reader.grow(60_000).unwrap(), 60_000);
    assert_eq!(reader.view().unwrap().len(), 60_000);
    assert_eq!(code(reader.grow(70_001)), 5);
    assert_eq!(fs::metadata(&path).unwrap().len(), 70_000);
}

#[test]
fn what_grew_with_its_mapping_cannot_shrink() {
    let file = tempfile::tempfile().unwrap();
    let mapping = MappingOptions::new().file(&file).size(10).create().unwrap();
    mapping.grow(10_000).unwrap();
    assert_eq!(code(set_file_len(&file, 9999)), 1224);
    let view = mapping.view().unwrap();
    drop(mapping);
    assert_eq!(code(set_file_len(&file, 9999)), 1224);
    drop(view);
    // A program that another test of this process starts has our descriptors, and their locks, until it runs.
    let begin = std::time::Instant::now();
    while let Err(error) = set_file_len(&file, 9999) {
        assert!(begin.elapsed().as_secs() < 30, "{error}");
        std::thread::yield_now();
    }
}

/// Under Wine 8 only the handle that made it grow sees it, so the row is left out there.
#[test]
#[cfg(target_os = "linux")]
fn every_process_sees_how_a_mapping_of_a_file_grew() {
    let (world, directory) = (World::new(), tempfile::tempdir().unwrap());
    let path = directory.path().join("log");
    fs::write(&path, b"12345").unwrap();
    let (mut a, mut b, mut c) = (world.peer(), world.peer(), world.peer());
    a.ask(&format!("m = create log 0 path={}", path.display()));
    assert_eq!(b.ask("m = open log"), "existed 5");
    assert_eq!(c.ask("m = open log access=r"), "existed 5");
    assert_eq!(b.ask("grow m 9000"), "9000");
    assert_eq!((a.ask("size m"), c.ask("size m")), ("9000".into(), "9000".into()));
    assert_eq!(c.refused("grow m 9001"), 5);
    a.ask("v = view m rw ; write v 8999 !");
    assert_eq!(last(&c.ask("v = view m ; read v 8999 1")), "!");
    let copy = format!("m = duplicate {} {}", a.pid(), a.ask("raw m"));
    assert_eq!(world.peer().ask(&copy), "existed 9000");
    for peer in [&mut a, &mut b, &mut c] {
        peer.exit();
    }
    world.assert_empty();
}

/// As above.
#[test]
#[cfg(target_os = "linux")]
fn a_file_without_a_name_grows_for_parent_and_heir() {
    let (world, file) = (World::new(), tempfile::tempfile().unwrap());
    let mut options = MappingOptions::new();
    let mapping = options.file(&file).size(10).inheritable(true).create().unwrap();
    let mut heir = world.peer_with(|command| {
        command.inherit("log", &mapping).unwrap();
    });
    assert_eq!(heir.ask("m = inherited log ; grow m 777"), "existed 10 ; 777");
    assert_eq!(mapping.size(), 777);
    mapping.grow(888).unwrap();
    assert_eq!(heir.ask("size m"), "888");
    let mut other = world.peer();
    other.ask(&format!("m = duplicate {} {}", std::process::id(), mapping.raw()));
    assert_eq!(other.ask("grow m 999"), "999");
    assert_eq!((mapping.size(), heir.ask("size m")), (999, "999".into()));
}

/// Nobody maps behind the end of a file because a record says so: that would be a signal.
#[test]
#[cfg(target_os = "linux")]
fn a_record_that_claims_more_than_the_file_has_is_not_believed() {
    use std::os::unix::fs::FileExt;
    let (world, directory) = (World::new(), tempfile::tempdir().unwrap());
    let path = directory.path().join("log");
    fs::write(&path, [b'x'; 5000]).unwrap();
    let mut peer = world.peer();
    peer.ask(&format!("m = create log 100 path={}", path.display()));
    let is_record =
        |path: &&std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("o-");
    let files = world.files();
    let record = fs::OpenOptions::new().write(true).open(files.iter().find(is_record).unwrap());
    record.unwrap().write_all_at(&(1_u64 << 40).to_ne_bytes(), 0x18).unwrap();
    assert_eq!(peer.ask("size m"), "5000");
    assert_eq!(last(&peer.ask("v = view m ; read v 4999 1")), "x");
    assert_eq!(peer.refused("v = view m len=5001"), 5);
}

/// Wine 8 has no limit.
#[test]
#[cfg(target_os = "linux")]
fn more_than_there_is_changes_nothing() {
    let mapping = growable(PAGE, 1 << 46);
    let error = code(mapping.grow(1 << 46));
    assert!([8, 1450, 1455].contains(&error), "{error}");
    assert_eq!((mapping.size(), mapping.view().unwrap().len()), (PAGE, PAGE as usize));
    mapping.grow(2 * PAGE).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn growth_takes_memory_at_once_unless_reserved() {
    use std::os::{fd::AsFd, unix::fs::MetadataExt};
    let taken = |mapping: &Mapping| {
        let file = fs::File::from(mapping.as_fd().try_clone_to_owned().unwrap());
        file.metadata().unwrap().blocks() * 512
    };
    let committed = growable(PAGE, 1 << 40);
    committed.grow(8 << 20).unwrap();
    assert_eq!(taken(&committed), 8 << 20);
    let mut options = MappingOptions::new();
    let reserved = options.size(PAGE).maximum(1 << 40).reserve(true).create().unwrap();
    assert_eq!(reserved.grow(1 << 36).unwrap(), 1 << 36);
    assert!(taken(&reserved) <= 2 * PAGE, "{}", taken(&reserved));
    View::options().offset(1 << 35).len(8).map(&reserved).unwrap();
}

/// Whoever may write the memory may make its file longer, but not the mapping, and cannot make it shorter.
#[test]
#[cfg(target_os = "linux")]
fn a_hostile_holder_cannot_make_it_exceed_its_maximum_or_shrink() {
    use std::os::fd::AsFd;
    let mapping = growable(PAGE, 4 * PAGE);
    let file = fs::File::from(mapping.as_fd().try_clone_to_owned().unwrap());
    file.set_len(1 << 45).unwrap();
    assert_eq!((mapping.size(), mapping.view().unwrap().len()), (4 * PAGE, 4 * PAGE as usize));
    assert_eq!(code(mapping.grow(5 * PAGE)), 87);
    let other = Mapping::duplicate_from(std::process::id(), mapping.raw()).unwrap();
    assert_eq!(other.size(), 4 * PAGE);
    file.set_len(PAGE).unwrap_err();
}

#[test]
fn the_list_shows_the_present_size() {
    let name = unique("listed-growth");
    let mapping = MappingOptions::new().name(&name).size(PAGE).maximum(1 << 20).create().unwrap();
    mapping.grow(5 * PAGE).unwrap();
    let name = mapping.name().unwrap();
    let listed = mapview::objects().unwrap().into_iter().find(|object| object.name == *name);
    assert_eq!(listed.unwrap().size, Some(5 * PAGE));
}

#[test]
fn threads_grow_it_at_once() {
    let mapping = growable(PAGE, 64 << 20);
    std::thread::scope(|scope| {
        for thread in 1..=4_u64 {
            let mapping = &mapping;
            scope.spawn(move || {
                for round in 1..=50 {
                    let wanted = round * thread * 3 * PAGE;
                    assert!(mapping.grow(wanted).unwrap() >= wanted);
                    let view = View::options().offset(wanted - 8).len(8).map(mapping).unwrap();
                    assert_eq!(view.read::<u64>(0).unwrap(), 0);
                }
            });
        }
    });
    assert_eq!(mapping.size(), 600 * PAGE);
}
