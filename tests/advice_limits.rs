//! What the kernel counts after advice, prefetching and locking: pages in the page table, locked bytes, limits.
#![cfg(target_os = "linux")]

mod support;

use std::fs::File;

use mapview::{Advice, MappingOptions, Order, SlidingWindows, View, ViewAccess};
use support::{code, is_child, World};

const MIB: usize = 1 << 20;

/// A field of the first range of /proc/self/smaps that begins in the view, in bytes.
fn smaps(view: &View, field: &str) -> usize {
    let text = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let range = text.find(&format!("\n{:x}-", view.as_ptr() as usize)).expect("it is mapped");
    let line = text[range..].lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

#[test]
fn prefetching_brings_in_everything_and_letting_go_lets_go() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    std::fs::write(&path, vec![1; MIB]).unwrap();
    let mut options = MappingOptions::new();
    let file = options.path(&path).create().unwrap();
    let memory = MappingOptions::new().size(MIB as u64).create().unwrap();
    for mapping in [file, memory] {
        for access in [ViewAccess::Read, ViewAccess::ReadWrite] {
            let view = View::options().access(access).map(&mapping).unwrap();
            assert_eq!(smaps(&view, "Rss"), 0);
            view.prefetch(0, MIB).unwrap();
            assert_eq!(smaps(&view, "Rss"), MIB);
            assert!(view.advise(0, MIB, Advice::WontNeed).unwrap());
            assert_eq!(smaps(&view, "Rss"), 0);
        }
    }
    assert_eq!(std::fs::read(&path).unwrap(), vec![1; MIB]);
}

#[test]
fn prefetching_takes_no_memory_for_what_was_never_written() {
    let mapping = MappingOptions::new().size(64 << 20).reserve(true).create().unwrap();
    let view = mapping.view().unwrap();
    view.prefetch(0, view.len()).unwrap();
    view.advise(0, view.len(), Advice::WillNeed).unwrap();
    assert_eq!(smaps(&view, "Rss"), 0);
    let taken = std::fs::metadata(format!("/proc/self/fd/{}", mapping.raw())).unwrap();
    assert_eq!(std::os::unix::fs::MetadataExt::blocks(&taken), 0);
}

#[test]
fn prefetching_past_the_end_of_a_truncated_file_is_an_error_and_no_signal() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    std::fs::write(&path, vec![1; MIB]).unwrap();
    let view = MappingOptions::new().path(&path).create().unwrap().view().unwrap();
    File::options().write(true).open(&path).unwrap().set_len(4096).unwrap();
    view.prefetch(0, 4096).unwrap();
    assert_eq!(code(view.prefetch(0, MIB)), 999);
    assert_eq!(code(view.lock(8192, 4096)), 999);
    assert_eq!(code(view.unlock(8192, 4096)), 158, "nothing was locked");
}

#[test]
fn locked_bytes_count_until_unlocked_or_unmapped() {
    let mapping = MappingOptions::new().size(65_536).create().unwrap();
    let view = mapping.view().unwrap();
    view.lock(0, 5000).unwrap();
    assert_eq!(smaps(&view, "Locked"), 8192);
    view.unlock(4096, 1).unwrap();
    assert_eq!(smaps(&view, "Locked"), 4096);
    assert_eq!(code(view.unlock(0, 4097)), 158);
    assert_eq!(smaps(&view, "Locked"), 4096, "those that are stay so");
    view.unlock(0, 1).unwrap();
    assert_eq!(smaps(&view, "Locked"), 0);
}

#[test]
#[ignore = "not a test: the body of a process that may lock 64 KiB"]
fn lock_with_a_limit() {
    if !is_child() {
        return;
    }
    let mapping = MappingOptions::new().size(MIB as u64).create().unwrap();
    let view = mapping.view().unwrap();
    let limit = libc::rlimit { rlim_cur: 65_536, rlim_max: 65_536 };
    // SAFETY: reads the structure.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &limit) }, 0);
    // SAFETY: no duties; root may lock whatever the limit, so nobody runs the rest.
    unsafe { libc::setuid(65_534) };

    view.lock(0, 4096).unwrap();
    let error = view.lock(0, MIB).unwrap_err();
    assert_eq!(error.win32_code(), 8);
    let told = error.to_string();
    assert!(told.contains("RLIMIT_MEMLOCK, 65536 bytes"), "{told}");
    assert_eq!(code(view.unlock(4096, 4096)), 158, "nothing more is locked than before");
    view.unlock(0, 4096).unwrap();
    view.lock(0, 65_536).unwrap();
    println!("\n@done");
}

#[test]
fn more_than_the_limit_is_not_locked_and_the_error_names_the_limit() {
    let output = World::new().command("lock_with_a_limit").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("@done"), "{} {text}", output.status);
}

#[test]
fn large_views_lie_so_that_huge_pages_fit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("holes");
    File::create(&path).unwrap().set_len(64 << 20).unwrap();
    let mapping = MappingOptions::new().path(&path).create().unwrap();
    for offset in [0, 65_536, 5 << 20] {
        let view = View::options().offset(offset).len(4 << 20).map(&mapping).unwrap();
        assert_eq!(view.as_ptr() as u64 % (2 << 20), offset % (2 << 20));
    }
    let mut options = SlidingWindows::options();
    let mut windows = options.memory(16 << 20).order(Order::Backward).open(&mapping).unwrap();
    while let Some(window) = windows.next().unwrap() {
        assert_eq!(window.as_ptr() as u64 % (2 << 20), window.offset() % (2 << 20));
    }
}
