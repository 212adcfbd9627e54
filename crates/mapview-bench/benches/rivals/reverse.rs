//! `mapview reverse` beside a plain program that reads, turns and writes through a buffer.
//!
//! Both read a file that is in the page cache, write a new one, and have it on the disk when they end.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::measure::{median, Effort};
use crate::table::{Row, Unit};

const CHUNK: usize = 256 << 10;

pub fn rows(effort: &Effort) -> Vec<Row> {
    let program = std::env::current_exe().expect("this program has a path");
    let mapview = program.ancestors().nth(2).expect("in the target directory").join("mapview");
    let mapview = mapview.with_extension(std::env::consts::EXE_EXTENSION);
    if !mapview.exists() {
        eprintln!("  left out: build it first, `cargo build --release -p mapview-cli`");
        return Vec::new();
    }
    let chunks = if effort.short { 64 } else { (1 << 30) / CHUNK };
    // Beside the program and so on a disk, where the directory for temporary files may be memory.
    let disk = tempfile::tempdir_in(program.parent().expect("a directory")).expect("a directory");
    let mut rows = measure(&mapview, disk.path(), "on disk", chunks, effort);
    drop(disk);
    if let Ok(memory) = tempfile::tempdir_in("/dev/shm") {
        rows.extend(measure(&mapview, memory.path(), "in memory (tmpfs)", chunks, effort));
    }
    rows
}

/// The program, its rivals and the limit, which is to copy as many bytes that are in memory.
fn measure(mapview: &Path, place: &Path, where_: &str, chunks: usize, effort: &Effort) -> Vec<Row> {
    let path = |name: &str| place.join(name);
    let (from, ours, rust, c) = (path("from"), path("mapview"), path("rust"), path("c"));
    make(&from, chunks);
    let bytes = chunks * CHUNK;
    let (source, mut target) = (vec![1_u8; bytes], vec![0_u8; bytes]);
    let compiled = option_env!("MAPVIEW_BENCH_REVERSE_RIVAL");

    let mut times = [const { Vec::new() }; 4];
    for _ in 0..effort.repetitions(5) {
        // Each result is made anew: to write over an old one is another thing.
        for result in [&ours, &rust, &c] {
            let _ = std::fs::remove_file(result);
        }
        let started = |command: &mut Command| {
            assert!(command.status().expect("it can be started").success());
        };
        times[0].push(timed(|| {
            started(Command::new(mapview).arg("reverse").arg(&from).arg("-o").arg(&ours))
        }));
        times[1].push(timed(|| plain(&from, &rust).expect("reading and writing")));
        if let Some(program) = compiled {
            times[2].push(timed(|| started(Command::new(program).arg(&from).arg(&c))));
        }
        times[3].push(timed(|| {
            target.copy_from_slice(black_box(&source));
            black_box(&mut target);
        }));
    }
    assert!(same(&ours, &rust), "the results differ");
    assert!(compiled.is_none() || same(&ours, &c), "the results differ");
    let speed = |times: &mut Vec<f64>| (!times.is_empty()).then(|| bytes as f64 / median(times));
    let [mine, rust, c, copy] = times.each_mut().map(speed);
    let mine = mine.expect("measured");
    let operation = format!("reverse a file of {} MiB {where_}", bytes >> 20);
    let note = "both wait for the disk; the whole process is timed";
    let row = |name: &str, figure, note: &str| {
        Row::new(&operation, Unit::GigabytesPerSecond, mine, name, figure).note(note)
    };
    vec![
        row("plain C: pread, reverse, write, fsync (256 KiB buffer)", c, note),
        row("the same in Rust", rust, note),
        row("memcpy of as many bytes", copy, "the limit of the machine, without any file"),
    ]
}

fn timed(once: impl FnOnce()) -> f64 {
    let start = Instant::now();
    once();
    start.elapsed().as_nanos() as f64
}

/// A file whose bytes follow no short pattern, written through to the disk.
fn make(path: &Path, chunks: usize) {
    let mut file = File::create(path).expect("a file");
    let mut state = 1_u64;
    let mut chunk = vec![0; CHUNK];
    for _ in 0..chunks {
        for word in chunk.chunks_exact_mut(8) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            word.copy_from_slice(&state.to_le_bytes());
        }
        file.write_all(&chunk).expect("room on the disk");
    }
    file.sync_all().expect("room on the disk");
}

fn plain(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut input = File::open(from)?;
    let mut output = File::create(to)?;
    let mut left = input.metadata()?.len();
    let mut buffer = vec![0; CHUNK];
    while left > 0 {
        let part = left.min(CHUNK as u64);
        left -= part;
        let bytes = &mut buffer[..part as usize];
        input.seek(SeekFrom::Start(left))?;
        input.read_exact(bytes)?;
        bytes.reverse();
        output.write_all(bytes)?;
    }
    output.sync_all()
}

fn same(one: &Path, two: &Path) -> bool {
    let (mut one, mut two) = (File::open(one).expect("a file"), File::open(two).expect("a file"));
    let (mut a, mut b) = (vec![0; CHUNK], vec![0; CHUNK]);
    let len = one.metadata().expect("a file").len();
    let chunk = |file: &mut File, into: &mut Vec<u8>| file.read_exact(into).is_ok();
    len == two.metadata().expect("a file").len()
        && (0..len / CHUNK as u64)
            .all(|_| chunk(&mut one, &mut a) && chunk(&mut two, &mut b) && a == b)
}
