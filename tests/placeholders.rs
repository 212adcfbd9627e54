//! Placeholders: addresses that views and memory take the place of. Windows before 10 1803, and Wine 8, have none.

#[path = "support/by_address.rs"]
mod by_address;

use std::sync::atomic::{AtomicUsize, Ordering};

use by_address::*;
use mapview::memory::{self, Allocate, Free};
use mapview::{ErrorKind, Mapping, MappingOptions, MemoryKind, MemoryState, Protect, Result, View};
use mapview::{ViewAccess, ViewOptions};

/// Where no other test, and not the system by itself, has anything.
fn placeholder(size: usize) -> Option<usize> {
    static TESTS: AtomicUsize = AtomicUsize::new(0);
    let address = own(TESTS.fetch_add(1, Ordering::Relaxed));
    let wanted =
        Allocate { address, size, reserve: true, placeholder: true, ..Allocate::default() };
    match allocate(wanted) {
        Err(error) if error.kind() == ErrorKind::Unsupported && cfg!(windows) => None,
        base => Some(base.unwrap()),
    }
}

fn change(address: usize, size: usize, how: Free) -> Result<()> {
    // SAFETY: the tests use no memory that they give back.
    unsafe { memory::free(address, size, how) }
}

fn cut(address: usize, size: usize) -> Result<()> {
    change(address, size, Free::ToPlaceholder)
}

fn join(address: usize, size: usize) -> Result<()> {
    change(address, size, Free::Coalesce)
}

fn replace(address: usize, size: usize) -> Result<usize> {
    let wanted = Allocate { address, size, reserve: true, replace: true, ..Allocate::default() };
    allocate(Allocate { commit: true, ..wanted })
}

fn unnamed(size: usize) -> Mapping {
    MappingOptions::new().size(size as u64).create().unwrap()
}

fn show(mapping: &Mapping, offset: u64, len: usize, address: usize) -> Result<View> {
    let mut options = ViewOptions::new();
    options.access(ViewAccess::ReadWrite).offset(offset).len(len);
    options.replace_placeholder(address).map(mapping)
}

/// The lengths of the placeholders from an address on.
fn lengths(base: usize, count: usize) -> Vec<usize> {
    let mut at = base;
    let length = |_| {
        let info = memory::query(at).unwrap();
        assert_eq!((info.base, info.allocation_base), (at, at));
        assert_eq!((info.state, info.kind), (MemoryState::Reserved, Some(MemoryKind::Private)));
        assert_eq!(info.allocation_protect, Some(Protect::NO_ACCESS));
        at += info.len;
        info.len
    };
    (0..count).map(length).collect()
}

#[test]
fn a_placeholder_is_cut_at_its_front_in_its_middle_and_at_its_end() {
    let Some(base) = placeholder(16 * PAGE) else { return };
    assert_eq!(lengths(base, 1), [16 * PAGE]);
    cut(base + 4 * PAGE, 2 * PAGE).unwrap();
    assert_eq!(lengths(base, 3), [4 * PAGE, 2 * PAGE, 10 * PAGE]);
    cut(base, PAGE).unwrap();
    cut(base + 15 * PAGE, PAGE).unwrap();
    assert_eq!(lengths(base, 5), [PAGE, 3 * PAGE, 2 * PAGE, 9 * PAGE, PAGE]);

    fails(487, cut(base, PAGE)); // it is whole
    fails(87, cut(base, 0));
    fails(87, cut(base, 2 * PAGE)); // past its end
    fails(487, join(base, 2 * PAGE)); // only a part of the second
    fails(487, join(base, PAGE)); // only one
    fails(487, join(base + PAGE, 2 * PAGE));
    fails(87, join(base, 0));
    join(base, 4 * PAGE).unwrap();
    assert_eq!(lengths(base, 2), [4 * PAGE, 2 * PAGE]);
    join(base, 16 * PAGE).unwrap();
    assert_eq!(lengths(base, 1), [16 * PAGE]);
    release(base);
    fails(487, cut(base, PAGE));
}

#[test]
fn a_part_is_released_alone() {
    let Some(base) = placeholder(3 * PAGE) else { return };
    cut(base + PAGE, PAGE).unwrap();
    release(base + PAGE);
    assert_eq!(memory::query(base + PAGE).unwrap().state, MemoryState::Free);
    fails(487, join(base, 3 * PAGE));
    release(base);
    release(base + 2 * PAGE);
}

#[test]
fn memory_takes_the_place_of_exactly_one_placeholder() {
    let Some(base) = placeholder(4 * PAGE) else { return };
    fails(487, commit(base, PAGE, Protect::READ_WRITE));
    fails(487, change(base, PAGE, Free::Decommit));
    fails(487, replace(base, PAGE));
    cut(base, 2 * PAGE).unwrap();
    fails(487, replace(base, 4 * PAGE));
    assert_eq!(replace(base, 2 * PAGE).unwrap(), base);
    put(base + PAGE, 7);
    fails(487, replace(base, 2 * PAGE));
    fails(487, join(base, 4 * PAGE));

    cut(base + PAGE, PAGE).unwrap(); // one page of it, the other stays
    assert_eq!(page(base), (MemoryState::Committed, Some(Protect::READ_WRITE)));
    assert_eq!(lengths(base + PAGE, 2), [PAGE, 2 * PAGE]);
    cut(base, PAGE).unwrap();
    join(base, 4 * PAGE).unwrap();
    assert_eq!(replace(base, 4 * PAGE).unwrap(), base);
    assert_eq!(get(base + PAGE), 0);
    release(base); // not to a placeholder
    assert_eq!(memory::query(base).unwrap().state, MemoryState::Free);
}

