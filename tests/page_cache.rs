//! Where the pages of real files are: on the disk, in the cache, in the page table. Linux tells all of it.
#![cfg(target_os = "linux")]

#[path = "support/looker.rs"]
mod looker;
mod support;
#[path = "support/users.rs"]
mod users;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;

use looker::pages;
use mapview::{
    file_residency, memory_residency, physical_address, MappingOptions, PageRun, Place, Protection,
    Residency, Sharing, View, ViewAccess,
};

use support::quote;
use users::{open_world, user_of, NOBODY};

const PAGE: u64 = 4096;

#[test]
#[ignore = "not a test: the body of the processes that look"]
fn looking_process() {
    looker::look();
}

/// A file on the disk under the target directory.
fn on_disk() -> File {
    let file = tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    // SAFETY: zeros are a valid value of this plain C struct.
    let mut about: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: fills the struct.
    assert_eq!(unsafe { libc::fstatfs(file.as_raw_fd(), &raw mut about) }, 0);
    let in_memory = [0x0102_1994, 0x8584_58F6].contains(&about.f_type);
    assert!(!in_memory, "{} must lie on a disk", env!("CARGO_TARGET_TMPDIR"));
    file
}

/// A file of random bytes of which nothing is in memory.
fn dropped(pages: u64) -> File {
    let file = on_disk();
    file.write_all_at(&vec![7; (pages * PAGE) as usize], 0).unwrap();
    drop_cache(&file);
    file
}

fn drop_cache(file: &File) {
    file.sync_all().unwrap();
    // SAFETY: plain numbers.
    let failed = unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
    assert_eq!(failed, 0);
}

/// Nothing is read ahead, so that what is touched is what is there.
fn only_what_is_asked(file: &File) {
    // SAFETY: plain numbers.
    let failed = unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_RANDOM) };
    assert_eq!(failed, 0);
}

fn mapped(file: &File, access: ViewAccess) -> View {
    let protection =
        if access == ViewAccess::ReadWrite { Protection::ReadWrite } else { Protection::ReadOnly };
    let mapping = MappingOptions::new().file(file).protection(protection).create().unwrap();
    View::options().access(access).map(&mapping).unwrap()
}

fn places(residency: &Residency) -> Vec<(u64, u64, Place)> {
    assert!(residency.hidden.is_empty(), "{:?}", residency.hidden);
    let pages = |run: &PageRun| (run.offset / PAGE, run.len / PAGE, run.place);
    residency.runs.iter().map(pages).collect()
}

#[test]
fn a_fresh_sparse_file_is_nowhere() {
    let file = on_disk();
    file.set_len(64 * PAGE).unwrap();
    let residency = file_residency(&file, ..).unwrap();
    assert_eq!(places(&residency), [(0, 64, Place::NotAllocated)]);
    assert_eq!(residency.in_memory(), 0);
}

#[test]
fn what_left_the_cache_is_on_the_disk_and_what_was_read_is_cached() {
    let file = dropped(64);
    assert_eq!(places(&file_residency(&file, ..).unwrap()), [(0, 64, Place::OnDisk)]);
    only_what_is_asked(&file);
    file.read_exact_at(&mut [0; 10], 9 * PAGE).unwrap();
    let residency = file_residency(&file, ..).unwrap();
    let expected = [(0, 9, Place::OnDisk), (9, 1, Place::Cached), (10, 54, Place::OnDisk)];
    assert_eq!(places(&residency), expected);
    assert_eq!(residency.runs[1].dirty, Some(false));
}

#[test]
fn data_and_holes_are_told_apart() {
    let file = on_disk();
    file.set_len(1 << 30).unwrap();
    for page in [3, 1000, 200_000] {
        file.write_all_at(&[7; PAGE as usize], page * PAGE).unwrap();
    }
    drop_cache(&file);
    let on_disk: Vec<u64> = file_residency(&file, ..)
        .unwrap()
        .runs
        .iter()
        .filter(|run| run.place == Place::OnDisk)
        .map(|run| run.offset / PAGE)
        .collect();
    assert_eq!(on_disk, [3, 1000, 200_000]);
}

