//! Advice, prefetching, locking, NUMA nodes and large pages: where bytes lie may change, what they are never.

mod support;

use mapview::{Advice, Mapping, MappingOptions, View, ViewAccess};
use support::code;

const ALL: [Advice; 7] = [
    Advice::Normal,
    Advice::Sequential,
    Advice::Random,
    Advice::WillNeed,
    Advice::WontNeed,
    Advice::HugePages,
    Advice::NoHugePages,
];
const MIB: usize = 1 << 20;

fn memory(size: usize) -> Mapping {
    MappingOptions::new().size(size as u64).create().unwrap()
}

/// Mappings of a MiB: of memory, of reserved memory, and of the file in the directory.
fn mappings(directory: &tempfile::TempDir) -> [Mapping; 3] {
    let path = directory.path().join("data");
    std::fs::write(&path, vec![1; MIB]).unwrap();
    let reserved = MappingOptions::new().size(MIB as u64).reserve(true).create().unwrap();
    [memory(MIB), reserved, MappingOptions::new().path(path).create().unwrap()]
}

#[test]
fn no_advice_changes_what_the_bytes_are() {
    let directory = tempfile::tempdir().unwrap();
    for mapping in mappings(&directory) {
        for access in [ViewAccess::ReadWrite, ViewAccess::CopyOnWrite, ViewAccess::Read] {
            let mut options = View::options();
            let view = options.access(access).offset(5).map(&mapping).unwrap();
            let bytes: Vec<u8> = (0..view.len()).map(|index| (index % 239) as u8).collect();
            let expected = match access {
                ViewAccess::Read => view.to_vec(0, view.len()).unwrap(),
                _ => {
                    view.copy_in(0, &bytes).unwrap();
                    bytes
                }
            };
            for advice in ALL {
                view.advise(0, view.len(), advice).unwrap();
                view.advise(7, 1, advice).unwrap();
                view.prefetch(4096, 70_000).unwrap();
                assert!(view.to_vec(0, view.len()).unwrap() == expected, "{access:?} {advice:?}");
            }
        }
    }
}

#[test]
fn advising_tells_whether_the_system_has_such_advice() {
    let view = memory(MIB).view().unwrap();
    for advice in [Advice::Normal, Advice::WillNeed, Advice::WontNeed] {
        assert!(view.advise(0, MIB, advice).unwrap(), "{advice:?}");
    }
    for advice in [Advice::Sequential, Advice::Random] {
        assert_eq!(view.advise(0, MIB, advice).unwrap(), cfg!(target_os = "linux"), "{advice:?}");
    }
}

#[test]
fn ranges_are_checked() {
    let view = memory(8192).view().unwrap();
    for (offset, len) in [(0, 0), (8192, 0), (8192, 1), (0, 8193), (1, usize::MAX), (usize::MAX, 1)]
    {
        assert_eq!(code(view.advise(offset, len, Advice::WillNeed)), 87, "{offset} {len}");
        assert_eq!(code(view.prefetch(offset, len)), 87, "{offset} {len}");
        assert_eq!(code(view.lock(offset, len)), 87, "{offset} {len}");
        assert_eq!(code(view.unlock(offset, len)), 87, "{offset} {len}");
    }
}

#[test]
fn what_is_locked_can_be_unlocked_once() {
    let directory = tempfile::tempdir().unwrap();
    for mapping in mappings(&directory) {
        let view = View::options().offset(5).len(65_536).map(&mapping).unwrap();
        assert_eq!(code(view.unlock(0, 1)), 158);
        view.lock(10, 1).unwrap();
        view.lock(0, 4096).unwrap(); // locks do not count
        view.unlock(0, 4096).unwrap();
        if cfg!(target_os = "linux") {
            // Wine 8 unlocks what is not locked.
            assert_eq!(code(view.unlock(0, 4096)), 158);
            view.lock(0, 4096).unwrap();
            assert_eq!(code(view.unlock(0, 20_000)), 158, "only a part is");
            view.unlock(0, 4096).unwrap();
        }
        view.lock(30_000, 5000).unwrap();
        assert!(!view.advise(30_000, 1, Advice::WontNeed).unwrap(), "locked pages are needed");
        view.unmap().unwrap();
    }
}

