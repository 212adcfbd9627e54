//! `View::commit`: what writing needs is taken before, and running out of it is an error.

mod support;

use mapview::{Composite, Mapping, MappingOptions, View, ViewAccess};
use support::code;

const SLOT: usize = 65_536;

fn reserved(size: usize) -> Mapping {
    MappingOptions::new().size(size as u64).reserve(true).create().unwrap()
}

fn writable(mapping: &Mapping) -> View {
    View::options().access(ViewAccess::ReadWrite).map(mapping).unwrap()
}

#[test]
fn ranges_and_rights_are_checked() {
    let mapping = reserved(SLOT);
    let view = writable(&mapping);
    for (offset, len) in [(0, 0), (SLOT, 1), (1, SLOT), (usize::MAX, 2), (0, usize::MAX)] {
        assert_eq!(code(view.commit(offset, len)), 87, "{len} bytes at {offset}");
    }
    view.commit(SLOT - 1, 1).unwrap();
    let view = View::options().access(ViewAccess::Read).map(&mapping).unwrap();
    assert_eq!(code(view.commit(0, 1)), 5);
    assert_eq!(code(view.commit(0, 0)), 87);
}

#[test]
fn what_is_committed_keeps_its_content_and_shows_it_everywhere() {
    let mapping = reserved(4 * SLOT);
    let (view, other) = (writable(&mapping), mapping.view().unwrap());
    view.copy_in(SLOT - 2, b"over").unwrap();
    view.commit(0, 4 * SLOT).unwrap();
    view.commit(10, 3 * SLOT).unwrap();
    let mut expected = vec![0; 4 * SLOT];
    expected[SLOT - 2..SLOT + 2].copy_from_slice(b"over");
    assert_eq!(other.to_vec(0, 4 * SLOT).unwrap(), expected);
    view.fill(0, 4 * SLOT, 9).unwrap();
    assert_eq!(other.read::<u8>(4 * SLOT - 1).unwrap(), 9);
}

#[test]
fn views_of_every_kind_of_mapping_commit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    std::fs::write(&path, vec![3; 2 * SLOT - 100]).unwrap();
    let file = MappingOptions::new().path(&path).create().unwrap();
    let memory = MappingOptions::new().size(2 * SLOT as u64).create().unwrap();
    let grows = MappingOptions::new().size(2 * SLOT as u64).maximum(1 << 30).create().unwrap();
    for mapping in [&file, &memory, &grows] {
        let view = View::options().offset(5000).access(ViewAccess::ReadWrite).map(mapping).unwrap();
        let before = view.to_vec(0, view.len()).unwrap();
        view.commit(1, view.len() - 1).unwrap();
        assert_eq!(view.to_vec(0, view.len()).unwrap(), before);
    }
    assert_eq!(std::fs::read(&path).unwrap(), vec![3; 2 * SLOT - 100]);
}

#[test]
fn a_copy_on_write_view_commits_its_copies() {
    let mapping = reserved(SLOT);
    writable(&mapping).fill(0, SLOT, 1).unwrap();
    let copy = View::options().access(ViewAccess::CopyOnWrite).map(&mapping).unwrap();
    copy.commit(0, SLOT).unwrap();
    assert_eq!(copy.to_vec(0, SLOT).unwrap(), vec![1; SLOT]);
    copy.fill(0, SLOT, 2).unwrap();
    assert_eq!(mapping.view().unwrap().to_vec(0, SLOT).unwrap(), vec![1; SLOT]);
}

#[test]
fn a_composite_view_commits_across_its_seams() {
    let (first, second) = (reserved(SLOT), reserved(2 * SLOT));
    let parts = Composite::new()
        .part(&first, 0, SLOT)
        .part(&second, SLOT as u64, SLOT)
        .part(&second, SLOT as u64, 5000)
        .map(ViewAccess::ReadWrite)
        .unwrap();
    parts.write(2 * SLOT - 4, &7_u32).unwrap();
    parts.commit(SLOT - 1, SLOT + 5001).unwrap();
    assert_eq!(parts.read::<u32>(2 * SLOT - 4).unwrap(), 7);
    parts.fill(0, parts.len(), 4).unwrap();
    assert_eq!(second.view().unwrap().to_vec(2 * SLOT - 1, 1).unwrap(), [4]);
}
