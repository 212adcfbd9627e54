//! Memory by address: the rules of `VirtualAlloc`, `VirtualFree`, `VirtualProtect` and `VirtualQuery` for private memory.

#[path = "support/by_address.rs"]
mod by_address;

use by_address::*;
use mapview::memory::{self, Allocate, Free};
use mapview::{MemoryKind, MemoryState, Protect, Result};

#[test]
fn what_says_nothing_or_contradicts_itself_is_refused() {
    let some = Allocate { size: PAGE, ..Allocate::default() };
    fails(87, allocate(some));
    fails(87, allocate(Allocate { size: 0, reserve: true, ..some }));
    fails(87, allocate(Allocate { commit: true, protect: Protect::WRITE_COPY, ..some }));
    fails(87, allocate(Allocate { reserve: true, protect: Protect::EXECUTE_WRITE_COPY, ..some }));
    let base = reserve(GRAIN);
    if cfg!(not(windows)) {
        // Wine 8 accepts it.
        fails(87, allocate(Allocate { address: base, commit: true, write_watch: true, ..some }));
    }
    release(base);
}

#[test]
fn a_reservation_begins_at_64_kib_and_ends_with_a_page() {
    let base = reserve_at(own(1) + 0x1234, PAGE).unwrap();
    assert_eq!(base, own(1));
    let info = memory::query(base).unwrap();
    assert_eq!((info.base, info.len, info.allocation_base), (base, 3 * PAGE, base));
    assert_eq!((info.state, info.kind), (MemoryState::Reserved, Some(MemoryKind::Private)));
    assert_eq!((info.protect, info.allocation_protect), (None, Some(Protect::READ_WRITE)));
    release(base);
    assert_eq!(reserve(1) % GRAIN, 0);
}

#[test]
fn the_rest_of_a_64_kib_slot_stays_free_but_cannot_be_had() {
    let base = reserve(PAGE);
    let rest = base + PAGE;
    fails(487, reserve_at(rest, PAGE));
    fails(487, commit(rest, PAGE, Protect::READ_WRITE));
    fails(487, commit(base, 2 * PAGE, Protect::READ_WRITE));
    release(base);
}

#[test]
fn committing_touches_whole_pages_and_new_memory_is_zero() {
    let base = reserve(GRAIN);
    assert_eq!(commit(base + PAGE + 5, PAGE, Protect::READ_WRITE).unwrap(), base + PAGE);
    let committed = (MemoryState::Committed, Some(Protect::READ_WRITE));
    assert_eq!(page(base), (MemoryState::Reserved, None));
    assert_eq!(page(base + PAGE), committed);
    assert_eq!(page(base + 3 * PAGE - 1), committed);
    assert_eq!(page(base + 3 * PAGE), (MemoryState::Reserved, None));
    assert!((base + PAGE..base + 3 * PAGE).all(|at| get(at) == 0));
    release(base);
}

#[test]
fn committing_without_an_address_reserves() {
    let base = commit(0, 3 * PAGE, Protect::READ_WRITE).unwrap();
    assert_eq!(base % GRAIN, 0);
    put(base + 2 * PAGE, 1);
    assert_eq!(memory::query(base).unwrap().len, 3 * PAGE);
    release(base);
}

#[test]
fn committing_again_keeps_the_content_and_changes_the_protection() {
    let base = commit(0, 2 * PAGE, Protect::READ_WRITE).unwrap();
    put(base, 7);
    commit(base, PAGE, Protect::READ_ONLY).unwrap();
    assert_eq!((get(base), page(base).1), (7, Some(Protect::READ_ONLY)));
    assert_eq!(page(base + PAGE).1, Some(Protect::READ_WRITE));
    let info = memory::query(base).unwrap();
    assert_eq!(info.allocation_protect, Some(Protect::READ_WRITE));
    release(base);
}

#[test]
fn only_what_one_allocation_reserves_can_be_committed() {
    let one = reserve_at(own(2), GRAIN).unwrap();
    let next = reserve_at(one + GRAIN, GRAIN).unwrap();
    fails(487, commit(one + GRAIN - PAGE, 2 * PAGE, Protect::READ_WRITE));
    assert_eq!(page(one + GRAIN - PAGE).0, MemoryState::Reserved);
    release(next);
    fails(487, commit(next, PAGE, Protect::READ_WRITE));
    release(one);
}

