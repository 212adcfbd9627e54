//! Features that meet: what one part of the library does to a view, a region or a process, the others know. Linux.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod support;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use mapview::{
    memory, Access, Composite, ErrorKind, Mapping, MappingOptions, MemoryInfo, MemoryState,
    Protect, Protection, Region, View, ViewAccess,
};
use support::code;

const PAGE: usize = 4096;
const LEN: usize = 64 * PAGE;

fn file() -> File {
    let file = tempfile::tempfile().unwrap();
    file.set_len(LEN as u64).unwrap();
    file
}

fn memory_of(len: usize) -> Mapping {
    MappingOptions::new().size(len as u64).create().unwrap()
}

fn guarded(file: &File) -> View {
    let mapping = MappingOptions::new().file(file).create().unwrap();
    View::options().access(ViewAccess::ReadWrite).guarded(true).map(&mapping).unwrap()
}

/// Loses the page at an offset.
fn damage(view: &View, file: &File, offset: usize) {
    file.set_len(0).unwrap();
    view.atomic::<AtomicU8>(offset).unwrap().load(Ordering::Relaxed);
    assert!(view.is_damaged());
}

fn protect(view: &View, offset: usize, len: usize, new: Protect) -> mapview::Result<Protect> {
    // SAFETY: these tests know what the pages permit.
    unsafe { memory::protect(view.as_ptr().addr() + offset, len, new) }
}

/// The whole address space, which must be told without gaps and without overlaps.
#[track_caller]
fn regions() -> Vec<MemoryInfo> {
    let told = memory::regions().unwrap();
    for pair in told.windows(2) {
        assert_eq!(pair[0].base + pair[0].len, pair[1].base, "{pair:#x?}");
    }
    told
}

#[test]
fn a_damaged_view_is_told_once() {
    let file = file();
    let view = guarded(&file);
    damage(&view, &file, 20 * PAGE);
    let of_view = |info: &&MemoryInfo| info.allocation_base == view.as_ptr().addr();
    assert_eq!(regions().iter().filter(of_view).map(|info| info.len).collect::<Vec<_>>(), [LEN]);
}

#[test]
fn partly_locked_memory_is_told_once() {
    let region = Region::options().size(LEN).commit(Protect::READ_WRITE).unwrap();
    region.lock(2 * PAGE..3 * PAGE).unwrap();
    let view = memory_of(LEN).view().unwrap();
    view.lock(PAGE, PAGE).unwrap();
    let told = regions();
    for base in [region.as_ptr().addr(), view.as_ptr().addr()] {
        let lens = told.iter().filter(|info| info.allocation_base == base).map(|info| info.len);
        assert_eq!(lens.collect::<Vec<_>>(), [LEN]);
    }
}

#[test]
fn a_repaired_page_permits_what_it_did_and_goes_where_it_did() {
    let file = file();
    let view = guarded(&file);
    protect(&view, 8 * PAGE, PAGE, Protect::WRITE_COPY).unwrap();
    protect(&view, 9 * PAGE, PAGE, Protect::READ_ONLY).unwrap();
    damage(&view, &file, 8 * PAGE);
    view.atomic::<AtomicU8>(9 * PAGE).err(); // the view is damaged
    file.set_len(LEN as u64).unwrap();
    view.repair().unwrap();
    view.write(8 * PAGE, &7_u8).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, 8 * PAGE as u64).unwrap();
    assert_eq!(byte, [0], "a private change has reached the file");

    protect(&view, 8 * PAGE, PAGE, Protect::READ_ONLY).unwrap();
    damage(&view, &file, 8 * PAGE);
    file.set_len(LEN as u64).unwrap();
    view.repair().unwrap();
    assert_eq!(view.write(8 * PAGE, &1_u8).unwrap_err().kind(), ErrorKind::NoAccess);
    assert_eq!(memory::query(view.as_ptr().addr() + 8 * PAGE).unwrap().len, 2 * PAGE);
}

#[test]
fn two_that_repair_at_once_do_not_meet_what_is_repaired_already() {
    let file = file();
    let view = guarded(&file);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    view.repair().ok();
                }
            });
        }
        for round in 0..2000 {
            file.set_len(0).unwrap();
            if let Ok(byte) = view.atomic::<AtomicU8>(round % 64 * PAGE) {
                byte.load(Ordering::Relaxed);
            }
            file.set_len(LEN as u64).unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    });
    view.repair().unwrap();
    for page in 0..64_u8 {
        view.write(usize::from(page) * PAGE, &page).unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, u64::from(page) * PAGE as u64).unwrap();
        assert_eq!(byte, [page], "a page of zeros is left, and nobody knows");
    }
}

