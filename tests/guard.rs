//! The guard: files that are truncated under a view, seen through copies and in place. Linux.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod support;
#[path = "support/truncations.rs"]
mod truncations;

use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, AtomicU8, Ordering};

use mapview::{Guard, MappingOptions, Result, View, ViewAccess};
use support::{code, World};

const PAGE: usize = 4096;
const LEN: usize = 16 * PAGE;

/// A file of `LEN` bytes, each the number of its page plus one.
fn file() -> File {
    let file = tempfile::tempfile().unwrap();
    refill(&file);
    file
}

fn refill(file: &File) {
    use std::os::unix::fs::FileExt;
    let bytes: Vec<u8> = (0..LEN).map(|at| (at / PAGE + 1) as u8).collect();
    file.write_all_at(&bytes, 0).unwrap();
}

fn map(file: &File, access: ViewAccess) -> View {
    let mapping = MappingOptions::new().file(file).create().unwrap();
    View::options().access(access).guarded(true).map(&mapping).unwrap()
}

/// Every way to copy at this offset, by name.
type Way = (&'static str, fn(&View, usize) -> Result<()>);

const READS: [Way; 6] = [
    ("copy_out", |view, at| view.copy_out(at, &mut [0; 700])),
    ("to_vec", |view, at| view.to_vec(at, 3 * PAGE).map(drop)),
    ("read", |view, at| view.read::<[u64; 5]>(at).map(drop)),
    ("load u8", |view, at| view.load::<AtomicU8>(at, Ordering::Relaxed).map(drop)),
    ("load u16", |view, at| view.load::<AtomicU16>(at, Ordering::Acquire).map(drop)),
    ("load u64", |view, at| view.load::<AtomicU64>(at, Ordering::SeqCst).map(drop)),
];

const WRITES: [Way; 5] = [
    ("copy_in", |view, at| view.copy_in(at, &[7; 700])),
    ("copy_in of a byte", |view, at| view.copy_in(at, &[7])),
    ("write", |view, at| view.write(at, &7_u32)),
    ("fill", |view, at| view.fill(at, 2 * PAGE, 7)),
    ("fill of a byte", |view, at| view.fill(at, 1, 7)),
];

#[test]
fn copies_of_bytes_that_are_gone_are_an_error_and_work_again_when_the_file_has_grown_back() {
    let file = file();
    let view = map(&file, ViewAccess::ReadWrite);
    for round in 0..3 {
        file.set_len(5 * PAGE as u64).unwrap();
        for (name, way) in READS.iter().chain(&WRITES) {
            for at in [5 * PAGE, 5 * PAGE + 8, 11 * PAGE, 12 * PAGE + 1024] {
                assert_eq!(code(way(&view, at)), 999, "{name} at {at}, round {round}");
            }
            assert!(way(&view, PAGE).is_ok(), "{name} before the end, round {round}");
        }
        assert!(!view.is_damaged());
        refill(&file);
        for (name, way) in READS.iter().chain(&WRITES) {
            assert!(way(&view, 11 * PAGE).is_ok(), "{name} when it is back, round {round}");
        }
        refill(&file);
        assert_eq!(view.to_vec(11 * PAGE, 5).unwrap(), [12; 5]);
    }
}

#[test]
fn a_copy_that_starts_before_the_end_copies_what_is_there() {
    let file = file();
    let view = map(&file, ViewAccess::ReadWrite);
    file.set_len(5 * PAGE as u64).unwrap();
    let mut buffer = vec![0xEE; 3 * PAGE];
    let error = view.copy_out(4 * PAGE, &mut buffer).unwrap_err();
    assert!(buffer[PAGE..].iter().all(|&byte| byte == 0xEE), "nothing was made up");
    assert!(buffer[..PAGE].iter().all(|&byte| byte == 5 || byte == 0xEE));
    let text = error.to_string();
    assert!(text.contains(&format!("byte {}", 5 * PAGE)), "{text}");
    assert!(text.contains("truncated the file to 20480 bytes"), "{text}");
    assert!(error.raw_os_error().is_none());
}

#[test]
fn every_length_stops_at_the_end_of_the_file_and_not_before() {
    let file = file();
    let view = map(&file, ViewAccess::ReadWrite);
    file.set_len(8 * PAGE as u64).unwrap();
    for len in (0..300).chain([511, 1024, 4095, 4096, 9000]) {
        let mut buffer = vec![0; len];
        let reaching = 8 * PAGE - len;
        view.copy_out(reaching, &mut buffer).unwrap();
        view.copy_in(reaching, &buffer).unwrap();
        view.fill(reaching, len, 3).unwrap();
        if len > 0 {
            assert_eq!(code(view.copy_out(reaching + 1, &mut buffer)), 999, "{len}");
            assert_eq!(code(view.copy_in(reaching + 1, &buffer)), 999, "{len}");
            assert_eq!(code(view.fill(reaching + 1, len, 3)), 999, "{len}");
        }
    }
}

#[test]
fn a_view_of_a_part_names_its_own_offsets() {
    let file = file();
    let mapping = MappingOptions::new().file(&file).create().unwrap();
    let view = View::options().offset(3 * PAGE as u64 + 100).guarded(true).map(&mapping).unwrap();
    file.set_len(6 * PAGE as u64).unwrap();
    assert_eq!(view.to_vec(0, 3 * PAGE - 100).unwrap()[0], 4);
    let text = view.to_vec(0, 3 * PAGE).unwrap_err().to_string();
    assert!(text.contains(&format!("byte {}", 3 * PAGE - 100)), "{text}");
}

#[test]
fn access_in_place_meets_zeros_and_the_view_is_damaged_until_it_is_repaired() {
    let file = file();
    let view = map(&file, ViewAccess::ReadWrite);
    let gone = view.atomic::<AtomicU32>(9 * PAGE).unwrap();
    assert_eq!(gone.load(Ordering::Relaxed), 0x0A0A_0A0A);
    file.set_len(2 * PAGE as u64).unwrap();
    assert!(!view.is_damaged());

    assert_eq!(gone.fetch_add(5, Ordering::Relaxed), 0);
    assert_eq!(gone.load(Ordering::Relaxed), 5, "the program goes on with it");
    assert!(view.is_damaged());
    for (name, way) in READS.iter().chain(&WRITES) {
        assert_eq!(code(way(&view, 0)), 999, "{name}: nothing of a damaged view is believed");
    }
    assert_eq!(code(view.atomic::<AtomicU32>(0)), 999);
    assert_eq!(code(view.flush()), 999);

    assert_eq!(code(view.repair()), 999, "the file is still short");
    assert!(view.is_damaged());
    refill(&file);
    assert!(view.is_damaged(), "nobody sees by himself that the file is back");
    view.repair().unwrap();
    assert!(!view.is_damaged());
    assert_eq!(gone.load(Ordering::Relaxed), 0x0A0A_0A0A, "it shows the file again");
    view.write(9 * PAGE, &1_u32).unwrap();
    assert_eq!(map(&file, ViewAccess::Read).read::<u32>(9 * PAGE).unwrap(), 1);
    view.flush().unwrap();
    view.repair().unwrap();
}

#[test]
fn only_missing_pages_are_replaced() {
    let file = file();
    let view = map(&file, ViewAccess::ReadWrite);
    file.set_len(2 * PAGE as u64).unwrap();
    let byte = |page: usize| view.as_ptr().wrapping_add(page * PAGE);
    // SAFETY: inside the view, which is guarded.
    unsafe {
        assert_eq!(byte(3).read_volatile(), 0);
        assert_eq!(byte(1).read_volatile(), 2);
        byte(1).write_volatile(99);
    }
    assert_eq!(map(&file, ViewAccess::Read).read::<u8>(PAGE).unwrap(), 99, "still the file");
}

#[test]
fn read_only_and_copy_on_write_views_are_guarded_too() {
    let file = file();
    let reading = map(&file, ViewAccess::Read);
    let private = map(&file, ViewAccess::CopyOnWrite);
    private.write(7 * PAGE, &1_u8).unwrap();
    file.set_len(PAGE as u64).unwrap();
    for view in [&reading, &private] {
        assert_eq!(code(view.read::<u8>(9 * PAGE)), 999);
        // SAFETY: inside the view, which is guarded.
        assert_eq!(unsafe { view.as_ptr().wrapping_add(9 * PAGE).read_volatile() }, 0);
        assert!(view.is_damaged());
    }
    // SAFETY: inside the view, which is guarded and writable.
    unsafe { private.as_ptr().wrapping_add(8 * PAGE).write_volatile(1) };
    refill(&file);
    for view in [&reading, &private] {
        view.repair().unwrap();
        assert_eq!(view.read::<u8>(9 * PAGE).unwrap(), 10);
    }
    assert_eq!(code(reading.write(0, &1_u8)), 5);
    private.write(8 * PAGE, &1_u8).unwrap();
    assert_eq!(reading.read::<u8>(8 * PAGE).unwrap(), 9);
}

#[test]
fn flushing_what_is_gone_is_an_error_with_and_without_the_guard() {
    let file = file();
    let mapping = MappingOptions::new().file(&file).create().unwrap();
    let plain = mapping.view().unwrap();
    for view in [&plain, &map(&file, ViewAccess::ReadWrite)] {
        view.write(8 * PAGE, &1_u8).unwrap();
        file.set_len(5 * PAGE as u64).unwrap();
        assert_eq!(code(view.flush()), 999);
        assert_eq!(code(view.sync()), 999);
        assert_eq!(code(view.flush_range(5 * PAGE, 1)), 999);
        view.flush_range(0, 5 * PAGE).unwrap();
        refill(&file);
        view.sync().unwrap();
    }
}

#[test]
fn pages_of_another_protection_are_another_error() {
    let file = file();
    let view = map(&file, ViewAccess::ReadWrite);
    let protect = |protection| {
        // SAFETY: a page of the view, to which no reference exists.
        let done = unsafe { libc::mprotect(view.as_ptr().add(PAGE).cast(), PAGE, protection) };
        assert_eq!(done, 0);
    };
    protect(libc::PROT_NONE);
    assert_eq!(code(view.to_vec(0, 2 * PAGE)), 998);
    protect(libc::PROT_READ);
    assert_eq!(code(view.fill(0, 2 * PAGE, 1)), 998);
    assert_eq!(view.to_vec(PAGE, 1).unwrap(), [2]);
    protect(libc::PROT_READ | libc::PROT_WRITE);
    view.fill(0, 2 * PAGE, 1).unwrap();
}

#[test]
fn a_view_that_is_not_guarded_says_so_and_the_guard_stays_installed() {
    let mapping = MappingOptions::new().size(100).create().unwrap();
    let plain = mapping.view().unwrap();
    assert!(!plain.is_guarded() && !plain.is_damaged());
    plain.repair().unwrap();
    let guarded = View::options().guarded(true).map(&mapping).unwrap();
    assert!(guarded.is_guarded() && Guard::is_installed());
    Guard::install().unwrap();
    assert_eq!(guarded.to_vec(0, 100).unwrap(), [0; 100]);
}

#[test]
fn threads_meet_a_truncation_in_place_all_at_once() {
    let file = file();
    let view = map(&file, ViewAccess::ReadWrite);
    let words: Vec<&AtomicU64> = (0..16).map(|page| view.atomic(page * PAGE).unwrap()).collect();
    file.set_len(0).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    for word in &words {
                        word.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    // Each page was replaced once, not under the feet of a thread that used it already.
    assert!(words.iter().all(|word| word.load(Ordering::Relaxed) == 2000));
    assert!(view.is_damaged());
}

/// Takes the pages behind the first away and brings them back, until the other side hangs up.
#[test]
#[ignore = "not a test: the body of a process that truncates a file"]
fn truncate_and_refill() {
    if !support::is_child() {
        return;
    }
    let path = std::env::var("MAPVIEW_TEST_FILE").unwrap();
    let file = File::options().read(true).write(true).open(path).unwrap();
    support::serve(|line| {
        for _ in 0..line.number(0) {
            file.set_len(PAGE as u64).unwrap();
            refill(&file);
        }
        Ok(String::new())
    });
}

#[test]
fn readers_of_a_file_that_another_process_truncates_get_old_bytes_zeros_or_an_error() {
    let world = World::new();
    let path = world.directory().join("file");
    let file = File::create_new(&path).unwrap();
    refill(&file);
    let file = File::options().read(true).write(true).open(&path).unwrap();
    let mut command = world.command("truncate_and_refill");
    let mut peer = support::Peer::spawn({
        command.env("MAPVIEW_TEST_FILE", &path);
        command
    });
    let view = map(&file, ViewAccess::ReadWrite);
    let (over, errors, reads) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for reader in 0..3 {
            let (view, over, errors, reads) = (&view, &over, &errors, &reads);
            scope.spawn(move || {
                let mut buffer = vec![0; LEN];
                while !over.load(Ordering::Relaxed) {
                    reads.fetch_add(1, Ordering::Relaxed);
                    let from = reader * 300;
                    match view.copy_out(from, &mut buffer[from..]) {
                        Err(error) => {
                            assert_eq!(error.win32_code(), 999);
                            errors.fetch_add(1, Ordering::Relaxed);
                        }
                        Ok(()) => {
                            for (at, &byte) in buffer.iter().enumerate().skip(from) {
                                assert!(byte == 0 || usize::from(byte) == at / PAGE + 1, "{at}");
                            }
                        }
                    }
                }
            });
        }
        let long = std::env::var_os("MAPVIEW_LONG").is_some();
        peer.ask(if long { "go 20000" } else { "go 200" });
        while errors.load(Ordering::Relaxed) == 0 {
            peer.ask("go 100"); // on a busy machine nobody may have looked yet
        }
        over.store(true, Ordering::Relaxed);
    });
    assert!(!view.is_damaged() && reads.load(Ordering::Relaxed) > 0);
    assert_eq!(view.to_vec(15 * PAGE, 3).unwrap(), [16; 3]);
}

#[test]
fn random_truncations_copies_and_access_in_place_do_what_the_model_says() {
    let rounds: u64 = if std::env::var_os("MAPVIEW_LONG").is_some() { 20_000 } else { 300 };
    for round in 1..=rounds {
        let mut random = support::Random(round.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let numbers: Vec<u8> = (0..6 * 40).map(|_| (random.next() >> 32) as u8).collect();
        let played = std::panic::catch_unwind(|| truncations::play(&numbers));
        assert!(played.is_ok(), "round {round}");
    }
}
