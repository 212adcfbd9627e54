//! Views by address: the rules of `MapViewOfFileEx`, `UnmapViewOfFile`, `FlushViewOfFile` and of reserved sections.

#[path = "support/by_address.rs"]
mod by_address;
mod support;

use by_address::{allocate, commit, fails, free, get, own, page, protect, put, GRAIN, PAGE};
use mapview::memory::{self, Allocate, Free, Map};
use mapview::{Access, Caching, Mapping, MappingOptions, MemoryState, Protect, Protection, Result};

fn of_memory(size: usize) -> Mapping {
    MappingOptions::new().size(size as u64).create().unwrap()
}

fn reserved(size: usize) -> Mapping {
    MappingOptions::new().size(size as u64).reserve(true).create().unwrap()
}

fn map(mapping: &Mapping, wanted: Map) -> Result<usize> {
    memory::map(mapping, &wanted).map(|base| base.expose_provenance())
}

fn unmap(address: usize, keep: bool) -> Result<()> {
    // SAFETY: every test unmaps only what it mapped itself and does not use any more.
    unsafe { memory::unmap(address, keep) }
}

#[test]
fn a_view_by_address_shows_a_part_and_is_told_as_it_was_mapped() {
    let mapping = of_memory(3 * GRAIN);
    for protect in
        [Protect::NO_ACCESS, Protect::READ_ONLY, Protect::READ_WRITE, Protect::WRITE_COPY]
    {
        // Another test may take the addresses as soon as they are free.
        let is_free = (0..100).any(|_| {
            let wanted = Map { offset: GRAIN as u64, size: PAGE + 1, protect, ..Map::default() };
            let base = map(&mapping, wanted).unwrap();
            let info = memory::query(base).unwrap();
            assert_eq!((info.base, info.len, base % GRAIN), (base, 2 * PAGE, 0));
            assert_eq!((info.protect, info.allocation_protect), (Some(protect), Some(protect)));
            unmap(base + PAGE + 7, false).unwrap();
            page(base).0 == MemoryState::Free
        });
        assert!(is_free);
    }
    let whole = mapping.view().unwrap();
    let base = map(&mapping, Map { offset: GRAIN as u64, ..Map::default() }).unwrap();
    assert_eq!(memory::query(base).unwrap().len, 2 * GRAIN);
    put(base, 7);
    assert_eq!(whole.read::<u8>(GRAIN).unwrap(), 7);
    unmap(base, false).unwrap();
}

#[test]
fn what_cannot_be_mapped_is_refused_in_the_order_of_windows() {
    let reader = of_memory(GRAIN).try_clone_with(Access::READ).unwrap();
    let mapping = of_memory(2 * GRAIN + 100);
    let wanted = Map::default();
    fails(87, map(&reader, Map { size: usize::MAX, ..wanted }));
    fails(87, map(&reader, Map { address: 0x7FFF_FFFF_0000, ..wanted }));
    fails(5, map(&reader, Map { address: own(60) + 1, ..wanted }));
    fails(87, map(&mapping, Map { protect: Protect::READ_WRITE.guarded(), ..wanted }));
    fails(1132, map(&mapping, Map { address: own(60) + PAGE, ..wanted }));
    fails(1132, map(&mapping, Map { offset: 0x1000, size: 1 << 40, ..wanted }));
    fails(5, map(&mapping, Map { offset: 3 * GRAIN as u64, ..wanted }));
    fails(5, map(&mapping, Map { offset: 2 * GRAIN as u64, size: PAGE + 1, ..wanted }));
    let base = map(&mapping, Map { address: own(60), ..wanted }).unwrap();
    assert_eq!(base, own(60));
    fails(487, map(&mapping, Map { address: own(60), ..wanted }));
    unmap(base, false).unwrap();
}

#[test]
fn what_the_mapping_does_not_permit_is_another_error_than_a_missing_right() {
    let name = support::unique("read-only");
    let mut options = MappingOptions::new();
    let _creator = options.name(&name).size(100).protection(Protection::ReadOnly).create().unwrap();
    let writer = MappingOptions::new().name(&name).open(Access::WRITE).unwrap();
    if cfg!(not(windows)) {
        fails(87, map(&writer, Map::default())); // Wine 8 maps it
    }
    fails(5, map(&writer, Map { protect: Protect::READ_ONLY, ..Map::default() }));
}

