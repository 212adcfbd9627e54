//! Reading a file of 4 GiB from end to end, and 4 KiB here and there, through windows and by other ways.
//!
//! Every attempt is a process of its own, so that what it used is its own. They take turns. A cold file is in no memory:
//! it is dropped from the page cache, and a look at the cache shows that it is.

mod usage;
mod ways;

use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::Path;

use super::peer::{command, say};
use crate::measure::{median, Effort};
use crate::table::{Budget, Row, Unit};
use usage::Usage;

/// What an attempt cost.
struct Cost {
    nanoseconds: f64,
    usage: Usage,
}

pub fn rows(effort: &Effort) -> Vec<Row> {
    let size: u64 = if effort.short { 64 << 20 } else { 4 << 30 };
    let program = std::env::current_exe().expect("this program has a path");
    // Beside the program and so on a disk, where the directory for temporary files may be memory.
    let place = tempfile::tempdir_in(program.parent().expect("a directory")).expect("a directory");
    let path = place.path().join("numbers");
    make(&path, size);
    let mut rows = Vec::new();
    for (cold, repetitions) in [(false, 9), (true, 5)] {
        let state = if cold { "cold" } else { "warm" };
        let what = format!("sum of a {} MiB file, {state}", size >> 20);
        let costs = by_turns(ways::SCANS, &path, 0, cold, effort.repetitions(repetitions));
        rows.extend(compare(&what, size as f64, ways::SCANS, &costs));
        let costs = by_turns(ways::SCANS_BY_TWO, &path, 0, cold, effort.repetitions(repetitions));
        rows.extend(compare(&what, size as f64, ways::SCANS_BY_TWO, &costs));
        let reads = if cold { 2_000 } else { 200_000 };
        let reads = if effort.short { reads / 100 } else { reads };
        let what = format!("{reads} random 4 KiB of it, {state}");
        let costs = by_turns(ways::RANDOM, &path, reads, cold, effort.repetitions(repetitions));
        rows.extend(compare(&what, (reads * ways::BLOCK) as f64, ways::RANDOM, &costs));
    }
    rows
}

/// In the peer: one attempt.
pub fn peer(way: &str, path: &str, reads: &str) {
    let before = Usage::now();
    let start = std::time::Instant::now();
    let sum = ways::run(way, Path::new(path), reads.parse().expect("a number"));
    let time = start.elapsed().as_nanos();
    let Usage { memory, addresses, faults } = Usage::now().since(before);
    say(format!("{sum} {time} {memory} {addresses} {faults}"));
}

/// The median costs of every way to make so many random reads, or with 0 to read it all.
fn by_turns(ways: &[&str], path: &Path, reads: u64, cold: bool, repetitions: usize) -> Vec<Cost> {
    let (name, reads) = (path.to_str().expect("our own path"), reads.to_string());
    let mut all: Vec<[Vec<f64>; 4]> = ways.iter().map(|_| Default::default()).collect();
    let mut sums = Vec::new();
    for repetition in 0..repetitions {
        for turn in 0..ways.len() {
            let index = (turn + repetition) % ways.len();
            prepare(path, cold);
            let output = command(&["scan", ways[index], name, &reads])
                .output()
                .expect("a process can be started");
            let text = String::from_utf8(output.stdout).expect("numbers");
            let mut numbers = text.split_ascii_whitespace();
            sums.push(
                numbers.next().unwrap_or_else(|| panic!("{} failed", ways[index])).to_owned(),
            );
            for (all, number) in all[index].iter_mut().zip(numbers) {
                all.push(number.parse().expect("a number"));
            }
        }
    }
    assert!(sums.iter().all(|sum| *sum == sums[0]), "the ways read different things");
    let costs = all.iter_mut().map(|all| {
        let [nanoseconds, memory, addresses, faults] = all.each_mut().map(|all| median(all));
        Cost { nanoseconds, usage: Usage { memory, addresses, faults } }
    });
    costs.collect()
}

/// The first way is ours; one row for every other. The project promises something about scans only.
fn compare(what: &str, bytes: f64, ways: &[&str], costs: &[Cost]) -> Vec<Row> {
    let speed = |cost: &Cost| bytes / cost.nanoseconds;
    let ours = &costs[0];
    let row = |(way, cost): (&&str, &Cost)| {
        let note =
            format!("{} | {}", used(&ours.usage), used(&cost.usage)).replace(" | ", "; rival: ");
        let unit = Unit::GigabytesPerSecond;
        let row = Row::new(what, unit, speed(ours), *way, Some(speed(cost))).note(note);
        match ways::is_promised(way) && !ways::RANDOM.contains(&ways[0]) {
            true => row.budget(Budget::RatioAtLeast(1.0)),
            false => row,
        }
    };
    ways.iter().zip(costs).skip(1).map(row).collect()
}

fn used(usage: &Usage) -> String {
    let mib = |bytes: f64| bytes / f64::from(1 << 20);
    let Usage { memory, addresses, faults } = *usage;
    format!(
        "memory {:.0} MiB, addresses {:.0} MiB, {faults:.0} faults",
        mib(memory),
        mib(addresses)
    )
}

/// A file of words that follow no short pattern, written through to the disk.
fn make(path: &Path, size: u64) {
    let mut file = File::create(path).expect("a file");
    let mut state = 1_u64;
    let mut chunk = vec![0; 1 << 20];
    for _ in 0..size / chunk.len() as u64 {
        for word in chunk.chunks_exact_mut(8) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            word.copy_from_slice(&state.to_le_bytes());
        }
        file.write_all(&chunk).expect("room on the disk");
    }
    file.sync_all().expect("room on the disk");
}

/// Has the whole file in the page cache, or nothing of it.
fn prepare(path: &Path, cold: bool) {
    let file = File::open(path).expect("our own file");
    if cold {
        // SAFETY: a plain call on our own descriptor.
        let dropped =
            unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
        assert_eq!(dropped, 0, "the file cannot be dropped from memory");
        let cached = mapview::file_residency(&file, ..).expect("Linux tells").in_memory();
        assert_eq!(cached, 0, "the file stayed in memory");
    } else {
        std::io::copy(&mut &file, &mut std::io::sink()).expect("our own file");
    }
}
