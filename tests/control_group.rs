//! Where a control group limits the memory: more than it leaves is an error, and nobody is killed. Linux.
#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use mapview::{MappingOptions, View, ViewAccess};
use support::{code, World};

const MIB: usize = 1 << 20;
const LIMIT: usize = 128 * MIB;

/// A control group with a limit, which ends on drop.
struct Group(PathBuf);

impl Group {
    /// `None` where this user may make none.
    fn new() -> Option<Group> {
        let roots =
            [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
        roots.iter().find_map(|(root, limit)| {
            let path = PathBuf::from(root).join(format!("mapview-test-{}", std::process::id()));
            fs::create_dir(&path).ok()?;
            let group = Group(path);
            fs::write(group.0.join(limit), LIMIT.to_string()).ok()?;
            Some(group)
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

#[test]
#[ignore = "not a test: the body of a process in a control group"]
fn take_what_there_is() {
    if !support::is_child() {
        return;
    }
    std::io::stdin().read_line(&mut String::new()).unwrap(); // until it is in the group
                                                             // The pages of a file are no reason to refuse.
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut file = fs::File::create(directory.path().join("data")).unwrap();
    (0..LIMIT / MIB).for_each(|_| file.write_all(&[1; MIB]).unwrap());

    let mapping = MappingOptions::new().size(4 * LIMIT as u64).reserve(true).create().unwrap();
    let view = View::options().access(ViewAccess::ReadWrite).map(&mapping).unwrap();
    view.commit(0, LIMIT / 2).unwrap();
    view.fill(0, LIMIT / 2, 1).unwrap();
    for (offset, len) in [(0, 4 * LIMIT), (LIMIT / 2, LIMIT), (0, LIMIT + MIB)] {
        let error = view.commit(offset, len).unwrap_err();
        assert_eq!(error.win32_code(), 1455, "{error}");
        assert!(error.to_string().contains("are available"), "{error}");
    }
    let copy = View::options().access(ViewAccess::CopyOnWrite).map(&mapping).unwrap();
    assert_eq!(code(copy.commit(0, LIMIT)), 1455);
    assert_eq!(code(MappingOptions::new().size(LIMIT as u64).create()), 1455);
    view.commit(0, LIMIT / 2).unwrap(); // nothing of it is missing
    MappingOptions::new().size(LIMIT as u64 / 8).create().unwrap();

    // Bit by bit, too, all that is left is taken, and not a page more.
    let mut at = LIMIT / 2;
    let error = loop {
        match view.commit(at, MIB / 2) {
            Ok(()) => at += MIB / 2,
            Err(error) => break error,
        }
    };
    assert_eq!(error.win32_code(), 1455, "{error}");
    assert!(at > LIMIT / 4 * 3, "only {at} bytes were to be had");
    view.fill(0, at, 2).unwrap();
    println!("\n@done");
}

#[test]
fn more_than_a_control_group_leaves_is_an_error_and_kills_nobody() {
    let Some(group) = Group::new() else {
        eprintln!("skipped: this user may make no control group");
        return;
    };
    let mut child = World::new().command("take_what_there_is").spawn().unwrap();
    fs::write(group.0.join("cgroup.procs"), child.id().to_string()).unwrap();
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("@done"), "{} {text}", output.status);
}