#[test]
fn what_is_written_is_dirty_until_it_is_flushed() {
    let file = dropped(64);
    only_what_is_asked(&file);
    let view = mapped(&file, ViewAccess::ReadWrite);
    view.write((5 * PAGE) as usize, &7_u8).unwrap();
    let run = *view.residency().unwrap().run_at(5 * PAGE).unwrap();
    assert_eq!((run.place, run.dirty, run.sharing), (Place::Present, Some(true), Sharing::Alone));
    assert_eq!((run.offset, run.len, run.private), (5 * PAGE, PAGE, false));
    view.sync().unwrap();
    let run = *view.residency().unwrap().run_at(5 * PAGE).unwrap();
    assert_eq!((run.place, run.dirty), (Place::Present, Some(false)));
}

#[test]
fn a_view_shows_what_is_touched_what_is_cached_and_what_is_on_the_disk() {
    let file = dropped(8192);
    only_what_is_asked(&file);
    let view = mapped(&file, ViewAccess::Read);
    assert_eq!(places(&view.residency().unwrap()), [(0, 8192, Place::OnDisk)]);
    file.read_exact_at(&mut [0; 10], 9 * PAGE).unwrap();
    view.read::<u8>((4000 * PAGE) as usize).unwrap(); // the system reads some more pages around it
    let residency = view.residency().unwrap();
    assert_eq!(residency.run_at(9 * PAGE).unwrap().place, Place::Cached);
    assert_eq!(residency.run_at(4000 * PAGE).unwrap().place, Place::Present);
    assert_eq!(residency.run_at(8000 * PAGE).unwrap().place, Place::OnDisk);
    let part = view.residency_range((4000 * PAGE) as usize + 5, 1).unwrap();
    assert_eq!(places(&part), [(4000, 1, Place::Present)]);
}

#[test]
fn prefetching_shows() {
    let file = dropped(8192);
    let view = mapped(&file, ViewAccess::Read);
    view.prefetch((4000 * PAGE) as usize, (10 * PAGE) as usize).unwrap();
    let residency = view.residency().unwrap();
    assert_eq!(residency.run_at(4000 * PAGE).unwrap().place, Place::Present);
    assert_eq!(residency.run_at(4009 * PAGE).unwrap().place, Place::Present);
    assert_eq!(residency.run_at(0).unwrap().place, Place::OnDisk);
}

#[test]
fn a_page_of_a_copy_on_write_view_becomes_private_when_it_is_written() {
    let file = dropped(16);
    let view = mapped(&file, ViewAccess::CopyOnWrite);
    (0..16).for_each(|page| assert_eq!(view.read::<u8>((page * PAGE) as usize).unwrap(), 7));
    view.write((4 * PAGE) as usize, &9_u8).unwrap();
    let residency = view.residency().unwrap();
    let (touched, written) = (residency.run_at(0).unwrap(), residency.run_at(4 * PAGE).unwrap());
    assert_eq!((touched.place, touched.private), (Place::Present, false));
    assert_eq!((touched.len, touched.dirty), (4 * PAGE, Some(false)));
    assert_eq!((written.place, written.private), (Place::Present, true));
    assert_eq!((written.len, written.dirty, written.sharing), (PAGE, None, Sharing::Alone));
}

#[test]
fn looking_brings_nothing_in_and_moves_no_position() {
    let mut file = dropped(64);
    file.seek(SeekFrom::Start(12)).unwrap();
    let view = mapped(&file, ViewAccess::ReadWrite);
    let first = view.residency().unwrap();
    for _ in 0..3 {
        assert_eq!(view.residency().unwrap(), first);
        assert_eq!(file_residency(&file, ..).unwrap().runs, first.runs);
    }
    assert_eq!(places(&first), [(0, 64, Place::OnDisk)]);
    assert_eq!(file.stream_position().unwrap(), 12);
    file.read_exact(&mut [0; 4]).unwrap();
}