#[test]
fn locking_copies_nothing_of_a_copy_on_write_view() {
    let mapping = memory_of(4 * PAGE);
    let shared = mapping.view().unwrap();
    let map = || View::options().access(ViewAccess::CopyOnWrite).map(&mapping).unwrap();
    let (by_view, by_address) = (map(), map());
    by_view.write(PAGE, &1_u8).unwrap();
    by_view.lock(0, 4 * PAGE).unwrap();
    memory::lock(by_address.as_ptr().addr(), 4 * PAGE).unwrap();
    shared.fill(0, 4 * PAGE, 9).unwrap();
    assert_eq!(by_view.read::<u8>(0).unwrap(), 9, "a page that nobody wrote is private");
    assert_eq!(by_address.read::<u8>(3 * PAGE).unwrap(), 9, "a page that nobody wrote is private");
    assert_eq!(by_view.read::<u8>(PAGE).unwrap(), 1);
    let info = memory::query(by_address.as_ptr().addr()).unwrap();
    assert_eq!((info.len, info.protect), (4 * PAGE, Some(Protect::WRITE_COPY)));
    by_view.unlock(0, 4 * PAGE).unwrap();
    memory::unlock(by_address.as_ptr().addr(), 4 * PAGE).unwrap();
}

#[test]
#[ignore = "not a test: the body of a process that may open no files"]
fn without_descriptors() {
    if !support::is_child() {
        return;
    }
    let mapping = memory_of(PAGE);
    let (view, other) = (mapping.view().unwrap(), mapping.view().unwrap());
    protect(&view, 0, PAGE, Protect::WRITE_COPY).unwrap();
    view.write(0, &1_u8).unwrap();
    protect(&view, 0, PAGE, Protect::READ_ONLY).unwrap();
    let limit = |files| {
        let limit = libc::rlimit { rlim_cur: files, rlim_max: 1024 };
        // SAFETY: a valid structure.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
    };
    limit(0);
    protect(&view, 0, PAGE, Protect::READ_WRITE).unwrap_err();
    limit(1024);
    let info = memory::query(view.as_ptr().addr()).unwrap();
    assert_eq!(info.protect, Some(Protect::READ_ONLY), "it failed, so nothing has changed");
    protect(&view, 0, PAGE, Protect::READ_WRITE).unwrap();
    view.write(1, &2_u8).unwrap();
    assert_eq!(view.read::<[u8; 2]>(0).unwrap(), [1, 2]);
    assert_eq!(other.read::<[u8; 2]>(0).unwrap(), [0, 0], "the page was copied");
}

#[test]
fn a_protection_that_fails_changes_nothing() {
    support_run("without_descriptors");
}

/// Runs a test of this file, which is not one, in a process of its own.
fn support_run(test: &str) {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"]);
    let output = command.env(support::ROLE, "-alone").output().unwrap();
    let (out, err) = (&output.stdout, &output.stderr);
    let said = format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_fork_in_the_middle_leaves_the_child_whole() {
    let (mapping, file) = (memory_of(LEN), file());
    let region = Region::options().size(LEN).commit(Protect::READ_WRITE).unwrap();
    let of_file = MappingOptions::new().file(&file).create().unwrap();
    let use_all = || {
        View::options().guarded(true).map(&of_file)?.read::<u64>(8)?;
        region.write(0, &1_u8)?;
        drop(Region::options().size(PAGE).commit(Protect::READ_WRITE)?);
        mapping.view().map(drop)
    };
    use_all().unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    drop(View::options().guarded(true).map(&of_file).unwrap());
                    region.write(0, &1_u8).unwrap();
                }
            });
        }
        let ended: Vec<i32> = (0..400)
            .map(|_| {
                // SAFETY: the child uses this library, which is made for that, and ends without running anything else.
                unsafe {
                    let child = libc::fork();
                    if child == 0 {
                        libc::alarm(20);
                        libc::_exit(if use_all().is_ok() { 0 } else { 1 });
                    }
                    let mut status = -1;
                    libc::waitpid(child, &mut status, 0);
                    status
                }
            })
            .collect();
        stop.store(true, Ordering::Relaxed);
        assert!(ended.iter().all(|&status| status == 0), "{ended:?}");
    });
}

