//! Single pages of private memory: locked, offered, discarded, prefetched, guarded, and large ones.

#[path = "support/by_address.rs"]
mod by_address;

use by_address::*;
use mapview::memory::{self, Allocate, Free};
use mapview::{MemoryState, Protect};

#[test]
fn a_guard_page_refuses_to_be_locked_once() {
    let guard = Protect::READ_WRITE.guarded();
    let base = commit(0, 2 * PAGE, guard).unwrap();
    if cfg!(not(windows)) {
        fails(0x8000_0001, memory::lock(base, PAGE)); // Wine 8 locks it at once
        assert_eq!(page(base).1, Some(Protect::READ_WRITE));
        assert_eq!(page(base + PAGE).1, Some(guard));
        memory::lock(base, PAGE).unwrap();
        memory::unlock(base, PAGE).unwrap();
    }
    assert_eq!(memory::query(base).unwrap().allocation_protect, Some(guard));
    release(base);
}

#[test]
fn unlocking_what_is_not_locked_is_refused() {
    let base = commit(0, 2 * PAGE, Protect::READ_WRITE).unwrap();
    memory::lock(base, PAGE).unwrap();
    if cfg!(not(windows)) {
        fails(158, memory::unlock(base, 2 * PAGE)); // Wine 8 does not look
    }
    memory::unlock(base, PAGE).unwrap();
    if cfg!(not(windows)) {
        fails(158, memory::unlock(base, PAGE));
        memory::lock(base, PAGE).unwrap();
        free(base, PAGE, Free::Decommit).unwrap();
        commit(base, PAGE, Protect::READ_WRITE).unwrap();
        fails(158, memory::unlock(base, PAGE)); // that lock ended with the memory
    }
    release(base);
}

#[test]
fn only_memory_can_be_locked() {
    let base = reserve(GRAIN);
    if cfg!(not(windows)) {
        fails(487, memory::lock(base, PAGE));
        commit(base, PAGE, Protect::NO_ACCESS).unwrap();
        fails(998, memory::lock(base, PAGE));
        fails(87, memory::lock(base, 0));
    }
    release(base);
}

#[test]
fn reset_memory_is_what_it_was_or_zero() {
    let base = reserve(GRAIN);
    commit(base, 2 * PAGE, Protect::READ_WRITE).unwrap();
    put(base, 3);
    put(base + PAGE, 4);
    let reset = Allocate { address: base, size: PAGE, reset: true, ..Allocate::default() };
    assert_eq!(allocate(reset).unwrap(), base);
    assert!([0, 3].contains(&get(base)));
    assert_eq!(get(base + PAGE), 4);
    assert_eq!(page(base), (MemoryState::Committed, Some(Protect::READ_WRITE)));
    put(base, 5);
    assert_eq!(get(base), 5); // a write makes it needed
    allocate(Allocate { size: GRAIN, ..reset }).unwrap(); // reserved pages are accepted
    fails(487, allocate(Allocate { size: GRAIN + PAGE, ..reset }));
    if cfg!(not(windows)) {
        fails(87, allocate(Allocate { commit: true, ..reset })); // Wine 8 does not mind
    }
    release(base);
}

#[test]
fn a_reset_can_be_undone_while_the_content_is_there() {
    let base = commit(0, 8 * PAGE, Protect::READ_WRITE).unwrap();
    (0..8).for_each(|at| put(base + at * PAGE, 7));
    let reset = Allocate { address: base, size: 8 * PAGE, reset: true, ..Allocate::default() };
    allocate(reset).unwrap();
    let undo = Allocate { reset: false, reset_undo: true, ..reset };
    if cfg!(not(windows)) {
        // Wine 8 does not know it.
        protect(base + 2 * PAGE, PAGE, Protect::READ_ONLY).unwrap();
        let undone = allocate(undo);
        let kept = (0..8).filter(|at| get(base + at * PAGE) == 7).count();
        assert_eq!(undone.is_ok(), kept == 8, "{undone:?} {kept}");
        assert_eq!(page(base + 2 * PAGE).1, Some(Protect::READ_ONLY));
        allocate(undo).unwrap(); // nothing is left to undo
    }
    release(base);
}

