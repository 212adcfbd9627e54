//! Any bytes as the record of an object that another process holds. `cargo +nightly fuzz run records`
#![no_main]

#[path = "../../tests/support/hostile.rs"]
mod hostile;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hostile::Contents;
use mapview::{Mapping, Mutex};

const NAMES: [&str; 2] = ["target", "lock"];

/// The records of the two objects and what they hold; a forked process keeps them until this one ends.
fn records() -> &'static [(PathBuf, Contents)] {
    static RECORDS: OnceLock<Vec<(PathBuf, Contents)>> = OnceLock::new();
    RECORDS.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap().keep();
        std::env::set_var("MAPVIEW_DIR", &directory);
        hold_in_another_process();
        let records = files_below(&directory);
        assert!(records.len() >= NAMES.len());
        let read = |path: PathBuf| (path.clone(), Contents::of(&path));
        records.into_iter().map(read).collect()
    })
}

fn hold_in_another_process() {
    let mut pipe = [0; 2];
    // SAFETY: the pointer is to two integers.
    assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
    // SAFETY: the child calls this library and sleeps; the fuzzer has started no other thread yet.
    if unsafe { libc::fork() } == 0 {
        let _mapping = Mapping::create(NAMES[0], 8192).unwrap();
        let _mutex = Mutex::create(NAMES[1]).unwrap();
        // SAFETY: the byte is valid; the child ends with its parent, and pause has no duties.
        unsafe {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            libc::write(pipe[1], b"x".as_ptr().cast(), 1);
            loop {
                libc::pause();
            }
        }
    }
    let mut byte = 0_u8;
    // SAFETY: the byte is valid for the call.
    assert_eq!(unsafe { libc::read(pipe[0], (&raw mut byte).cast(), 1) }, 1);
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let records = records();
    let names = NAMES.map(str::to_string);
    let which = bytes.first().map_or(0, |&byte| usize::from(byte)) % records.len();
    let (record, original) = &records[which];
    // The input replaces the head of a valid record, so that the fuzzer need not find the magic number first.
    let rest = bytes.get(1..).unwrap_or_default();
    let mut hostile = original.clone();
    let end = rest.len().min(hostile.head.len());
    hostile.head[..end].copy_from_slice(&rest[..end]);
    hostile.put(record);
    hostile::use_everything(&names);
    original.put(record);
});