#[test]
fn only_what_was_mapped_by_address_is_unmapped_so() {
    let mapping = of_memory(PAGE);
    let base = map(&mapping, Map::default()).unwrap();
    if cfg!(not(windows)) {
        fails(487, unmap(base, true)); // Wine 8 knows no placeholders, and unmaps it
    }
    unmap(base, false).unwrap();
    fails(487, unmap(base, false));
    fails(487, unmap(0, false));
    let private = by_address::reserve(PAGE);
    fails(487, unmap(private, false));
    by_address::release(private);
    #[cfg(not(windows))] // which unmaps whatever has the address
    {
        let view = mapping.view().unwrap();
        fails(487, unmap(view.as_ptr().addr(), false));
        view.copy_in(0, b"still there").unwrap();
    }
}

#[test]
fn a_flush_stays_inside_the_view() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    std::fs::write(&path, vec![0; 3 * PAGE]).unwrap();
    let mapping = MappingOptions::new().path(&path).create().unwrap();
    let base = map(&mapping, Map { size: PAGE + 1, ..Map::default() }).unwrap();
    put(base + PAGE + 5, 9);
    memory::flush(base, 0).unwrap();
    memory::flush(base + PAGE + 5, 1).unwrap();
    memory::flush(base + 5, PAGE).unwrap();
    assert_eq!(std::fs::read(&path).unwrap()[PAGE + 5], 9);
    if cfg!(not(windows)) {
        // Wine 8 says 87.
        fails(487, memory::flush(base + 5, 2 * PAGE));
        fails(487, memory::flush(base, usize::MAX));
        fails(487, memory::flush(base + 2 * PAGE, 0));
        fails(487, memory::flush(0, 0));
    }
    unmap(base, false).unwrap();
    if cfg!(not(windows)) {
        fails(487, memory::flush(base, 1));
    }
}

#[test]
fn reserved_memory_is_committed_for_everybody() {
    let mapping = reserved(16 * PAGE);
    let read_only = Map { protect: Protect::READ_ONLY, ..Map::default() };
    let (one, other) = (map(&mapping, Map::default()).unwrap(), map(&mapping, read_only).unwrap());
    let info = memory::query(one).unwrap();
    assert_eq!((info.state, info.protect, info.len), (MemoryState::Reserved, None, 16 * PAGE));
    assert_eq!(info.allocation_protect, Some(Protect::READ_WRITE));
    fails(487, protect(one, PAGE, Protect::READ_ONLY));

    assert_eq!(commit(one + 2 * PAGE + 5, PAGE, Protect::READ_WRITE).unwrap(), one + 2 * PAGE);
    put(one + 2 * PAGE, 1);
    assert_eq!(page(one + 2 * PAGE), (MemoryState::Committed, Some(Protect::READ_WRITE)));
    assert_eq!(memory::query(one + 2 * PAGE).unwrap().len, 2 * PAGE);
    assert_eq!(page(one + 4 * PAGE), (MemoryState::Reserved, None));
    // Also where nobody committed it, with that view's own protection.
    assert_eq!(page(other + 2 * PAGE), (MemoryState::Committed, Some(Protect::READ_ONLY)));
    assert_eq!(get(other + 2 * PAGE), 1);
    assert_eq!(get(other + 3 * PAGE), 0);
    protect(one + 2 * PAGE, 2 * PAGE, Protect::READ_ONLY).unwrap();

    fails(487, commit(one + 15 * PAGE, PAGE + 1, Protect::READ_WRITE));
    fails(87, commit(other, PAGE, Protect::READ_WRITE));
    assert_eq!(page(one).0, MemoryState::Reserved);
    commit(other, PAGE, Protect::READ_ONLY).unwrap();
    assert_eq!(page(one).0, MemoryState::Committed);
    fails(87, free(one, PAGE, Free::Decommit));
    fails(
        487,
        allocate(Allocate { address: one, size: PAGE, reserve: true, ..Allocate::default() }),
    );
    unmap(one, false).unwrap();
    unmap(other, false).unwrap();
    // A view to come finds it committed, too; also one that copies.
    let copies = map(&mapping, Map { protect: Protect::WRITE_COPY, ..Map::default() }).unwrap();
    put(copies + 2 * PAGE, 5);
    let again = map(&mapping, read_only).unwrap();
    assert_eq!((get(again + 2 * PAGE), get(copies + 2 * PAGE)), (1, 5));
    unmap(again, false).unwrap();
    unmap(copies, false).unwrap();
}