#[test]
fn a_view_of_100_gib_shows_its_few_pages() {
    let file = on_disk();
    file.set_len(100 << 30).unwrap();
    let islands = [0, 5, 1_000_000, 1_000_001, 20_000_000, (25 << 20) - 1];
    islands.iter().for_each(|page| file.write_all_at(b"x", page * PAGE).unwrap());
    drop_cache(&file);
    let view = mapped(&file, ViewAccess::Read);
    let on_disk = |residency: &Residency| {
        assert_eq!(residency.runs.iter().map(|run| run.len).sum::<u64>(), 100 << 30);
        let runs = residency.runs.iter().filter(|run| run.place == Place::OnDisk);
        runs.map(|run| (run.offset / PAGE, run.len / PAGE)).collect::<Vec<_>>()
    };
    let expected = [(0, 1), (5, 1), (1_000_000, 2), (20_000_000, 1), ((25 << 20) - 1, 1)];
    let residency = view.residency().unwrap();
    assert_eq!(on_disk(&residency), expected);
    assert_eq!(on_disk(&file_residency(&file, ..).unwrap()), expected);
    assert_eq!(residency.in_memory(), 0);
    assert_eq!(view.read::<u8>(1_000_001 << 12).unwrap(), b'x');
    assert_eq!(view.residency().unwrap().run_at(1_000_001 << 12).unwrap().place, Place::Present);
}

#[test]
fn a_file_in_memory_is_nowhere_or_cached_and_never_dirty() {
    let file = tempfile::tempfile_in("/dev/shm").unwrap();
    file.set_len(64 * PAGE).unwrap();
    file.write_all_at(b"x", 9 * PAGE).unwrap();
    let residency = file_residency(&file, ..).unwrap();
    let expected =
        [(0, 9, Place::NotAllocated), (9, 1, Place::Cached), (10, 54, Place::NotAllocated)];
    assert_eq!(places(&residency), expected);
    assert!(residency.runs.iter().all(|run| run.dirty.is_none()));
}

#[test]
fn memory_that_was_taken_at_creation_is_cached_until_it_is_touched() {
    let view = MappingOptions::new().size(64 * PAGE).create().unwrap().view().unwrap();
    assert_eq!(places(&view.residency().unwrap()), [(0, 64, Place::Cached)]);
    assert_eq!(view.read::<u8>(0).unwrap(), 0);
    assert_eq!(view.residency().unwrap().run_at(0).unwrap().place, Place::Present);
}

#[test]
fn what_is_behind_the_end_of_a_file_is_nowhere() {
    let file = dropped(8);
    let view = mapped(&file, ViewAccess::Read);
    file.set_len(3 * PAGE + 1).unwrap(); // by someone who does not care about views
    drop_cache(&file);
    let expected = [(0, 4, Place::OnDisk), (4, 4, Place::NotAllocated)];
    assert_eq!(places(&view.residency().unwrap()), expected);
}

#[test]
fn a_view_is_told_by_address_as_by_itself() {
    let file = dropped(64);
    let view = mapped(&file, ViewAccess::Read);
    let by_address = memory_residency(view.as_ptr().addr(), view.len()).unwrap();
    assert_eq!(by_address, view.residency().unwrap());
    assert_eq!(pages(&by_address), [Place::OnDisk; 64]);
}

#[test]
fn what_others_mapped_in_this_process_is_told_by_address() {
    let named = tempfile::NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = named.as_file();
    file.write_all_at(&[7; 64 << 12], 0).unwrap();
    drop_cache(file);
    only_what_is_asked(file);
    // SAFETY: a fresh mapping where the kernel finds room, which is never touched.
    let address = unsafe {
        let (read, fd) = (libc::PROT_READ, file.as_raw_fd());
        libc::mmap(std::ptr::null_mut(), 64 << 12, read, libc::MAP_SHARED, fd, 0)
    };
    assert_ne!(address, libc::MAP_FAILED);
    file.read_exact_at(&mut [0; 10], 9 * PAGE).unwrap();
    let residency = memory_residency(address.addr(), 64 << 12).unwrap();
    // SAFETY: mapped above.
    assert_eq!(unsafe { libc::munmap(address, 64 << 12) }, 0);
    let mut expected = [Place::OnDisk; 64];
    expected[9] = Place::Cached;
    assert_eq!(pages(&residency), expected);
    assert!(residency.hidden[0].contains("ask the view or the file"), "{:?}", residency.hidden);
}

