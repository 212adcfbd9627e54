//! Share modes: who uses a file for what, and what others may do with it meanwhile.
#![cfg(target_os = "linux")] // Windows has them itself, when a file is opened

mod support;

use std::fs::File;
use std::process::{Command, Stdio};
use std::sync::{Barrier, RwLock};

use mapview::{is_file_mapped, share_file, FileUse, MappingOptions, Protection};
use support::code;
use tempfile::NamedTempFile;

/// A child has copies of all descriptors until it runs its program, and locks with them.
static SPAWNING: RwLock<()> = RwLock::new(());

fn every_use() -> impl Iterator<Item = FileUse> {
    (0..8).map(FileUse::from_bits_truncate)
}

fn share(file: &NamedTempFile, uses: FileUse, share: FileUse) -> mapview::Result<File> {
    let own = file.reopen().unwrap();
    share_file(&own, uses, share).map(|()| own)
}

#[test]
fn each_use_is_shared_by_both_or_refused() {
    let _quiet = SPAWNING.read().unwrap();
    let file = NamedTempFile::new().unwrap();
    for (uses, shared) in every_use().flat_map(|a| every_use().map(move |b| (a, b))) {
        let first = share(&file, uses, shared).unwrap();
        for (also, allows) in every_use().flat_map(|a| every_use().map(move |b| (a, b))) {
            let quiet = uses.is_empty() || also.is_empty();
            let fits = quiet || shared.contains(also) && allows.contains(uses);
            match share(&file, also, allows) {
                Ok(_) => assert!(fits, "{uses:?} {shared:?} then {also:?} {allows:?}"),
                Err(error) => {
                    assert_eq!((error.win32_code(), fits), (32, false), "{also:?} {allows:?}");
                }
            }
        }
        drop(first);
    }
}

#[test]
fn it_lasts_as_long_as_a_clone_or_a_child_has_the_file() {
    let _alone = SPAWNING.write().unwrap();
    let file = NamedTempFile::new().unwrap();
    let alone = |file| share(file, FileUse::READ, FileUse::empty());
    let first = alone(&file).unwrap();
    let clone = first.try_clone().unwrap();
    drop(first);
    assert_eq!(code(alone(&file)), 32);

    let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(clone).spawn().unwrap();
    // The clone is gone with the command; the child, which waits for its input, is not.
    assert_eq!(code(alone(&file)), 32);
    child.kill().unwrap();
    child.wait().unwrap();
    alone(&file).unwrap();
}

#[test]
fn a_refusal_leaves_nothing_behind() {
    let _quiet = SPAWNING.read().unwrap();
    let file = NamedTempFile::new().unwrap();
    let reader = share(&file, FileUse::READ, FileUse::READ).unwrap();
    let own = file.reopen().unwrap();
    assert_eq!(code(share_file(&own, FileUse::WRITE, FileUse::empty())), 32);
    share(&file, FileUse::READ, FileUse::READ).unwrap();
    drop(reader);
    share_file(&own, FileUse::WRITE, FileUse::empty()).unwrap();
}

#[test]
fn of_many_at_once_who_share_nothing_one_has_the_file() {
    let _quiet = SPAWNING.read().unwrap();
    let file = NamedTempFile::new().unwrap();
    let (start, end) = (Barrier::new(4), Barrier::new(4));
    for _ in 0..20 {
        let have = std::thread::scope(|scope| {
            let take = || {
                start.wait();
                let own = share(&file, FileUse::WRITE, FileUse::empty());
                end.wait();
                usize::from(own.is_ok())
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });
        assert_eq!(have, 1);
    }
}

#[test]
fn a_mapping_that_writes_uses_the_file_for_writing() {
    let _quiet = SPAWNING.read().unwrap();
    let file = NamedTempFile::new().unwrap();
    file.as_file().set_len(100).unwrap();
    let readers = |file| share(file, FileUse::READ, FileUse::READ).map(drop);
    let mapping = |protection| {
        MappingOptions::new().file(file.as_file()).protection(protection).create().unwrap()
    };
    for protection in [Protection::ReadOnly, Protection::WriteCopy] {
        let held = mapping(protection);
        readers(&file).unwrap();
        drop(held);
    }
    let view = mapping(Protection::ReadWrite).view().unwrap();
    assert_eq!(code(readers(&file)), 32);
    share(&file, FileUse::READ, FileUse::READ | FileUse::WRITE).unwrap();
    drop(view);
    readers(&file).unwrap();
}

#[test]
fn an_exclusive_mapping_and_other_users_exclude_each_other() {
    let _quiet = SPAWNING.read().unwrap();
    let file = NamedTempFile::new().unwrap();
    file.as_file().set_len(100).unwrap();
    let exclusive = || MappingOptions::new().file(&file.reopen().unwrap()).exclusive(true).create();
    let user = share(&file, FileUse::READ, FileUse::all()).unwrap();
    assert_eq!(code(exclusive()), 32);
    // Who uses the file himself maps it all the same.
    let own = MappingOptions::new().file(&user).exclusive(true).create().unwrap();
    drop((user, own));
    let held = exclusive().unwrap();
    assert_eq!(code(share(&file, FileUse::READ, FileUse::all())), 32);
    share(&file, FileUse::empty(), FileUse::empty()).unwrap();
    drop(held);
    share(&file, FileUse::READ, FileUse::empty()).unwrap();
}

#[test]
fn whether_a_file_is_mapped_is_seen_everywhere() {
    let _quiet = SPAWNING.read().unwrap();
    let file = NamedTempFile::new().unwrap();
    file.as_file().set_len(100).unwrap();
    assert!(!is_file_mapped(file.as_file()).unwrap());
    let mapping = MappingOptions::new().file(file.as_file()).create().unwrap();
    let view = mapping.view().unwrap();
    assert!(is_file_mapped(&file.reopen().unwrap()).unwrap());
    drop(mapping);
    assert!(is_file_mapped(file.as_file()).unwrap());
    drop(view);
    assert!(!is_file_mapped(file.as_file()).unwrap());
}

#[test]
fn a_file_open_only_for_writing_cannot_take_part() {
    let _quiet = SPAWNING.read().unwrap();
    let file = NamedTempFile::new().unwrap();
    let writer = File::options().write(true).open(file.path()).unwrap();
    assert_eq!(code(share_file(&writer, FileUse::WRITE, FileUse::all())), 50);
}
