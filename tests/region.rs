//! Regions: safe use of memory whose pages come, go and change what they permit.

use std::sync::atomic::{AtomicBool, Ordering};

use mapview::{ErrorKind, MemoryState, Protect, Region, RegionOptions};

const PAGE: usize = 4096;
const MIB: usize = 1 << 20;

fn committed(size: usize) -> Region {
    RegionOptions::new().size(size).commit(Protect::READ_WRITE).unwrap()
}

#[track_caller]
fn kind<T: std::fmt::Debug>(outcome: mapview::Result<T>) -> ErrorKind {
    outcome.expect_err("it must fail").kind()
}

#[test]
fn a_page_that_is_not_committed_is_an_error() {
    let region = RegionOptions::new().size(16 * PAGE).reserve().unwrap();
    let mut bytes = [1; 8];
    assert_eq!(kind(region.copy_out(0, &mut bytes)), ErrorKind::InvalidAddress);
    assert_eq!(kind(region.copy_in(0, &bytes)), ErrorKind::InvalidAddress);
    region.commit(PAGE..2 * PAGE, Protect::READ_WRITE).unwrap();
    assert_eq!(kind(region.copy_in(2 * PAGE - 4, &bytes)), ErrorKind::InvalidAddress);
    region.copy_out(2 * PAGE - 8, &mut bytes).unwrap();
    assert_eq!(bytes, [0; 8], "nothing was written by the copy that failed");
    region.copy_in(PAGE, b"here").unwrap();
    assert_eq!(&region.read::<[u8; 4]>(PAGE).unwrap(), b"here");
    region.decommit(PAGE..PAGE + 1).unwrap();
    assert_eq!(kind(region.read::<u8>(PAGE)), ErrorKind::InvalidAddress);
}

#[test]
fn a_page_that_forbids_the_access_is_an_error() {
    let region = committed(4 * PAGE);
    region.fill(0, 4 * PAGE, 7).unwrap();
    assert_eq!(region.protect(PAGE..2 * PAGE, Protect::READ_ONLY).unwrap(), Protect::READ_WRITE);
    region.protect(2 * PAGE..3 * PAGE, Protect::NO_ACCESS).unwrap();
    assert_eq!(region.read::<u8>(PAGE).unwrap(), 7);
    assert_eq!(kind(region.write(PAGE, &1_u8)), ErrorKind::NoAccess);
    assert_eq!(kind(region.fill(0, 2 * PAGE, 1)), ErrorKind::NoAccess);
    assert_eq!(region.read::<u8>(0).unwrap(), 7, "a fill that failed changed nothing");
    assert_eq!(kind(region.read::<u8>(2 * PAGE)), ErrorKind::NoAccess);
    region.protect(0..4 * PAGE, Protect::READ_WRITE).unwrap();
    assert_eq!(region.read::<u8>(2 * PAGE).unwrap(), 7);
}

#[test]
fn a_guard_page_is_reported_once_and_page_by_page() {
    let region = RegionOptions::new().size(4 * PAGE).reserve().unwrap();
    region.commit(0..4 * PAGE, Protect::READ_WRITE.guarded()).unwrap();
    let mut bytes = vec![1; 2 * PAGE];
    assert_eq!(kind(region.copy_out(0, &mut bytes)), ErrorKind::GuardPage);
    assert_eq!(region.query(0).unwrap().protect, Some(Protect::READ_WRITE));
    assert_eq!(region.query(PAGE).unwrap().protect, Some(Protect::READ_WRITE.guarded()));
    assert_eq!(kind(region.copy_out(0, &mut bytes)), ErrorKind::GuardPage);
    region.copy_out(0, &mut bytes).unwrap();
    assert!(bytes.iter().all(|byte| *byte == 0));
    region.write(0, &5_u64).unwrap();
    let before = region.protect(0..PAGE, Protect::READ_ONLY.guarded()).unwrap();
    assert_eq!(before, Protect::READ_WRITE);
    assert_eq!(kind(region.write(0, &6_u64)), ErrorKind::GuardPage);
    assert_eq!(kind(region.write(0, &6_u64)), ErrorKind::NoAccess);
    assert_eq!(region.read::<u64>(0).unwrap(), 5);
}

#[test]
fn ranges_outside_are_refused() {
    let region = committed(3 * PAGE);
    assert_eq!(region.len(), 3 * PAGE);
    assert_eq!(kind(region.read::<u64>(3 * PAGE - 4)), ErrorKind::InvalidParameter);
    assert_eq!(kind(region.read::<u8>(usize::MAX)), ErrorKind::InvalidParameter);
    assert_eq!(kind(region.fill(1, usize::MAX, 0)), ErrorKind::InvalidParameter);
    assert_eq!(kind(region.commit(0..4 * PAGE, Protect::READ_WRITE)), ErrorKind::InvalidParameter);
    assert_eq!(kind(region.decommit(PAGE..PAGE)), ErrorKind::InvalidParameter);
    #[allow(clippy::reversed_empty_ranges)]
    let backwards = region.protect(2 * PAGE..PAGE, Protect::READ_ONLY);
    assert_eq!(kind(backwards), ErrorKind::InvalidParameter);
    assert_eq!(kind(region.query(3 * PAGE)), ErrorKind::InvalidParameter);
    region.copy_in(3 * PAGE, &[]).unwrap();
    assert_eq!(kind(region.copy_in(3 * PAGE + 1, &[])), ErrorKind::InvalidParameter);
    assert_eq!(kind(RegionOptions::new().reserve().map(drop)), ErrorKind::InvalidParameter);
}