#[test]
fn discarded_memory_stays_committed() {
    let base = reserve(GRAIN);
    commit(base, 2 * PAGE, Protect::READ_WRITE).unwrap();
    put(base + PAGE, 6);
    // SAFETY: the content is not needed.
    let discard = |address, size| unsafe { memory::discard(address, size) };
    if cfg!(not(windows)) {
        fails(87, discard(base + 1, PAGE)); // Wine 8 knows only a part of the call
        fails(87, discard(base, 100));
        fails(487, discard(base, 3 * PAGE));
        discard(base, PAGE).unwrap();
    }
    assert_eq!(page(base), (MemoryState::Committed, Some(Protect::READ_WRITE)));
    assert_eq!(get(base + PAGE), 6);
    release(base);
}

#[test]
fn prefetching_is_a_hint_that_needs_ranges() {
    let base = commit(0, 2 * PAGE, Protect::READ_WRITE).unwrap();
    fails(87, memory::prefetch(&[]));
    fails(87, memory::prefetch(&[(base, PAGE), (base, 0)]));
    memory::prefetch(&[(base + 1, 17), (base + PAGE, PAGE), (0x2_0000, PAGE)]).unwrap();
    release(base);
}

#[test]
fn large_pages_come_in_multiples_and_at_once() {
    let wanted = Allocate {
        size: 2 << 20,
        reserve: true,
        commit: true,
        large_pages: true,
        ..Allocate::default()
    };
    if cfg!(not(windows)) {
        fails(87, allocate(Allocate { commit: false, ..wanted })); // Wine 8 gives small ones
        fails(87, allocate(Allocate { size: PAGE, ..wanted }));
        match allocate(wanted) {
            Ok(base) => {
                assert_eq!(base % (2 << 20), 0);
                put(base + PAGE, 1);
                fails(87, free(base, 2 << 20, Free::Decommit));
                release(base);
            }
            Err(error) => {
                assert_eq!(error.win32_code(), 1314);
                assert!(error.to_string().contains("vm.nr_hugepages"), "{error}");
            }
        }
    }
}

#[test]
fn what_is_locked_is_told_like_the_rest() {
    let base = commit(0, 8 * PAGE, Protect::READ_WRITE).unwrap();
    memory::lock(base + 2 * PAGE, 3 * PAGE).unwrap();
    protect(base + 4 * PAGE, 3 * PAGE, Protect::READ_ONLY).unwrap();
    let regions = memory::regions().unwrap();
    assert!(regions.windows(2).all(|pair| pair[0].base + pair[0].len == pair[1].base));
    let here: Vec<_> = regions
        .iter()
        .filter(|info| info.allocation_base == base)
        .map(|info| ((info.base - base) / PAGE, info.len / PAGE))
        .collect();
    assert_eq!(here, [(0, 4), (4, 3), (7, 1)]);
    release(base);
}

#[test]
#[cfg(target_os = "linux")]
fn undoing_a_reset_says_when_content_is_lost() {
    let base = commit(0, 64 * PAGE, Protect::READ_WRITE).unwrap();
    (0..64).for_each(|at| put(base + at * PAGE, 7));
    let reset = Allocate { address: base, size: 32 * PAGE, reset: true, ..Allocate::default() };
    allocate(reset).unwrap();
    // What the kernel does with offered pages when memory is short.
    // SAFETY: the pages are the test's.
    unsafe { libc::madvise(byte(base).cast(), 32 * PAGE, libc::MADV_PAGEOUT) };
    let undone = allocate(Allocate { reset: false, reset_undo: true, ..reset });
    let kept = (0..32).filter(|at| get(base + at * PAGE) == 7).count();
    match undone {
        Ok(_) => assert_eq!(kept, 32),
        Err(error) => assert!(error.win32_code() == 999 && kept < 32, "{error}, {kept} kept"),
    }
    assert!((32..64).all(|at| get(base + at * PAGE) == 7), "the rest was not offered");
    println!("{kept} of 32 pages kept");
    release(base);
}
