//! Sliding windows: every byte once, in every order, within the memory, over files larger than it, from many threads.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Mutex;

use mapview::{Error, Mapping, MappingOptions, Order, Protection, SlidingOptions};
use mapview::{SlidingWindows, ViewAccess, Window};
use proptest::prelude::*;
use support::code;

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index * 7 / 5 % 251) as u8).collect()
}

/// A file with these bytes, and a mapping of it.
fn file(directory: &Path, bytes: &[u8]) -> (PathBuf, Mapping) {
    let path = directory.join("data");
    std::fs::write(&path, bytes).unwrap();
    let mapping = MappingOptions::new().path(&path).create().unwrap();
    (path, mapping)
}

/// A file of holes.
fn sparse(directory: &Path, size: u64) -> (PathBuf, Mapping) {
    let path = directory.join("holes");
    std::fs::File::create(&path).unwrap().set_len(size).unwrap();
    let protection = Protection::ReadOnly;
    let mapping = MappingOptions::new().path(&path).protection(protection).create().unwrap();
    (path, mapping)
}

fn all(window: &Window) -> Vec<u8> {
    window.to_vec(0, window.len()).unwrap()
}

fn orders() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::Forward), Just(Order::Backward), any::<u64>().prop_map(Order::Random)]
}

/// The part of a mapping to see, in which steps, order and threads.
type Case = (usize, usize, usize, usize, usize, usize, Order);

fn cases() -> impl Strategy<Value = Case> {
    let window = prop_oneof![1000..70_000_usize, Just(4096), Just(65_536), Just(131_072)];
    let overlap = prop_oneof![Just(0_usize), 1..1000_usize];
    (1..400_000_usize, 0..400_000_usize, 0..400_000_usize, window, overlap, 1..4_usize, orders())
}

#[test]
fn every_byte_is_shown_exactly_once() {
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() };
    proptest!(config, |(case in cases())| shows_every_byte_once(case));
}

fn shows_every_byte_once((size, start, end, window, overlap, threads, order): Case) {
    let bytes = pattern(size);
    let directory = tempfile::tempdir().unwrap();
    let (_, mapping) = file(directory.path(), &bytes);
    let (start, end) = (start % size, start % size + 1 + end % (size - start % size));
    let mut options = SlidingWindows::options();
    options.window(window).overlap(overlap).order(order).range(start as u64..end as u64);
    let seen = Mutex::new(BTreeMap::new());
    let look = |window: &Window| {
        let offset = window.offset() as usize;
        assert_eq!(window.len(), (window.own_len() + overlap).min(end - offset));
        assert!(all(window) == bytes[offset..offset + window.len()], "{window:?}");
        assert!(seen.lock().unwrap().insert(offset, window.own_len()).is_none(), "shown twice");
        Ok::<_, Error>(())
    };
    let mut windows = options.open(&mapping).unwrap();
    if threads == 1 {
        let mut count = 0;
        while let Some(window) = windows.next().unwrap() {
            look(window).unwrap();
            count += 1;
        }
        assert_eq!(count, windows.count());
    } else {
        windows.for_each_parallel(threads, look).unwrap();
    }
    let mut at = start;
    for (offset, own_len) in seen.into_inner().unwrap() {
        assert_eq!(offset, at, "no gap, nothing twice");
        at += own_len;
    }
    assert_eq!(at, end);
}

#[test]
fn orders_are_what_they_are_called() {
    let mapping = MappingOptions::new().size(16 * 65_536).create().unwrap();
    let offsets = |order| {
        let mut options = SlidingWindows::options();
        let mut windows = options.window(65_536).order(order).open(&mapping).unwrap();
        let mut offsets = Vec::new();
        while let Some(window) = windows.next().unwrap() {
            offsets.push(window.offset() / 65_536);
        }
        offsets
    };
    assert!(offsets(Order::Forward).into_iter().eq(0..16));
    assert!(offsets(Order::Backward).into_iter().eq((0..16).rev()));
    assert_eq!(offsets(Order::Random(1)), offsets(Order::Random(1)));
    assert_ne!(offsets(Order::Random(1)), offsets(Order::Random(2)));
}

#[test]
fn records_across_a_boundary_are_seen_whole_in_the_overlap() {
    let directory = tempfile::tempdir().unwrap();
    let mut bytes = vec![b'.'; 300_000];
    for at in [0, 65_533, 131_071, 196_608, 299_995] {
        bytes[at..at + 5].copy_from_slice(b"HELLO");
    }
    let (_, mapping) = file(directory.path(), &bytes);
    let mut windows = SlidingWindows::options().window(65_536).overlap(4).open(&mapping).unwrap();
    let mut found = Vec::new();
    while let Some(window) = windows.next().unwrap() {
        let bytes = all(window);
        let places = bytes.windows(5).enumerate().filter(|(_, five)| five == b"HELLO");
        found.extend(places.map(|(place, _)| window.offset() + place as u64));
    }
    assert_eq!(found, [0, 65_533, 131_071, 196_608, 299_995]);
}