#[test]
fn a_region_lies_where_it_was_asked_to() {
    let wanted = 0x3500_0000_0000;
    let mut options = RegionOptions::new();
    options.size(2 * PAGE).address(wanted);
    let region = options.reserve().unwrap();
    assert_eq!(region.as_ptr().addr(), wanted);
    assert_eq!(kind(options.reserve().map(drop)), ErrorKind::InvalidAddress);
    region.release().unwrap();
    drop(options.reserve().unwrap());
    options.reserve().unwrap(); // dropping released it
}

#[test]
fn much_is_copied_in_parts_that_fit() {
    let region = committed(33 * MIB + 3 * PAGE);
    let bytes: Vec<u8> = (0..33 * MIB + 5).map(|at| (at / 3) as u8).collect();
    region.copy_in(7, &bytes).unwrap();
    let mut back = vec![0; bytes.len()];
    region.copy_out(7, &mut back).unwrap();
    assert!(back == bytes);
    region.decommit(33 * MIB..33 * MIB + PAGE).unwrap();
    back.fill(9);
    assert_eq!(kind(region.copy_out(7, &mut back)), ErrorKind::InvalidAddress);
    assert!(back.iter().all(|byte| *byte == 9), "it was seen before the first byte");
}

#[test]
fn resetting_and_discarding_keep_the_pages_usable() {
    let region = committed(8 * PAGE);
    region.fill(0, 8 * PAGE, 3).unwrap();
    region.reset(0..4 * PAGE).unwrap();
    assert!([0, 3].contains(&region.read::<u8>(PAGE).unwrap()));
    region.write(PAGE, &8_u8).unwrap();
    assert_eq!(region.read::<u8>(PAGE).unwrap(), 8);
    if cfg!(not(windows)) {
        region.reset_undo(0..4 * PAGE).unwrap(); // Wine 8 does not know it
        region.discard(4 * PAGE..8 * PAGE).unwrap();
    }
    region.fill(0, 8 * PAGE, 1).unwrap();
}

#[test]
fn locked_pages_are_unlocked_once() {
    let region = committed(4 * PAGE);
    region.lock(0..2 * PAGE).unwrap();
    region.unlock(0..2 * PAGE).unwrap();
    if cfg!(not(windows)) {
        assert_eq!(kind(region.unlock(0..PAGE)), ErrorKind::NotLocked); // Wine 8 does not look
    }
}

#[test]
fn the_slices_are_the_bytes() {
    let mut region = committed(2 * PAGE);
    // SAFETY: committed for writing, and used here alone.
    unsafe { region.as_mut_slice(PAGE..PAGE + 3) }.copy_from_slice(b"abc");
    // SAFETY: committed, and nobody writes.
    assert_eq!(unsafe { region.as_slice(PAGE..PAGE + 4) }, b"abc\0");
}

#[test]
fn pages_that_other_threads_take_away_are_errors_not_signals() {
    const PAGES: usize = 64;
    let region = RegionOptions::new().size(PAGES * PAGE).reserve().unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let copiers: Vec<_> = (0..2)
            .map(|thread: usize| {
                let (region, done) = (&region, &done);
                scope.spawn(move || {
                    let mut bytes = vec![0; 3 * PAGE];
                    let mut at = thread;
                    while !done.load(Ordering::Relaxed) {
                        at = (at * 5 + 7) % (PAGES - 3);
                        let outcomes = [
                            region.copy_in(at * PAGE, &bytes),
                            region.copy_out(at * PAGE, &mut bytes),
                        ];
                        for outcome in outcomes {
                            match outcome {
                                Ok(()) => {}
                                Err(error) => assert!(
                                    [487, 998, 0x8000_0001].contains(&error.win32_code()),
                                    "{error}"
                                ),
                            }
                        }
                    }
                })
            })
            .collect();
        // Under Wine each look at a page asks its server.
        for round in 0..if cfg!(windows) { 20 } else { 400 } {
            let at = round * 11 % (PAGES - 8) * PAGE;
            region.commit(at..at + 8 * PAGE, Protect::READ_WRITE).unwrap();
            region.protect(at..at + PAGE, Protect::READ_WRITE.guarded()).unwrap();
            region.protect(at + PAGE..at + 2 * PAGE, Protect::READ_ONLY).unwrap();
            if round % 3 == 0 {
                region.decommit(at + 4 * PAGE..at + 6 * PAGE).unwrap();
            }
        }
        region.commit(0..PAGES * PAGE, Protect::READ_WRITE).unwrap();
        region.copy_out(0, &mut [0; 8]).unwrap();
        done.store(true, Ordering::Relaxed);
        assert!(copiers.into_iter().all(|copier| copier.join().is_ok()));
    });
    assert_eq!(region.query(0).unwrap().len, PAGES * PAGE);
}

#[test]
fn a_failed_commit_changes_nothing() {
    if cfg!(windows) {
        return; // Wine 8 commits more than there is
    }
    let region = RegionOptions::new().size(1 << 44).reserve().unwrap();
    region.commit(0..PAGE, Protect::READ_WRITE).unwrap();
    region.write(0, &3_u8).unwrap();
    let error = region.commit(0..1 << 44, Protect::READ_ONLY).unwrap_err();
    assert!([8, 1455].contains(&error.win32_code()), "{error}");
    assert_eq!(region.query(0).unwrap().protect, Some(Protect::READ_WRITE));
    assert_eq!(region.query(PAGE).unwrap().state, MemoryState::Reserved);
    region.write(0, &4_u8).unwrap();
}
