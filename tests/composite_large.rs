//! Large pages side by side. Linux, where they have to be set aside: as root the test does so, and puts it back.
#![cfg(target_os = "linux")]

mod support;

use std::fs::{self, File};
use std::os::fd::AsRawFd;

use mapview::{Advice, Composite, Mapping, MappingOptions, View, ViewAccess};
use support::{code, World};

const LARGE: usize = 2 << 20;
const SETTING: &str = "/proc/sys/vm/nr_hugepages";

/// Large pages that the system keeps for this test; as many less on drop.
struct Pool {
    before: u64,
    /// Keeps other tests that do this out.
    _lock: File,
}

impl Pool {
    fn of(pages: u64) -> Option<Pool> {
        let lock = File::open(SETTING).ok()?;
        // SAFETY: takes numbers only.
        assert_eq!(unsafe { libc::flock(lock.as_raw_fd(), libc::LOCK_EX) }, 0);
        let before = now()?;
        fs::write(SETTING, (before + pages).to_string()).ok()?;
        let pool = Pool { before, _lock: lock };
        (now()? >= before + pages).then_some(pool)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        fs::write(SETTING, self.before.to_string()).unwrap();
    }
}

fn now() -> Option<u64> {
    fs::read_to_string(SETTING).ok()?.trim().parse().ok()
}

fn large(pages: usize) -> mapview::Result<Mapping> {
    MappingOptions::new().size((pages * LARGE) as u64).large_pages(true).create()
}

/// Runs a test with a mapping of so many large pages; says so loudly where there are none.
fn with_large_pages(pages: usize, test: impl FnOnce(Mapping)) {
    let pool = Pool::of(pages as u64);
    match large(pages) {
        Ok(mapping) => test(mapping),
        Err(error) => {
            assert_eq!(error.win32_code(), 1314, "{error}");
            eprintln!("NOT TESTED: large pages in composite views, because there are none and vm.nr_hugepages cannot be set: {error}");
        }
    }
    drop(pool);
}

/// How many ranges of a view have large pages, as /proc/self/smaps tells it.
fn ranges_of_large_pages(view: &View) -> usize {
    let text = fs::read_to_string("/proc/self/smaps").unwrap();
    let addresses = view.as_ptr().addr()..view.as_ptr().addr() + view.len();
    let mut inside = false;
    let mut ranges = 0;
    for line in text.lines() {
        let start =
            line.split_once('-').and_then(|(start, _)| usize::from_str_radix(start, 16).ok());
        inside = start.map_or(inside, |start| addresses.contains(&start));
        if let Some(size) = line.strip_prefix("KernelPageSize:").filter(|_| inside) {
            ranges += usize::from(size.trim() == "2048 kB");
        }
    }
    ranges
}

#[test]
fn parts_of_large_pages_lie_side_by_side_and_others_are_refused() {
    with_large_pages(4, |mapping| {
        let small = MappingOptions::new().size(2 * LARGE as u64).create().unwrap();
        let whole = mapping.view().unwrap();
        (0..4).for_each(|page| whole.fill(page * LARGE, LARGE, b'a' + page as u8).unwrap());

        let ring = mapping.mirrored().unwrap();
        assert_eq!((ring.len(), ring.as_ptr().addr() % LARGE), (8 * LARGE, 0));
        assert_eq!(ranges_of_large_pages(&ring), 2, "both ranges have large pages");
        ring.copy_in(4 * LARGE - 3, b"across").unwrap();
        assert_eq!(whole.to_vec(0, 3).unwrap(), b"oss");
        assert_eq!(whole.to_vec(4 * LARGE - 3, 3).unwrap(), b"acr");
        ring.commit(3 * LARGE + 5, 2 * LARGE).unwrap();
        ring.prefetch(4 * LARGE - 1, 2).unwrap();
        ring.unmap().unwrap();

        // Beside small pages, in any order, and cut off at the end.
        let (two, three) = (2 * LARGE as u64, 3 * LARGE as u64);
        let mut composite = Composite::new();
        composite.part(&mapping, three, LARGE).part(&small, 0, LARGE).part(
            &mapping,
            two,
            LARGE + 5,
        );
        let view = composite.map(ViewAccess::ReadWrite).unwrap();
        assert_eq!(view.len(), 3 * LARGE + 5);
        view.copy_in(LARGE - 1, b"12").unwrap();
        view.copy_in(2 * LARGE - 1, b"34").unwrap();
        assert_eq!(whole.to_vec(4 * LARGE - 1, 1).unwrap(), b"1");
        assert_eq!(small.view().unwrap().to_vec(0, 1).unwrap(), b"2");
        assert_eq!(whole.to_vec(2 * LARGE, 2).unwrap(), b"4c");
        assert_eq!(view.to_vec(3 * LARGE, 5).unwrap(), b"ddddd");
        match view.lock(LARGE - 1, LARGE + 2) {
            Ok(()) => view.unlock(LARGE - 1, LARGE + 2).unwrap(),
            Err(error) => assert_eq!(error.win32_code(), 8, "{error}"), // less than that may be locked
        }
        view.advise(LARGE + 4096, 4096, Advice::WontNeed).unwrap();
        assert_eq!(view.residency().unwrap().in_memory(), (3 * LARGE + 4096) as u64);
        let end = view.as_ptr().addr() + 3 * LARGE + LARGE;
        view.unmap().unwrap();
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        assert!(
            !maps.contains(&format!("-{end:x} ")),
            "also the rest of the last page is unmapped"
        );

        for (offset, len) in [(65_536, LARGE), (0, 65_536), (LARGE as u64 / 2, 0)] {
            let error = Composite::new()
                .part(&mapping, offset, len)
                .part(&small, 0, 65_536)
                .map(ViewAccess::Read)
                .unwrap_err();
            assert_eq!(error.win32_code(), 1132, "{error}");
            assert!(error.to_string().contains("2097152"), "{error}");
        }
        let mut behind = Composite::new();
        behind.part(&small, 0, 65_536).part(&mapping, 0, LARGE);
        let error = behind.map(ViewAccess::Read).unwrap_err();
        assert_eq!(error.win32_code(), 1132, "{error}");
        assert!(error.to_string().contains("2097152"), "{error}");
    });
}

#[test]
fn two_processes_share_a_ring_of_large_pages() {
    with_large_pages(1, |mapping| {
        let world = World::new();
        let ring = mapping.mirrored().unwrap();
        ring.copy_in(LARGE - 2, b"ring").unwrap();
        let copy = Composite::new()
            .part(&mapping, 0, LARGE)
            .part(&mapping, 0, LARGE)
            .map(ViewAccess::CopyOnWrite);
        // A private copy needs large pages of its own, which may be missing: an error and no signal.
        if let Err(error) = copy {
            assert_eq!(error.win32_code(), 8, "{error}");
        }
        let mut peer = world.peer();
        peer.ask(&format!("m = duplicate {} {}", std::process::id(), mapping.raw()));
        peer.ask("v = view m");
        assert_eq!(peer.ask("read v 0 2"), "ng");
    });
}

#[test]
fn without_large_pages_nothing_changes() {
    // The units of small pages, also when large ones are about.
    let small = MappingOptions::new().size(3 * 65_536).create().unwrap();
    let mut parts = Composite::new();
    parts.part(&small, 65_536, 65_536).part(&small, 0, 0);
    assert_eq!(parts.map(ViewAccess::Read).unwrap().len(), 4 * 65_536);
    parts.part(&small, 4096, 0);
    assert_eq!(code(parts.map(ViewAccess::Read)), 1132);
}
