//! Summing the words of a large file: sliding windows beside memmap2's map of the whole and beside `read`, with the file in
//! the page cache and without.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use mapview::{MappingOptions, Protection, SlidingWindows, Window};

use crate::measure::{median, Effort};
use crate::table::{Budget, Row, Unit};

const BUFFER: usize = 1 << 20;
const MEMORY: usize = 64 << 20;

type Way = (&'static str, fn(&Path) -> u64);

pub fn rows(effort: &Effort) -> Vec<Row> {
    let program = std::env::current_exe().expect("this program has a path");
    // Beside the program and so on a disk.
    let place = tempfile::tempdir_in(program.parent().expect("a directory")).expect("a directory");
    let path = place.path().join("data");
    let bytes = make(&path, if effort.short { 256 } else { 4096 });
    let one: [Way; 3] = [
        ("windows", windows),
        ("memmap2, all of it", |path| memmap(path, 1)),
        ("read, 1 MiB buffer", |path| read(path, 1)),
    ];
    let two: [Way; 3] = [
        ("windows", windows_of_two),
        ("memmap2, all of it", |path| memmap(path, 2)),
        ("read, 1 MiB buffer", |path| read(path, 2)),
    ];
    let mut rows = Vec::new();
    for (threads, ways) in [("one thread", &one), ("two threads", &two)] {
        for cold in [false, true] {
            let repetitions = effort.repetitions(if cold { 5 } else { 7 });
            rows.extend(compare(&path, bytes, threads, ways, cold, repetitions));
        }
    }
    rows
}

/// Measures the ways by turns; a row for each rival.
fn compare(
    path: &Path,
    bytes: f64,
    threads: &str,
    ways: &[Way; 3],
    cold: bool,
    repetitions: usize,
) -> Vec<Row> {
    let mut times = [const { Vec::new() }; 3];
    let expected = read(path, 1); // warms the cache, too
    for repetition in 0..repetitions {
        for turn in 0..ways.len() {
            let index = (turn + repetition) % ways.len();
            if cold {
                forget(path);
            }
            let start = Instant::now();
            let sum = (ways[index].1)(path);
            times[index].push(start.elapsed().as_nanos() as f64);
            assert_eq!(sum, expected, "{}", ways[index].0);
        }
    }
    let [mine, rivals @ ..] = times.each_mut().map(|times| bytes / median(times));
    let cache = if cold { "not in the page cache" } else { "in the page cache" };
    let operation = format!("scan a file of {} MiB {cache}, {threads}", bytes as u64 >> 20);
    let row = |(rival, way): (f64, &Way)| {
        Row::new(operation.clone(), Unit::GigabytesPerSecond, mine, way.0, Some(rival))
            .budget(Budget::RatioAtLeast(1.0))
            .note("at most 64 MiB mapped")
    };
    rivals.into_iter().zip(&ways[1..]).map(row).collect()
}

/// A file on the disk, cached as a reader would have it; returns its length.
fn make(path: &Path, mebibytes: usize) -> f64 {
    let mut file = File::create(path).expect("a file");
    let mut chunk = vec![0; BUFFER];
    let mut state = 1_u64;
    for _ in 0..mebibytes {
        for word in chunk.chunks_exact_mut(8) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            word.copy_from_slice(&state.to_le_bytes());
        }
        file.write_all(&chunk).expect("room on the disk");
    }
    file.sync_all().expect("room on the disk");
    forget(path);
    (mebibytes * BUFFER) as f64
}

fn forget(path: &Path) {
    let file = File::open(path).expect("the file");
    // SAFETY: no memory is involved.
    let failed = unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
    assert_eq!(failed, 0);
}

fn sum(bytes: &[u8]) -> u64 {
    // SAFETY: any eight bytes are a number.
    let (before, words, behind) = unsafe { bytes.align_to::<u64>() };
    assert!(before.is_empty() && behind.is_empty());
    words.iter().fold(0, |sum, word| sum.wrapping_add(*word))
}

fn sum_window(window: &Window) -> u64 {
    // SAFETY: nobody writes the file, which this program made, or makes it shorter.
    sum(unsafe { window.as_slice() })
}

fn windows(path: &Path) -> u64 {
    let file = MappingOptions::new().path(path).protection(Protection::ReadOnly).create();
    let file = file.expect("a mapping");
    let mut options = SlidingWindows::options();
    let mut windows = options.memory(MEMORY).open(&file).expect("windows");
    let mut total = 0_u64;
    while let Some(window) = windows.next().expect("a window") {
        total = total.wrapping_add(sum_window(window));
    }
    total
}

fn windows_of_two(path: &Path) -> u64 {
    let file = MappingOptions::new().path(path).protection(Protection::ReadOnly).create();
    let total = AtomicU64::new(0);
    let work = |window: &Window| {
        total.fetch_add(sum_window(window), Relaxed);
        Ok::<_, mapview::Error>(())
    };
    file.expect("a mapping")
        .windows(MEMORY)
        .and_then(|all| all.for_each_parallel(2, work))
        .expect("windows");
    total.into_inner()
}

fn memmap(path: &Path, threads: usize) -> u64 {
    let file = File::open(path).expect("the file");
    // SAFETY: as in `sum_window`.
    let map = unsafe { memmap2::Mmap::map(&file) }.expect("a map");
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            map.chunks(map.len() / threads).map(|part| scope.spawn(move || sum(part))).collect();
        parts.into_iter().fold(0_u64, |total, part| total.wrapping_add(part.join().expect("a sum")))
    })
}

fn read(path: &Path, threads: u64) -> u64 {
    let mut file = File::open(path).expect("the file");
    let mut buffer = vec![0; BUFFER];
    if threads == 1 {
        let mut total = 0_u64;
        loop {
            match file.read(&mut buffer).expect("the file can be read") {
                0 => return total,
                len => total = total.wrapping_add(sum(&buffer[..len])),
            }
        }
    }
    let len = file.metadata().expect("the file").len();
    let next = AtomicU64::new(0);
    let work = || {
        let (mut total, mut buffer) = (0_u64, vec![0; BUFFER]);
        loop {
            let at = next.fetch_add(BUFFER as u64, Relaxed);
            if at >= len {
                return total;
            }
            file.read_exact_at(&mut buffer, at).expect("whole buffers");
            total = total.wrapping_add(sum(&buffer));
        }
    };
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        all.into_iter().fold(0_u64, |total, one| total.wrapping_add(one.join().expect("a sum")))
    })
}
