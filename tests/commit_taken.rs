//! What `View::commit` takes: pages of memory files, page table entries, disk space.
#![cfg(target_os = "linux")]

mod support;

use std::os::unix::fs::MetadataExt;

use mapview::{Mapping, MappingOptions, Place, Residency, View, ViewAccess};
use support::code;

const PAGE: usize = 4096;
const SLOT: usize = 65_536;

fn reserved(size: usize) -> Mapping {
    MappingOptions::new().size(size as u64).reserve(true).create().unwrap()
}

fn writable(mapping: &Mapping) -> View {
    View::options().access(ViewAccess::ReadWrite).map(mapping).unwrap()
}

/// Bytes that the memory or the file of a mapping has.
fn taken(mapping: &Mapping) -> usize {
    let path = format!("/proc/self/fd/{}", mapping.raw());
    std::fs::metadata(path).unwrap().blocks() as usize * 512
}

fn present(residency: &Residency) -> u64 {
    residency.bytes(|run| run.place == Place::Present)
}

#[test]
fn whole_pages_of_the_range_are_taken_and_no_more() {
    let mapping = reserved(16 * PAGE);
    let view = writable(&mapping);
    view.commit(PAGE + 1, PAGE).unwrap();
    assert_eq!(taken(&mapping), 2 * PAGE);
    assert_eq!(present(&view.residency_range(0, 16 * PAGE).unwrap()), 2 * PAGE as u64);
    view.commit(0, 16 * PAGE).unwrap();
    assert_eq!(taken(&mapping), 16 * PAGE);
}

#[test]
fn a_part_shown_twice_is_taken_once() {
    let ring = reserved(SLOT);
    let view = ring.mirrored().unwrap();
    view.commit(SLOT, SLOT).unwrap();
    assert_eq!(taken(&ring), SLOT);
    assert_eq!(present(&view.residency_range(SLOT, SLOT).unwrap()), SLOT as u64);
    assert_eq!(present(&view.residency_range(0, SLOT).unwrap()), 0, "a touch finds them, softly");
    assert_eq!(view.residency_range(0, SLOT).unwrap().in_memory(), SLOT as u64);
    view.commit(0, 2 * SLOT).unwrap();
    assert_eq!(taken(&ring), SLOT);
}

#[test]
fn pages_that_may_not_be_written_now_are_taken_all_the_same() {
    let mapping = reserved(4 * PAGE);
    let view = writable(&mapping);
    let protect = mapview::Protect::READ_ONLY;
    // SAFETY: nobody writes the pages meanwhile.
    unsafe { mapview::memory::protect(view.as_ptr() as usize, 4 * PAGE, protect).unwrap() };
    view.commit(0, 4 * PAGE).unwrap();
    assert_eq!(taken(&mapping), 4 * PAGE);
}

#[test]
fn a_sparse_file_gets_its_disk_space_and_keeps_its_length() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sparse");
    std::fs::write(&path, b"").unwrap();
    let mut options = MappingOptions::new();
    let mapping = options.path(&path).size(10 * SLOT as u64 + 7).reserve(true).create().unwrap();
    let view = writable(&mapping);
    view.commit(SLOT, 9 * SLOT + 7).unwrap();
    let file = std::fs::metadata(&path).unwrap();
    assert!(file.blocks() * 512 >= 9 * SLOT as u64, "{} blocks", file.blocks());
    assert_eq!(file.len(), 10 * SLOT as u64 + 7);
    // Whoever cuts it off without asking takes the space away, and that is no signal either.
    std::fs::File::options().write(true).open(&path).unwrap().set_len(PAGE as u64).unwrap();
    assert_eq!(code(view.commit(0, 2 * SLOT)), 999);
    let private = View::options().access(ViewAccess::CopyOnWrite).len(PAGE).map(&mapping);
    private.unwrap().commit(0, PAGE).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().len(), PAGE as u64);
}
