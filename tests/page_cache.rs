//! Where the pages of real files are: on the disk, in the cache, in the page table. Linux tells all of it.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;

use mapview::{
    file_residency, MappingOptions, PageRun, Place, Protection, Residency, Sharing, View,
    ViewAccess,
};

const PAGE: u64 = 4096;

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
