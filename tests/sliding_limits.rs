//! Sliding windows where the kernel counts: mapped bytes, memory in use, the address space, the page cache, truncation.
#![cfg(target_os = "linux")]

mod support;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::Barrier;

use mapview::{Error, Mapping, MappingOptions, Order, Protection, SlidingWindows, Window};
use support::{code, is_child, World};

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;

fn sparse(directory: &Path, size: u64) -> (PathBuf, Mapping) {
    let path = directory.join("holes");
    File::create(&path).unwrap().set_len(size).unwrap();
    let mapping = open(&path);
    (path, mapping)
}

fn open(path: &Path) -> Mapping {
    MappingOptions::new().path(path).protection(Protection::ReadOnly).create().unwrap()
}

/// Bytes of a file that this process has mapped, all views together.
fn mapped(path: &Path) -> u64 {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let ranges = maps.lines().filter(|line| line.ends_with(path.to_str().unwrap()));
    let len = |line: &str| {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let number = |text| u64::from_str_radix(text, 16).unwrap();
        number(to) - number(from)
    };
    ranges.map(len).sum()
}

/// A field of /proc/self/status in bytes.
fn status(field: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn no_more_is_mapped_than_the_memory_says() {
    let directory = tempfile::tempdir().unwrap();
    let (path, mapping) = sparse(directory.path(), 64 * MIB + 5);
    for order in [Order::Forward, Order::Backward, Order::Random(9)] {
        for (memory, window, overlap) in [
            (4 * MIB, None, 0),
            (65_536, None, 10),
            (MIB, Some(100_000), 999),
            (8192, Some(4096), 1),
        ] {
            let mut options = SlidingWindows::options();
            options.memory(memory as usize).overlap(overlap).order(order);
            options.range(60 * MIB..);
            if let Some(window) = window {
                options.window(window);
            }
            let (mut most, mut own) = (0, 0);
            let mut windows = options.open(&mapping).unwrap();
            while let Some(window) = windows.next().unwrap() {
                own += window.own_len() as u64;
                most = most.max(mapped(&path));
            }
            assert_eq!(own, 4 * MIB + 5);
            assert!(most <= memory, "{most} of {memory}, {order:?}");
            assert!(most > memory / 4 || window.is_some(), "{most} of {memory}, {order:?}");
            assert_eq!(mapped(&path), 0, "behind the last window nothing is");

            let jumps = [61, 63, 62, 61].map(|mib| {
                windows.at(mib * MIB).unwrap();
                mapped(&path)
            });
            assert!(jumps.iter().all(|&jump| jump <= memory));

            if memory < MIB {
                continue;
            }
            // Each of the three is in its first window, and maps nothing, while one looks.
            let (begun, together) = (AtomicU32::new(0), Barrier::new(3));
            let most = AtomicU64::new(0);
            let look = |_: &Window| {
                if begun.fetch_add(1, Relaxed) < 3 {
                    if together.wait().is_leader() {
                        most.store(mapped(&path), Relaxed);
                    }
                    together.wait();
                }
                Ok::<_, Error>(())
            };
            windows.for_each_parallel(3, look).unwrap();
            let most = most.into_inner();
            assert!((1..=memory).contains(&most), "{most} of {memory} with threads");
        }
    }
}

#[test]
#[ignore = "not a test: the body of a process with little address space"]
fn slide_with_little_address_space() {
    if !is_child() {
        return;
    }
    let path = PathBuf::from(std::env::var_os("MAPVIEW_DIR").unwrap()).join("holes");
    let limit = status("VmSize") + GIB;
    let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
    // SAFETY: reads the structure.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);

    let mapping = open(&path);
    assert_eq!(code(mapping.view()), 8, "the whole of it finds no room");
    let mut windows = mapping.windows(256 << 20).unwrap();
    let mut found = Vec::new();
    let mut own = 0;
    while let Some(window) = windows.next().unwrap() {
        own += window.own_len() as u64;
        for place in PLACES {
            if (window.offset()..window.offset() + window.own_len() as u64).contains(&place) {
                found.push(window.read::<u8>((place - window.offset()) as usize).unwrap());
            }
        }
    }
    assert_eq!((own, found.as_slice()), (100 * GIB, &b"abcde"[..]));
    for (place, byte) in PLACES.into_iter().zip(*b"abcde").rev() {
        let window = windows.at(place).unwrap();
        assert_eq!(window.read::<u8>((place - window.offset()) as usize).unwrap(), byte);
    }
    println!("\n@done");
}

/// Where the file of 100 GiB has data.
const PLACES: [u64; 5] = [0, 4 * GIB, 50 * GIB + 4095, 64 * GIB - 1, 100 * GIB - 1];

#[test]
fn a_file_larger_than_memory_and_address_space_is_seen_whole() {
    let directory = tempfile::tempdir().unwrap(); // on a disk: memory may not hold so large a file
    let (path, _) = sparse(directory.path(), 100 * GIB);
    let file = File::options().write(true).open(path).unwrap();
    for (place, byte) in PLACES.into_iter().zip(*b"abcde") {
        file.write_all_at(&[byte], place).unwrap();
    }
    run_in_child("slide_with_little_address_space", directory.path());
}

/// Runs a hidden test with this directory as its own.
fn run_in_child(hidden_test: &str, directory: &Path) {
    let mut command = World::new().command(hidden_test);
    let output = command.env("MAPVIEW_DIR", directory).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("@done"), "{} {text}", output.status);
}