#[test]
fn a_view_is_told_alike_alone_and_among_all() {
    let file = file();
    let mapping = MappingOptions::new().file(&file).create().unwrap();
    let cow = View::options().access(ViewAccess::CopyOnWrite).map(&mapping).unwrap();
    cow.write(5 * PAGE, &1_u8).unwrap();
    let memory = memory_of(LEN).view().unwrap();
    protect(&memory, PAGE, PAGE, Protect::READ_ONLY).unwrap();
    let all = regions();
    for view in [&cow, &memory] {
        for page in [0, 1, 2, 5, 6] {
            let address = view.as_ptr().addr() + page * PAGE;
            let alone = memory::query(address).unwrap();
            let among = all.iter().find(|info| info.base + info.len > address).unwrap();
            assert_eq!((alone.base, alone.base + alone.len), (address, among.base + among.len));
            let mut whole = alone.clone();
            (whole.base, whole.len) = (among.base, among.len);
            assert_eq!(whole, *among);
        }
    }
}

#[test]
fn a_copy_never_has_what_was_written_to_pages_of_zeros() {
    const WRONG: u8 = 0xAA;
    let file = file();
    let view = guarded(&file);
    let byte = view.atomic::<AtomicU8>(3 * PAGE).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                if let Ok(byte) = view.read::<u8>(3 * PAGE) {
                    assert_ne!(byte, WRONG, "a copy of what never was in the file");
                }
            }
        });
        for _ in 0..10_000 {
            file.set_len(0).unwrap();
            byte.store(WRONG, Ordering::Relaxed); // to a page of zeros
            file.set_len(LEN as u64).unwrap();
            view.repair().unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn taking_reset_pages_back_leaves_locked_ones_locked() {
    let region = Region::options().size(4 * PAGE).commit(Protect::READ_WRITE).unwrap();
    region.fill(0, 4 * PAGE, 1).unwrap();
    region.reset(0..4 * PAGE).unwrap();
    region.lock(PAGE..2 * PAGE).unwrap();
    region.reset_undo(0..4 * PAGE).unwrap();
    let address = format!("{:x}-", region.as_ptr().addr() + PAGE);
    let ranges = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let range = ranges.split_once(&address).expect("a range of its own, as it is locked").1;
    assert!(range.lines().find(|line| line.starts_with("VmFlags:")).unwrap().contains(" lo"));
}

#[test]
fn resetting_costs_the_same_however_many_pages_were_reset_before() {
    const PAGES: usize = 1 << 14;
    let region = Region::options().size(PAGES * PAGE).commit(Protect::READ_WRITE).unwrap();
    region.fill(0, region.len(), 1).unwrap();
    let reset = |pages: std::ops::Range<usize>| {
        let begin = std::time::Instant::now();
        pages.for_each(|page| region.reset(page * PAGE..(page + 1) * PAGE).unwrap());
        begin.elapsed()
    };
    let (first, last) = (reset(0..PAGES / 8), reset(PAGES * 7 / 8..PAGES));
    reset(PAGES / 8..PAGES * 7 / 8);
    let again = reset(PAGES * 7 / 8..PAGES);
    assert!(again < 20 * (first + last), "{first:?} and {last:?} first, {again:?} at last");
    region.reset_undo(0..region.len()).unwrap();
    assert_eq!(region.read::<u8>(region.len() - 1).unwrap(), 1);
}

#[test]
fn a_composite_that_fails_halfway_leaves_nothing_mapped() {
    const HUGE: usize = (1 << 40) + 7 * 0x1_0000;
    let first = MappingOptions::new().size(HUGE as u64).reserve(true).create().unwrap();
    let name = support::unique("read-only");
    let mut options = MappingOptions::new();
    options.name(&name).size(LEN as u64).protection(Protection::ReadOnly);
    let _only = options.create().unwrap();
    let second = MappingOptions::new().name(&name).open(Access::WRITE).unwrap();
    let mut both = Composite::new();
    both.part(&first, 0, HUGE).part(&second, 0, LEN);
    assert_eq!(code(both.map(ViewAccess::ReadWrite)), 87);
    let is_left = |info: &&MemoryInfo| {
        info.state != MemoryState::Free && (HUGE..HUGE + 2 * LEN).contains(&info.len)
    };
    assert_eq!(regions().iter().find(is_left), None);
}

#[test]
fn page_zero_stays_free() {
    let mapping = memory_of(LEN);
    for address in [1, PAGE + 1, 0xFFFF] {
        let mut options = View::options();
        options.offset(address as u64).len(100).at(address);
        assert_eq!(code(options.map(&mapping)), 87, "{address:#x}");
    }
}

#[test]
fn a_copy_that_does_not_fit_into_memory_is_an_error() {
    let huge = 1 << 45;
    let mapping = MappingOptions::new().size(huge as u64).reserve(true).create().unwrap();
    assert_eq!(code(mapping.view().unwrap().to_vec(0, huge)), 8);
}
