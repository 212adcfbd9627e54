//! `mapview reverse` beside a plain program that reads, turns and writes through a buffer.
//!
//! Both read a file that is in the page cache, write a new one, and have it on the disk when they end.

use std::fs::File;
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
    let place = tempfile::tempdir_in(program.parent().expect("a directory")).expect("a directory");
    let path = |name: &str| place.path().join(name);
    let (from, by_mapview, by_rival) = (path("from"), path("by-mapview"), path("by-rival"));
    make(&from, chunks);

    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..effort.repetitions(5) {
        times[0].push(timed(|| {
            let mut command = Command::new(&mapview);
            let status = command.arg("reverse").arg(&from).arg("-o").arg(&by_mapview).status();
            assert!(status.expect("it can be started").success());
        }));
        times[1].push(timed(|| plain(&from, &by_rival).expect("reading and writing")));
    }
    assert!(same(&by_mapview, &by_rival), "the results differ");
    let bytes = (chunks * CHUNK) as f64;
    let [mine, rival] = times.each_mut().map(|times| bytes / median(times));
    let operation = format!("reverse a file of {} MiB on disk", (chunks * CHUNK) >> 20);
    let rival_name = "read, reverse, write, fsync (256 KiB buffer)";
    let note = "both wait for the disk; the whole process is timed";
    vec![Row::new(operation, Unit::GigabytesPerSecond, mine, rival_name, Some(rival)).note(note)]
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