#[test]
fn windows_that_write_write_through_and_copies_do_not() {
    let directory = tempfile::tempdir().unwrap();
    let (path, mapping) = file(directory.path(), &pattern(200_000));
    let write = |access| {
        let mut windows =
            SlidingWindows::options().window(65_536).access(access).open(&mapping).unwrap();
        while let Some(window) = windows.next().unwrap() {
            window.fill(0, window.own_len(), b'x').unwrap();
            assert_eq!(window.to_vec(window.own_len() - 1, 1).unwrap(), b"x");
        }
    };
    write(ViewAccess::CopyOnWrite);
    assert_eq!(std::fs::read(&path).unwrap(), pattern(200_000));
    write(ViewAccess::ReadWrite);
    assert_eq!(std::fs::read(&path).unwrap(), vec![b'x'; 200_000]);
}

#[test]
fn any_offset_can_be_asked_for_and_the_order_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = pattern(400_000);
    let (_, mapping) = file(directory.path(), &bytes);
    for order in [Order::Forward, Order::Backward] {
        let mut options = SlidingWindows::options();
        let mut windows = options.window(65_536).range(1000..).order(order).open(&mapping).unwrap();
        let mut shown = 0;
        for asked in [399_999_u64, 1000, 66_535, 66_536, 200_000, 200_001] {
            let window = windows.at(asked).unwrap();
            let inside = asked - window.offset();
            assert!(inside < window.own_len() as u64);
            assert_eq!(window.read::<u8>(inside as usize).unwrap(), bytes[asked as usize]);
            shown += windows.next().unwrap().unwrap().own_len();
        }
        assert_eq!(code(windows.at(999).map(|_| ())), 87);
        assert_eq!(code(windows.at(400_000).map(|_| ())), 87);
        while let Some(window) = windows.next().unwrap() {
            shown += window.own_len();
        }
        assert_eq!(shown, 399_000);
        assert_eq!(windows.next().unwrap().map(|_| ()), None);
    }
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let mapping = MappingOptions::new().size(1 << 20).create().unwrap();
    let refused = |change: &dyn Fn(&mut SlidingOptions) -> &mut SlidingOptions| {
        code(change(&mut SlidingWindows::options()).open(&mapping))
    };
    assert_eq!(refused(&|o| o.window(0)), 87);
    assert_eq!(refused(&|o| o.window(100).overlap(100)), 87);
    assert_eq!(refused(&|o| o.overlap(usize::MAX)), 87);
    assert_eq!(refused(&|o| o.memory(0)), 87);
    assert_eq!(refused(&|o| o.memory(65_536).window(65_537)), 87);
    assert_eq!(refused(&|o| o.memory(65_536).window(65_536).overlap(1)), 87);
    assert_eq!(refused(&|o| o.range(5..5)), 87);
    assert_eq!(refused(&|o| o.range((1 << 20)..)), 87);
    assert_eq!(refused(&|o| o.range(..=1 << 20)), 87);
    let windows = |memory| mapping.windows(memory).unwrap();
    let nothing = |_: &Window| Ok::<_, Error>(());
    assert_eq!(code(windows(1 << 20).for_each_parallel(0, nothing)), 87);
    assert_eq!(code(windows(1 << 20).for_each_parallel(1 << 30, nothing)), 87);

    let read_only =
        MappingOptions::new().size(4096).protection(Protection::ReadOnly).create().unwrap();
    let mut options = SlidingWindows::options();
    assert_eq!(code(options.access(ViewAccess::ReadWrite).open(&read_only)), 5);
    options.access(ViewAccess::Read).open(&read_only).unwrap();
}

#[test]
fn the_first_error_of_a_thread_stops_the_others() {
    let directory = tempfile::tempdir().unwrap();
    let (_, mapping) = sparse(directory.path(), 1 << 30);
    let begun = AtomicU64::new(0);
    let windows = SlidingWindows::options().window(65_536).open(&mapping).unwrap();
    let count = windows.count();
    let failed = windows.for_each_parallel(2, |window| {
        begun.fetch_add(1, Relaxed);
        match window.offset() {
            0 => Err(mapping.windows(0).map(|_| ()).unwrap_err()),
            _ => Ok(()),
        }
    });
    assert_eq!(code(failed), 87);
    assert!(begun.into_inner() < count);
}

#[test]
fn a_panic_of_a_thread_goes_on_in_the_caller() {
    let mapping = MappingOptions::new().size(1 << 20).create().unwrap();
    let windows = SlidingWindows::options().window(65_536).open(&mapping).unwrap();
    let work = |window: &Window| -> Result<(), Error> {
        assert!(window.offset() < 65_536, "on purpose");
        Ok(())
    };
    let run = std::panic::AssertUnwindSafe(|| windows.for_each_parallel(2, work));
    assert!(std::panic::catch_unwind(run).is_err());
}

#[test]
fn a_mapping_without_a_file_slides_too() {
    let mapping = MappingOptions::new().size(8 << 20).reserve(true).create().unwrap();
    let mut options = SlidingWindows::options();
    options.memory(256 << 10).access(ViewAccess::ReadWrite);
    let mut windows = options.open(&mapping).unwrap();
    while let Some(window) = windows.next().unwrap() {
        for at in (0..window.len()).step_by(65_536) {
            window.write(at, &(window.offset() + at as u64)).unwrap();
        }
    }
    let mut windows = options.order(Order::Random(3)).open(&mapping).unwrap();
    while let Some(window) = windows.next().unwrap() {
        assert_eq!(window.read::<u64>(0).unwrap(), window.offset());
    }
    assert_eq!(mapping.view().unwrap().read::<u64>(127 * 65_536).unwrap(), 127 * 65_536);
}