/// What the kernel says is what a touch would meet, and it ends no test.
#[cfg(target_os = "linux")]
#[test]
fn reserved_memory_that_nobody_committed_cannot_be_touched() {
    let readable =
        |address: usize| mapview::Process::current().unwrap().read(address, &mut [0]).is_ok();
    let mapping = reserved(4 * PAGE);
    for protect in [Protect::READ_ONLY, Protect::READ_WRITE, Protect::WRITE_COPY] {
        let base = map(&mapping, Map { protect, ..Map::default() }).unwrap();
        assert!(!readable(base + PAGE), "{protect}");
        unmap(base, false).unwrap();
    }
    let base = map(&mapping, Map::default()).unwrap();
    commit(base, PAGE, Protect::READ_WRITE).unwrap();
    assert!(readable(base) && !readable(base + PAGE));
    unmap(base, false).unwrap();
    assert_eq!(mapping.view().unwrap().read::<u8>(3 * PAGE).unwrap(), 0); // a safe view commits what it touches
}

#[cfg(target_os = "linux")] // Wine 8 has no placeholders
#[test]
fn views_take_the_place_of_placeholders_and_leave_them() {
    let mapping = of_memory(3 * PAGE);
    let wanted =
        Allocate { size: 3 * PAGE, reserve: true, placeholder: true, ..Allocate::default() };
    let base = allocate(wanted).unwrap();
    let all = Map { address: base, replace: true, ..Map::default() };
    fails(487, map(&mapping, Map { size: PAGE, ..all }));
    free(base, PAGE, Free::ToPlaceholder).unwrap();
    fails(487, map(&mapping, all));
    fails(1132, map(&mapping, Map { address: base + 1, size: PAGE, ..all }));
    fails(1132, map(&mapping, Map { offset: 1, size: PAGE, ..all }));
    fails(5, map(&mapping, Map { offset: PAGE as u64, size: 3 * PAGE, ..all }));
    map(&mapping, Map { offset: 2 * PAGE as u64, ..all }).unwrap(); // the last page
    let rest = map(&mapping, Map { address: base + PAGE, offset: PAGE as u64, ..all }).unwrap();
    put(base, 3);
    assert_eq!(get(rest + PAGE), 3);
    fails(87, free(base, PAGE, Free::ToPlaceholder)); // a view
    unmap(rest + PAGE, true).unwrap();
    fails(487, unmap(rest, true));
    let left = memory::query(rest).unwrap();
    assert_eq!(
        (left.state, left.allocation_protect, left.len),
        (MemoryState::Reserved, Some(Protect::NO_ACCESS), 2 * PAGE)
    );
    unmap(base, false).unwrap();
    assert_eq!(page(base).0, MemoryState::Free);
    by_address::release(rest);
}

#[test]
fn threads_map_and_unmap_at_once() {
    let mapping = of_memory(16 * GRAIN);
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let mapping = &mapping;
            scope.spawn(move || {
                for round in 0..300_u64 {
                    let offset = thread * 4 * GRAIN as u64;
                    let base = map(mapping, Map { offset, size: GRAIN, ..Map::default() }).unwrap();
                    put(base + PAGE, round as u8);
                    let again = map(mapping, Map { offset, size: 2 * GRAIN, ..Map::default() });
                    let again = again.unwrap();
                    assert_eq!(get(again + PAGE), round as u8);
                    assert_eq!(memory::query(base).unwrap().allocation_base, base);
                    unmap(base + 5, false).unwrap();
                    memory::flush(again + GRAIN, 1).unwrap();
                    unmap(again, false).unwrap();
                }
            });
        }
    });
}

#[test]
fn how_memory_is_cached_is_told_of_its_views() {
    let name = support::unique("uncached");
    let mut options = MappingOptions::new();
    let made = options.name(&name).size(100).caching(Caching::None).create().unwrap();
    let opened = Mapping::open(&name).unwrap();
    assert_eq!((made.caching(), opened.caching()), (Caching::None, Caching::None));
    let base = map(&opened, Map::default()).unwrap();
    assert_eq!(memory::query(base).unwrap().caching, Caching::None);
    unmap(base, false).unwrap();
    assert_eq!(of_memory(1).caching(), Caching::Cached);
}

#[test]
fn handles_know_whether_they_are_to_the_same_mapping() {
    let name = support::unique("same");
    let made = Mapping::create(&name, 100).unwrap();
    let opened = Mapping::open_read_only(&name).unwrap();
    assert!(made.is_same(&opened) && opened.is_same(&opened.try_clone().unwrap()));
    assert!(!made.is_same(&of_memory(100)));
    let more = opened.try_clone_with(Access::READ | Access::WRITE).unwrap();
    more.view().unwrap().copy_in(0, b"x").unwrap();
    assert!(more.is_same(&made));
}