#[test]
fn nothing_is_placed_over_something_else() {
    let base = commit(0, GRAIN, Protect::READ_WRITE).unwrap();
    put(base, 1);
    fails(487, reserve_at(base, PAGE));
    let both =
        Allocate { address: base, size: PAGE, reserve: true, commit: true, ..Allocate::default() };
    fails(487, allocate(both));
    let mut local = 1_u8;
    fails(487, reserve_at((&raw mut local).addr(), PAGE));
    assert_eq!((get(base), local), (1, 1));
    release(base);
}

#[test]
fn addresses_outside_of_programs_are_refused() {
    fails(87, reserve_at(0x1000, PAGE));
    fails(87, reserve_at(0xFFFF_8000_0000_0000, PAGE));
    fails(87, allocate(Allocate { size: usize::MAX - PAGE, reserve: true, ..Allocate::default() }));
    fails(87, memory::query(0xFFFF_8000_0000_0000));
}

#[test]
fn more_than_there_is_cannot_be_committed() {
    let huge = 1 << 45;
    let error = commit(0, huge, Protect::READ_WRITE).unwrap_err();
    assert!([8, 1455].contains(&error.win32_code()), "{error}");
}

#[test]
fn top_down_takes_high_addresses() {
    let wanted = Allocate { size: GRAIN, reserve: true, top_down: true, ..Allocate::default() };
    let (usual, first) = (reserve(GRAIN), allocate(wanted).unwrap());
    let second = allocate(wanted).unwrap();
    assert!(first > usual && (first | second).is_multiple_of(GRAIN), "{first:#x} {usual:#x}");
    for base in [usual, first, second] {
        release(base);
    }
}

#[test]
fn decommitted_memory_is_zero_when_it_comes_back() {
    let base = commit(0, 4 * PAGE, Protect::READ_WRITE).unwrap();
    (0..4).for_each(|at| put(base + at * PAGE, 9));
    free(base + PAGE + 1, PAGE, Free::Decommit).unwrap(); // two pages are touched
    assert_eq!(page(base + PAGE), (MemoryState::Reserved, None));
    assert_eq!(page(base + 2 * PAGE), (MemoryState::Reserved, None));
    free(base + PAGE, PAGE, Free::Decommit).unwrap(); // again
    commit(base, 4 * PAGE, Protect::READ_WRITE).unwrap();
    let values: Vec<u8> = (0..4).map(|at| get(base + at * PAGE)).collect();
    assert_eq!(values, [9, 0, 0, 9]);
    release(base);
}

#[test]
fn decommitting_without_a_size_means_the_whole_allocation_from_its_base() {
    let base = commit(0, 4 * PAGE, Protect::READ_WRITE).unwrap();
    fails(487, free(base + PAGE, 0, Free::Decommit));
    fails(87, free(base + PAGE, 4 * PAGE, Free::Decommit));
    assert_eq!(page(base).0, MemoryState::Committed);
    free(base, 0, Free::Decommit).unwrap();
    assert_eq!(memory::query(base).unwrap().state, MemoryState::Reserved);
    assert_eq!(memory::query(base).unwrap().len, 4 * PAGE);
    release(base);
}

#[test]
fn an_allocation_is_released_whole_and_from_its_base() {
    let base = reserve_at(own(3), 4 * PAGE).unwrap();
    fails(87, free(base, PAGE, Free::Release));
    fails(487, free(base + PAGE, 0, Free::Release));
    free(base + 100, 0, Free::Release).unwrap(); // within the first page
    if cfg!(not(windows)) {
        fails(487, free(base, 0, Free::Release)); // Wine 8 says 87
        fails(487, free(0, 0, Free::Release));
        fails(487, free(base, PAGE, Free::Decommit));
    }
}

#[test]
fn released_addresses_are_free() {
    let base = reserve_at(own(4), GRAIN).unwrap();
    commit(base, PAGE, Protect::READ_WRITE).unwrap();
    release(base);
    let info = memory::query(base).unwrap();
    assert_eq!((info.state, info.base), (MemoryState::Free, base));
    assert_eq!((info.allocation_base, info.allocation_protect), (0, None));
    assert_eq!((info.kind, info.protect), (None, None));
    assert_eq!(reserve_at(base, GRAIN).unwrap(), base);
    assert_eq!(page(base).0, MemoryState::Reserved);
    release(base);
}