#[test]
fn a_numa_node_exists_or_is_refused() {
    let mapping = MappingOptions::new().size(65_536).numa_node(0).create().unwrap();
    let view = View::options().access(ViewAccess::ReadWrite).numa_node(0).map(&mapping).unwrap();
    view.fill(0, view.len(), 7).unwrap();
    assert_eq!(mapping.view().unwrap().to_vec(65_535, 1).unwrap(), [7]);
    let reserved = MappingOptions::new().size(65_536).numa_node(0).reserve(true).create().unwrap();
    assert_eq!(reserved.view().unwrap().to_vec(0, 1).unwrap(), [0]);
    assert_eq!(code(MappingOptions::new().size(65_536).numa_node(4000).create()), 87);
    assert_eq!(code(View::options().numa_node(4000).map(&mapping)), 87);
}

#[test]
fn large_pages_want_whole_ones_of_the_paging_file() {
    let create = |size| MappingOptions::new().size(size).large_pages(true).create();
    assert_eq!(code(create(3 << 20)), 87);
    assert_eq!(code(create(4096)), 87);
    let mut options = MappingOptions::new();
    assert_eq!(code(options.size(2 << 20).large_pages(true).reserve(true).create()), 87);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    std::fs::write(&path, b"data").unwrap();
    let mut options = MappingOptions::new();
    assert_eq!(code(options.path(&path).size(2 << 20).large_pages(true).create()), 87);
    assert_eq!(std::fs::read(&path).unwrap(), b"data", "nothing was half done");
}

#[test]
fn large_pages_are_used_where_there_are_any_and_else_the_error_says_what_is_missing() {
    let name = support::unique("large");
    let mut options = MappingOptions::new();
    options.name(&name).size(6 << 20).large_pages(true);
    let mapping = match options.create() {
        Ok(mapping) => mapping,
        // As with security that lets other users in: what lies in a record has no large pages.
        Err(error) if cfg!(mapview_force_in_record) => {
            assert_eq!(error.win32_code(), 50, "{error}");
            assert_eq!(code(Mapping::open(&name)), 2, "nothing is left");
            return;
        }
        Err(error) => {
            assert_eq!(error.win32_code(), 1314, "{error}");
            let missing = if cfg!(windows) { "SeLockMemoryPrivilege" } else { "vm.nr_hugepages" };
            assert!(error.to_string().contains(missing), "{error}");
            assert_eq!(code(Mapping::open(&name)), 2, "nothing is left");
            eprintln!("the other half is skipped: no large pages here");
            return;
        }
    };
    assert_eq!(mapping.size(), 6 << 20);
    let whole = mapping.view().unwrap();
    whole.fill(0, whole.len(), 3).unwrap();
    let other = Mapping::open(&name).unwrap();
    for (offset, len) in [(0_u64, 5_usize), (5, 100), (2 << 20, 2 << 20), ((4 << 20) - 1, 2)] {
        let part = View::options().offset(offset).len(len).map(&other).unwrap();
        assert_eq!(part.to_vec(0, len).unwrap(), vec![3; len]);
        part.prefetch(0, len).unwrap();
    }
    let copy = View::options().access(ViewAccess::CopyOnWrite).len(10).map(&other).unwrap();
    assert_eq!(copy.to_vec(0, 10).unwrap(), [3; 10]);
    let mut windows = other.windows(2 << 20).unwrap();
    let mut sum = 0;
    while let Some(window) = windows.next().unwrap() {
        sum += window.own_len();
    }
    assert_eq!(sum, 6 << 20);
}
