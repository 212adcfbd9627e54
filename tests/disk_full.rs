//! Where memory or disk runs out: an error at creation, nothing changed, nobody killed. Linux.
//!
//! Each body runs in a mount namespace of its own, where it may mount a file system of a megabyte.
#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use mapview::{Grant, Mapping, MappingOptions, Security, View, ViewAccess};
use support::{code, is_child, World};

const MEGABYTE: u64 = 1 << 20;

/// Runs a hidden test where `mount` is allowed: as root, or as the root of a user namespace.
fn run_with_mounts(hidden_test: &str) {
    // SAFETY: geteuid has no duties.
    let root = unsafe { libc::geteuid() } == 0;
    let mut unshare = Command::new("unshare");
    unshare.arg("--mount").args(if root { &[][..] } else { &["--user", "--map-root-user"] });
    if !unshare.arg("true").status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: this system permits no mount namespace");
        return;
    }
    let world = World::new();
    let mut command = Command::new("unshare");
    command.arg("--mount").args(if root { &[][..] } else { &["--user", "--map-root-user"] });
    command.arg(std::env::current_exe().unwrap());
    world.prepare(&mut command, hidden_test);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("@done"), "{} {text}", output.status);
}

/// Mounts the megabyte in the directory of the namespace.
fn small_disk() -> PathBuf {
    let directory = PathBuf::from(std::env::var_os("MAPVIEW_DIR").unwrap());
    let mount = ["-t", "tmpfs", "-o", "size=1M", "small"];
    assert!(Command::new("mount").args(mount).arg(&directory).status().unwrap().success());
    directory
}

#[test]
#[ignore = "not a test: the body of a process with a small disk"]
fn grow_a_file() {
    if !is_child() {
        return;
    }
    let path = small_disk().join("data");
    fs::write(&path, b"head").unwrap();
    let mut options = MappingOptions::new();
    options.path(&path);
    for size in [MEGABYTE + 4096, 64 * MEGABYTE] {
        assert_eq!(code(options.size(size).create()), 112);
        assert_eq!(fs::read(&path).unwrap(), b"head", "content and size stay");
    }
    let mapping = options.size(MEGABYTE / 2).create().unwrap();
    // The whole of what was granted can be written: none of it is missing later.
    mapping.view().unwrap().fill(0, MEGABYTE as usize / 2, 1).unwrap();
    assert_eq!(code(options.size(2 * MEGABYTE).create()), 112);
    assert_eq!(fs::metadata(&path).unwrap().len(), MEGABYTE / 2);

    let sparse = options.size(64 * MEGABYTE).reserve(true).create().unwrap();
    assert_eq!(sparse.size(), 64 * MEGABYTE, "reserved, so taken at first touch");
    println!("\n@done");
}

#[test]
fn a_full_disk_refuses_to_extend_a_file_and_its_size_stays() {
    run_with_mounts("grow_a_file");
}

#[test]
#[ignore = "not a test: the body of a process with a small disk"]
fn grow_while_mapped() {
    if !is_child() {
        return;
    }
    let path = small_disk().join("data");
    fs::write(&path, b"head").unwrap();
    let mapping = MappingOptions::new().path(&path).create().unwrap();
    let view = mapping.view().unwrap();
    for size in [MEGABYTE + 4096, 64 * MEGABYTE] {
        assert_eq!(code(mapping.grow(size)), 112);
        assert_eq!((mapping.size(), fs::metadata(&path).unwrap().len()), (4, 4));
        assert_eq!(view.to_vec(0, 4).unwrap(), b"head");
    }
    // What the refused ones had taken is free again, and all of what is granted can be written.
    assert_eq!(mapping.grow(MEGABYTE / 2).unwrap(), MEGABYTE / 2);
    mapping.view().unwrap().fill(0, MEGABYTE as usize / 2, 1).unwrap();
    drop((mapping, view));
    let sparse = MappingOptions::new().path(&path).reserve(true).create().unwrap();
    assert_eq!(sparse.grow(64 * MEGABYTE).unwrap(), 64 * MEGABYTE, "taken at first touch");
    drop(sparse);
    fs::remove_file(&path).unwrap();

    let mut options = MappingOptions::new();
    options.name(r"Global\grows").security(Security::Everybody(Grant::ReadWrite));
    let mapping = options.size(4096).maximum(64 * MEGABYTE).create().unwrap();
    let refused = code(mapping.grow(2 * MEGABYTE));
    assert!([8, 112, 1455].contains(&refused), "{refused}");
    assert_eq!((mapping.size(), mapping.view().unwrap().len()), (4096, 4096));
    mapping.grow(MEGABYTE / 2).unwrap();
    mapping.view().unwrap().fill(0, MEGABYTE as usize / 2, 1).unwrap();
    println!("\n@done");
}