#[test]
fn what_took_no_place_becomes_no_placeholder() {
    let base = reserve(GRAIN);
    if placeholder(PAGE).map(release).is_some() {
        fails(487, cut(base, PAGE));
        fails(487, cut(base, GRAIN));
        fails(487, replace(base, GRAIN));
        let mapping = unnamed(GRAIN);
        fails(487, show(&mapping, 0, GRAIN, base));
        let view = mapping.view().unwrap();
        view.copy_in(0, &[5]).unwrap();
        let at = view.as_ptr().addr();
        fails(87, cut(at, PAGE));
        let (view, error) = view.unmap_to_placeholder().unwrap_err();
        assert_eq!(error.win32_code(), 487);
        let mut byte = [0];
        view.copy_out(0, &mut byte).unwrap();
        assert_eq!(byte, [5]);
    }
    release(base);
}

#[test]
fn two_views_make_a_ring() {
    let Some(base) = placeholder(2 * PAGE) else { return };
    cut(base, PAGE).unwrap();
    let ring = unnamed(PAGE);
    fails(1132, show(&ring, 0, PAGE, base + PAGE / 2));
    let first = show(&ring, 0, PAGE, base).unwrap();
    let second = show(&ring, 0, PAGE, base + PAGE).unwrap();
    assert_eq!((first.as_ptr().addr(), second.as_ptr().addr()), (base, base + PAGE));
    put(base + PAGE + 3, 9);
    assert_eq!(get(base + 3), 9);
    let info = memory::query(base).unwrap();
    assert_eq!((info.kind, info.len), (Some(MemoryKind::Mapped), PAGE));
    drop(first);
    assert_eq!(memory::query(base).unwrap().state, MemoryState::Free);
    second.unmap_to_placeholder().unwrap();
    assert_eq!(lengths(base + PAGE, 1), [PAGE]);
    let third = show(&ring, 0, PAGE, base + PAGE).unwrap();
    assert_eq!(get(base + PAGE + 3), 9);
    third.unmap_to_placeholder().unwrap();
    release(base + PAGE);
}

#[test]
fn a_view_in_a_placeholder_begins_at_any_page() {
    let Some(base) = placeholder(GRAIN) else { return };
    cut(base + PAGE, 2 * PAGE).unwrap();
    let mapping = unnamed(4 * PAGE);
    mapping.view().unwrap().copy_in(3 * PAGE, &[6]).unwrap();
    fails(487, show(&mapping, PAGE as u64, PAGE, base + PAGE)); // the placeholder has two pages
    let view = show(&mapping, 2 * PAGE as u64, 2 * PAGE, base + PAGE).unwrap();
    assert_eq!(get(base + 2 * PAGE), 6);
    fails(487, show(&mapping, 0, PAGE, base + PAGE));
    fails(87, cut(base + PAGE, PAGE));
    view.unmap_to_placeholder().unwrap();
    join(base, GRAIN).unwrap();
    release(base);
}

#[test]
fn limits_say_where_a_reservation_lies() {
    if placeholder(PAGE).map(release).is_none() {
        return;
    }
    let some = Allocate { size: 2 * PAGE, reserve: true, ..Allocate::default() };
    let low = Allocate { lowest: 0x2000_0000, highest: 0x2FFF_FFFF, ..some };
    let base = allocate(low).unwrap();
    assert!((0x2000_0000..0x3000_0000 - 2 * PAGE).contains(&base) && base.is_multiple_of(GRAIN));
    release(base);
    let aligned = Allocate { alignment: 1 << 24, ..some };
    let base = allocate(aligned).unwrap();
    assert_eq!(base % (1 << 24), 0);
    release(base);
    let both = Allocate { alignment: 1 << 24, ..low };
    let base = allocate(Allocate { commit: true, ..both }).unwrap();
    assert!(base.is_multiple_of(1 << 24) && (0x2000_0000..0x3000_0000).contains(&base));
    put(base, 1);
    fails(87, allocate(Allocate { address: base + GRAIN, ..aligned }));
    release(base);

    fails(87, allocate(Allocate { alignment: 1 << 15, ..some }));
    fails(87, allocate(Allocate { alignment: 3 << 16, ..some }));
    fails(87, allocate(Allocate { lowest: PAGE, ..some }));
    fails(87, allocate(Allocate { highest: 0x2FFF_FFFE, ..some }));
    fails(87, allocate(Allocate { highest: usize::MAX, ..some }));
    fails(87, allocate(Allocate { lowest: 0x3000_0000, ..low }));
    fails(8, allocate(Allocate { highest: 0x2000_0FFF, ..low })); // no room for so much
}

#[test]
fn a_placeholder_is_nothing_else() {
    if placeholder(PAGE).map(release).is_none() {
        return;
    }
    let some = Allocate { size: GRAIN, reserve: true, placeholder: true, ..Allocate::default() };
    fails(87, allocate(Allocate { commit: true, ..some }));
    fails(87, allocate(Allocate { reserve: false, commit: true, ..some }));
    fails(87, allocate(Allocate { write_watch: true, ..some }));
    let base = placeholder(GRAIN).unwrap();
    let instead = Allocate { address: base, placeholder: false, replace: true, ..some };
    fails(87, allocate(Allocate { reserve: false, commit: true, ..instead }));
    allocate(instead).unwrap(); // reserved, committed later
    commit(base, PAGE, Protect::READ_WRITE).unwrap();
    put(base, 1);
    cut(base, GRAIN).unwrap();
    assert_eq!(lengths(base, 1), [GRAIN]);
    release(base);
}
