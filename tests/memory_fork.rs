//! Private memory in a child by fork. Linux.
#![cfg(target_os = "linux")]

use std::sync::atomic::{AtomicBool, Ordering};

use mapview::{memory, ErrorKind, Protect, Region, RegionOptions};

const PAGE: usize = 4096;

/// Runs `child` in a child by fork, and says whether it returned true.
fn in_a_child(child: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child uses this library, which is made for it, and leaves without what its parent registered.
    unsafe {
        match libc::fork() {
            -1 => panic!("fork: {}", std::io::Error::last_os_error()),
            0 => {
                let child = std::panic::AssertUnwindSafe(child);
                let good = std::panic::catch_unwind(child).unwrap_or(false);
                libc::_exit(i32::from(!good))
            }
            pid => {
                let mut status = 0;
                assert_eq!(libc::waitpid(pid, &mut status, 0), pid);
                libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
            }
        }
    }
}

fn committed(pages: usize) -> Region {
    let mut options = RegionOptions::new();
    options.size(pages * PAGE).write_watch(true).commit(Protect::READ_WRITE).unwrap()
}

#[test]
fn the_child_has_a_copy_and_the_rules_go_on() {
    let region = committed(8);
    region.write(0, &1_u8).unwrap();
    region.protect(PAGE..2 * PAGE, Protect::READ_WRITE.guarded()).unwrap();
    let good = in_a_child(|| {
        let guard = region.read::<u8>(PAGE).unwrap_err().kind() == ErrorKind::GuardPage;
        let copy = matches!(region.read::<u8>(0), Ok(1)) && region.write(0, &2_u8).is_ok();
        let gone = region.decommit(4 * PAGE..8 * PAGE).is_ok()
            && region.read::<u8>(4 * PAGE).unwrap_err().kind() == ErrorKind::InvalidAddress;
        let info = memory::query(region.as_ptr().addr() + PAGE).unwrap();
        guard && copy && gone && info.len == 3 * PAGE
    });
    assert!(good);
    assert_eq!(region.read::<u8>(0).unwrap(), 1);
    assert_eq!(region.read::<u8>(PAGE).unwrap_err().kind(), ErrorKind::GuardPage);
    region.write(7 * PAGE, &1_u8).unwrap();
}

#[test]
fn in_the_child_everything_counts_as_written_until_it_is_reset() {
    let region = committed(4);
    region.write(PAGE, &1_u8).unwrap();
    let good = in_a_child(|| {
        let all = region.reset_written(0..4 * PAGE).unwrap() == [0, PAGE, 2 * PAGE, 3 * PAGE];
        let none = region.written(0..4 * PAGE).unwrap().is_empty();
        region.write(2 * PAGE, &1_u8).unwrap();
        all && none && region.written(0..4 * PAGE).unwrap() == [2 * PAGE]
    });
    assert!(good);
    assert_eq!(region.written(0..4 * PAGE).unwrap(), [PAGE], "the parent's notes are its own");
}

#[test]
fn locks_in_memory_are_not_the_childs() {
    let region = committed(2);
    region.lock(0..PAGE).unwrap();
    assert!(in_a_child(|| {
        let unlocked = region.unlock(0..PAGE).unwrap_err().kind() == ErrorKind::NotLocked;
        unlocked && region.lock(0..PAGE).is_ok() && region.unlock(0..PAGE).is_ok()
    }));
    region.unlock(0..PAGE).unwrap();
}

#[test]
fn a_child_never_finds_the_books_in_the_middle_of_a_change() {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let region = committed(16);
                while !done.load(Ordering::Relaxed) {
                    region.decommit(0..8 * PAGE).unwrap();
                    region.commit(0..16 * PAGE, Protect::READ_WRITE).unwrap();
                    region.fill(0, 16 * PAGE, 1).unwrap();
                }
            });
        }
        let region = committed(4);
        for _ in 0..50 {
            let good = in_a_child(|| {
                let changed = region.protect(0..PAGE, Protect::READ_ONLY).is_ok();
                changed
                    && region.write(PAGE, &1_u8).is_ok()
                    && matches!(region.read::<u8>(0), Ok(0))
            });
            assert!(good);
        }
        done.store(true, Ordering::Relaxed);
    });
}