#[test]
fn huge_pages_are_told_as_the_kernel_counts_them() {
    const HUGE: usize = 2 << 20;
    // SAFETY: a fresh private mapping where the kernel finds room.
    let address = unsafe {
        let (access, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        libc::mmap(std::ptr::null_mut(), 4 * HUGE, access, flags, -1, 0)
    };
    assert_ne!(address, libc::MAP_FAILED);
    // SAFETY: the mapping of the lines above. Without huge pages the kernel says no, or nothing.
    unsafe { libc::madvise(address, 4 * HUGE, libc::MADV_HUGEPAGE) };
    let whole = address.addr().next_multiple_of(HUGE);
    let byte: *mut u8 = address.cast::<u8>().with_addr(whole + 5);
    // SAFETY: inside the mapping.
    unsafe { byte.write_volatile(1) };
    let residency = memory_residency(address.addr(), 4 * HUGE).unwrap();
    let counted = huge_bytes(whole);
    // SAFETY: mapped above.
    assert_eq!(unsafe { libc::munmap(address, 4 * HUGE) }, 0);
    assert_eq!(residency.bytes(|run| run.huge), counted);
    let present = residency.bytes(|run| run.place == Place::Present);
    assert_eq!(present, if counted > 0 { counted } else { PAGE });
}

/// What the kernel counts of huge pages in the range with an address.
fn huge_bytes(address: usize) -> u64 {
    let text = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let mut inside = false;
    for line in text.lines() {
        let first = line.split(' ').next().unwrap();
        if let Some((start, end)) = first.split_once('-') {
            let number = |text| usize::from_str_radix(text, 16).unwrap();
            inside = (number(start)..number(end)).contains(&address);
        } else if inside && first == "AnonHugePages:" {
            return line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024;
        }
    }
    panic!("the range is not there");
}

#[test]
fn physical_addresses_are_those_of_the_page() {
    let view = MappingOptions::new().size(4 * PAGE).reserve(true).create().unwrap().view().unwrap();
    let at = view.as_ptr().addr();
    assert_eq!(physical_address(at + 8192).unwrap(), None);
    view.write(8192, &1_u8).unwrap();
    match physical_address(at + 8192) {
        Ok(physical) => {
            let physical = physical.unwrap();
            assert!(physical > 0 && physical % PAGE == 0);
            assert_eq!(physical_address(at + 8192 + 77).unwrap(), Some(physical + 77));
        }
        Err(error) => assert_eq!(error.win32_code(), 1314),
    }
}

#[test]
fn a_normal_user_is_told_what_is_kept_from_it() {
    let Some(world) = open_world() else { return };
    let mut root = world.peer_of("looking_process");
    let (mut user, mut other) = (
        user_of("looking_process", &world, NOBODY, NOBODY),
        user_of("looking_process", &world, NOBODY, NOBODY),
    );
    let path = world.directory().join("file of root");
    let file = File::create_new(&path).unwrap();
    file.write_all_at(&vec![7; 64 << 12], 0).unwrap();
    user.ask(&format!("file {}", quote(path.to_str().unwrap())));
    user.ask("read 3");
    let seen = user.ask("look");
    assert!(seen.contains("Present") && !seen.contains("Cached"), "{seen}");
    assert!(seen.contains("which pages of the file are cached"), "{seen}");
    other.ask(&format!("file {}", quote(path.to_str().unwrap())));
    other.ask("read 3");
    let seen = user.ask("look");
    assert!(seen.contains("CAP_SYS_ADMIN"), "{seen}");
    assert_eq!(user.refused("physical"), 1314);
    let address = root.ask(&format!("file {}", quote(path.to_str().unwrap())));
    assert_eq!(user.refused(&format!("process {} {address}", root.pid())), 5);
    let address = user.ask("where");
    assert!(other.ask(&format!("process {} {address}", user.pid())).contains("Present"));
}