#[test]
fn the_whole_address_space_is_told_without_gaps() {
    let base = commit(0, PAGE, Protect::READ_ONLY).unwrap();
    let regions = memory::regions().unwrap();
    assert_eq!(regions[0].base, 0x1_0000);
    assert!(regions.windows(2).all(|pair| pair[0].base + pair[0].len == pair[1].base));
    let here = regions.iter().find(|info| info.base == base).unwrap();
    assert_eq!(*here, memory::query(base).unwrap());
    let code = fails::<()> as fn(u32, Result<()>) as usize;
    let at = |address| {
        regions.iter().find(|info| (info.base..info.base + info.len).contains(&address)).unwrap()
    };
    assert_eq!(at(code).kind, Some(MemoryKind::Image));
    assert!(at(code).protect.unwrap().executable());
    let local = 0;
    assert!(at((&raw const local).addr()).protect.unwrap().writable());
    release(base);
}

#[test]
fn protecting_returns_what_the_first_page_permitted() {
    let base = commit(0, 3 * PAGE, Protect::READ_WRITE).unwrap();
    put(base + PAGE, 5);
    assert_eq!(protect(base + PAGE, PAGE, Protect::READ_ONLY).unwrap(), Protect::READ_WRITE);
    assert_eq!(protect(base + PAGE, 2 * PAGE, Protect::NO_ACCESS).unwrap(), Protect::READ_ONLY);
    assert_eq!(protect(base, 3 * PAGE, Protect::READ_WRITE).unwrap(), Protect::READ_WRITE);
    assert_eq!(get(base + PAGE), 5);
    release(base);
}

#[test]
fn only_committed_pages_of_one_allocation_can_be_protected() {
    let base = reserve(GRAIN);
    fails(487, protect(base, PAGE, Protect::READ_ONLY));
    commit(base, PAGE, Protect::READ_WRITE).unwrap();
    fails(487, protect(base, 2 * PAGE, Protect::READ_ONLY));
    assert_eq!(page(base).1, Some(Protect::READ_WRITE));
    if cfg!(not(windows)) {
        fails(487, protect(base, 2 * GRAIN, Protect::READ_ONLY)); // Wine 8 says 87
        fails(87, protect(base, 0, Protect::READ_ONLY)); // and nothing to this
    }
    fails(87, protect(base, PAGE, Protect::WRITE_COPY));
    release(base);
}

#[test]
fn every_protection_is_told_as_it_was_asked_for() {
    let base = commit(0, PAGE, Protect::READ_WRITE).unwrap();
    let plain = [
        Protect::NO_ACCESS,
        Protect::READ_ONLY,
        Protect::READ_WRITE,
        Protect::EXECUTE,
        Protect::EXECUTE_READ,
        Protect::EXECUTE_READ_WRITE,
    ];
    let mut before = Protect::READ_WRITE;
    for new in plain.into_iter().chain(plain[1..].iter().map(|plain| plain.guarded())) {
        assert_eq!(protect(base, PAGE, new).unwrap(), before);
        assert_eq!(page(base), (MemoryState::Committed, Some(new)));
        before = new;
    }
    release(base);
}

#[test]
fn the_preferred_node_must_exist() {
    let wanted = Allocate { size: PAGE, reserve: true, ..Allocate::default() };
    release(allocate(Allocate { numa_node: Some(0), ..wanted }).unwrap());
    if cfg!(not(windows)) {
        fails(87, allocate(Allocate { numa_node: Some(900), ..wanted })); // Wine 8 ignores it
        fails(87, allocate(Allocate { numa_node: Some(u32::MAX), ..wanted }));
    }
}

#[test]
fn threads_reserve_and_release_at_once() {
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            scope.spawn(move || {
                for round in 0..200_usize {
                    let base = commit(0, (1 + round % 5) * PAGE, Protect::READ_WRITE).unwrap();
                    assert_eq!(get(base), 0);
                    put(base, thread);
                    assert_eq!(get(base), thread);
                    release(base);
                }
            });
        }
    });
}