#[test]
fn a_full_disk_refuses_growth_while_mapped_and_nothing_changes() {
    run_with_mounts("grow_while_mapped");
}

/// Memory that other users may open lies in the file of its record, where the disk has to have room for it.
fn create(name: &str, size: u64) -> mapview::Result<Mapping> {
    let everybody = Security::Everybody(Grant::ReadWrite);
    MappingOptions::new().name(name).size(size).security(everybody).create()
}

#[test]
#[ignore = "not a test: the body of a process with a small disk"]
fn fill_the_namespace() {
    if !is_child() {
        return;
    }
    small_disk();
    let error = code(create(r"Global\large", 2 * MEGABYTE));
    assert!([8, 112, 1455].contains(&error), "{error}");
    assert_eq!(code(Mapping::open(r"Global\large")), 2);

    let mut held = Vec::new();
    let error = loop {
        match create(&format!(r"Global\part{}", held.len()), 100_000) {
            Ok(mapping) => held.push(mapping),
            Err(error) => break error.win32_code(),
        }
        assert!(held.len() < 100, "more than there is was granted");
    };
    assert!([8, 112, 1455].contains(&error), "{error}");
    for mapping in &held {
        mapping.view().unwrap().fill(0, 100_000, 1).unwrap(); // SIGBUS, were it not there
    }
    held.clear();
    create(r"Global\again", MEGABYTE / 2).unwrap();
    println!("\n@done");
}

#[test]
fn a_full_namespace_is_an_error_at_creation() {
    run_with_mounts("fill_the_namespace");
}

#[test]
#[ignore = "not a test: the body of a process with a small disk"]
fn commit_more_than_there_is() {
    if !is_child() {
        return;
    }
    let disk = small_disk();
    let half = MEGABYTE as usize / 2;
    let mut options = MappingOptions::new();
    options.name(r"Global\reserved").security(Security::Everybody(Grant::ReadWrite));
    let memory = options.size(64 * MEGABYTE).reserve(true).create().unwrap();
    let view = memory.view().unwrap();
    view.commit(0, half).unwrap();
    view.fill(0, half, 1).unwrap();
    for len in [2 * MEGABYTE as usize, view.len()] {
        let error = view.commit(0, len).unwrap_err();
        assert_eq!(error.win32_code(), 1455, "{error}");
        assert!(error.to_string().contains("commit less"), "{error}");
    }
    assert_eq!(view.to_vec(0, half).unwrap(), vec![1; half]);
    drop((memory, view));

    let path = disk.join("sparse");
    fs::write(&path, b"").unwrap();
    let mut options = MappingOptions::new();
    let sparse = options.path(&path).size(64 * MEGABYTE).reserve(true).create().unwrap();
    let view = sparse.view().unwrap();
    view.commit(0, half).unwrap();
    assert_eq!(code(view.commit(half, 2 * MEGABYTE as usize)), 112);
    view.fill(0, half, 1).unwrap();
    println!("\n@done");
}

#[test]
fn where_memory_runs_out_committing_it_is_an_error_and_no_signal() {
    run_with_mounts("commit_more_than_there_is");
}

#[test]
#[ignore = "not a test: the body of a process with a small disk"]
fn write_to_a_sparse_file_under_guard() {
    if !is_child() {
        return;
    }
    let disk = small_disk();
    let other = disk.join("other");
    let mut options = MappingOptions::new();
    fs::write(disk.join("data"), b"head").unwrap();
    let sparse = options.path(disk.join("data")).size(64 * MEGABYTE).reserve(true);
    let mapping = sparse.create().unwrap();
    let mut options = View::options();
    let view = options.access(ViewAccess::ReadWrite).guarded(true).map(&mapping).unwrap();
    fs::write(&other, vec![1; MEGABYTE as usize / 2]).unwrap();

    let mut written = 0;
    let error = loop {
        match view.fill(written, 4096, 7) {
            Ok(()) => written += 4096,
            Err(error) => break error,
        }
        assert!(written < MEGABYTE as usize, "more than there is was written");
    };
    assert_eq!(error.win32_code(), 999);
    assert!(error.to_string().contains("the disk has no room"), "{error}");
    assert!(written > MEGABYTE as usize / 4 && !view.is_damaged());
    assert!(view.to_vec(0, written).unwrap().iter().all(|&byte| byte == 7), "what was there stays");

    fs::remove_file(other).unwrap();
    view.fill(written, MEGABYTE as usize / 4, 8).unwrap();
    assert_eq!(view.to_vec(written - 1, 2).unwrap(), [7, 8]);
    println!("\n@done");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn a_full_disk_under_a_guarded_writer_is_an_error_until_there_is_room() {
    run_with_mounts("write_to_a_sparse_file_under_guard");
}