#[test]
#[ignore = "not a test: the body of a process whose memory is measured"]
fn slide_and_touch_everything() {
    if !is_child() {
        return;
    }
    let path = PathBuf::from(std::env::var_os("MAPVIEW_DIR").unwrap()).join("holes");
    let mapping = open(&path);
    let mut buffer = vec![1; MIB as usize];
    let before = status("VmRSS");
    for order in [Order::Forward, Order::Backward] {
        let mut options = SlidingWindows::options();
        let mut windows = options.memory(8 << 20).order(order).open(&mapping).unwrap();
        while let Some(window) = windows.next().unwrap() {
            for at in (0..window.len()).step_by(MIB as usize) {
                let part = (window.len() - at).min(MIB as usize);
                window.copy_out(at, &mut buffer[..part]).unwrap();
                assert!(buffer[..part].iter().step_by(4096).all(|&byte| byte == 0));
            }
        }
    }
    let peak = status("VmHWM");
    assert!(peak < before + 16 * MIB, "{before} before, {peak} at most");
    println!("\n@done");
}

#[test]
fn memory_in_use_stays_near_what_is_said() {
    let directory = tempfile::tempdir().unwrap();
    sparse(directory.path(), 256 * MIB);
    run_in_child("slide_and_touch_everything", directory.path());
}

#[test]
fn a_file_that_became_shorter_is_an_error_and_no_signal() {
    let directory = tempfile::tempdir().unwrap();
    for order in [Order::Forward, Order::Backward] {
        let (path, mapping) = sparse(directory.path(), MIB);
        let mut options = SlidingWindows::options();
        let mut windows = options.window(65_536).order(order).open(&mapping).unwrap();
        windows.next().unwrap().unwrap();
        File::options().write(true).open(&path).unwrap().set_len(100_000).unwrap();
        let mut own = 0;
        let error = loop {
            match windows.next() {
                Ok(window) => own += window.expect("the end is not reached").own_len(),
                Err(error) => break error,
            }
        };
        assert_eq!(error.win32_code(), 999, "{error}");
        // Backward, the next one had been mapped ahead.
        assert!(own <= 65_536, "{own} {order:?}");
        let readable = windows.at(0).unwrap();
        assert_eq!(readable.read::<u8>(0).unwrap(), 0);
    }
}

#[test]
fn a_guarded_window_whose_file_is_truncated_is_an_error_and_no_signal() {
    let directory = tempfile::tempdir().unwrap();
    let (path, mapping) = sparse(directory.path(), MIB);
    let mut options = SlidingWindows::options();
    let mut windows = options.guarded(true).open(&mapping).unwrap();
    let window = windows.next().unwrap().unwrap();
    File::options().write(true).open(&path).unwrap().set_len(100_000).unwrap();
    assert_eq!(window.to_vec(0, 1000).unwrap(), vec![0; 1000]);
    assert_eq!(code(window.to_vec(200_000, 1000)), 999);
}

/// How many pages of a file the page cache has.
fn cached(path: &Path) -> usize {
    let mapping = open(path);
    let view = mapping.view().unwrap();
    let mut pages = vec![0_u8; view.len().div_ceil(4096)];
    // SAFETY: the range is mapped, and there is a byte for each of its pages.
    assert_eq!(unsafe { libc::mincore(view.as_ptr().cast(), view.len(), pages.as_mut_ptr()) }, 0);
    pages.iter().filter(|&&page| page & 1 != 0).count()
}

#[test]
fn what_is_behind_leaves_the_page_cache_if_asked_to() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    std::fs::write(&path, vec![7; 4 << 20]).unwrap();
    let file = File::open(&path).unwrap();
    file.sync_all().unwrap(); // only what is written back can leave
    let scan = |drop_behind| {
        let mapping = open(&path);
        let mut options = SlidingWindows::options();
        options.memory(1 << 20).drop_behind(drop_behind);
        let mut windows = options.open(&mapping).unwrap();
        while let Some(window) = windows.next().unwrap() {
            assert_eq!(window.to_vec(0, window.len()).unwrap(), vec![7; window.len()]);
        }
    };
    scan(false);
    assert_eq!(cached(&path), 1024, "a scan fills the cache");
    scan(true);
    if on_a_disk(&file) {
        assert!(cached(&path) < 512, "{} of 1024 pages are left", cached(&path));
    } else {
        assert_eq!(cached(&path), 1024, "what lives in memory stays there");
    }
}

fn on_a_disk(file: &File) -> bool {
    use std::os::fd::AsRawFd;
    let mut stat = std::mem::MaybeUninit::<libc::statfs>::uninit();
    // SAFETY: the kernel fills the structure, or the call fails.
    assert_eq!(unsafe { libc::fstatfs(file.as_raw_fd(), stat.as_mut_ptr()) }, 0);
    // SAFETY: filled by the line above.
    unsafe { stat.assume_init() }.f_type != libc::TMPFS_MAGIC
}
