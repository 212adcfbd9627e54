//! Mappings of files: sizes, growth, rights of the file, sharing modes, and what a mapped file refuses.

mod support;

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use mapview::{set_file_len, Mapping, MappingOptions, Protection, View, ViewAccess};
use support::{code, quote, unique, World};

const ALL_PROTECTIONS: [Protection; 6] = [
    Protection::ReadOnly,
    Protection::ReadWrite,
    Protection::WriteCopy,
    Protection::ExecuteRead,
    Protection::ExecuteReadWrite,
    Protection::ExecuteWriteCopy,
];

/// A file of its own directory, so that it vanishes with it.
struct Scratch {
    path: PathBuf,
    _directory: tempfile::TempDir,
}

fn scratch(bytes: &[u8]) -> Scratch {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    fs::write(&path, bytes).unwrap();
    Scratch { path, _directory: directory }
}

impl Scratch {
    fn open(&self) -> File {
        OpenOptions::new().read(true).write(true).open(&self.path).unwrap()
    }

    fn len(&self) -> u64 {
        fs::metadata(&self.path).unwrap().len()
    }

    fn map(&self, protection: Protection) -> mapview::Result<Mapping> {
        MappingOptions::new().path(&self.path).protection(protection).create()
    }

    fn word(&self) -> String {
        quote(self.path.to_str().unwrap())
    }
}

#[test]
fn size_zero_means_the_size_of_the_file() {
    let file = scratch(&[7; 36]);
    for mapping in [
        MappingOptions::new().path(&file.path).create().unwrap(),
        MappingOptions::new().path(&file.path).size(0).create().unwrap(),
        MappingOptions::new().file(&file.open()).create().unwrap(),
    ] {
        assert_eq!(mapping.size(), 36, "not rounded");
        assert_eq!(mapping.view().unwrap().to_vec(0, 36).unwrap(), [7; 36]);
    }
}

#[test]
fn a_view_ends_with_the_exact_size() {
    for size in [36_usize, 0x3456] {
        let file = scratch(&vec![1; size]);
        let mapping = file.map(Protection::ReadWrite).unwrap();
        assert_eq!(View::options().len(size).map(&mapping).unwrap().len(), size);
        assert_eq!(code(View::options().len(size + 1).map(&mapping)), 5);
        assert_eq!(mapping.view().unwrap().len(), size);
    }
}

#[test]
fn an_empty_file_is_refused_with_any_protection() {
    let file = scratch(b"");
    for protection in ALL_PROTECTIONS {
        assert_eq!(code(file.map(protection)), 1006, "{protection:?}");
    }
}

#[test]
fn a_size_makes_an_empty_file_usable() {
    let file = scratch(b"");
    let mapping = MappingOptions::new().path(&file.path).size(5000).create().unwrap();
    assert_eq!((mapping.size(), file.len()), (5000, 5000));
}

#[test]
fn a_smaller_size_covers_the_first_bytes() {
    let file = scratch(&[9; 10_000]);
    let mapping = MappingOptions::new().path(&file.path).size(4097).create().unwrap();
    assert_eq!(mapping.size(), 4097);
    assert_eq!(mapping.view().unwrap().len(), 4097);
    assert_eq!(file.len(), 10_000);
}

#[test]
fn a_writable_mapping_extends_its_file_at_once_and_exactly() {
    for protection in [Protection::ReadWrite, Protection::ExecuteReadWrite] {
        let file = scratch(b"head");
        let mapping =
            MappingOptions::new().path(&file.path).size(70_001).protection(protection).create();
        let mapping = mapping.unwrap();
        assert_eq!(file.len(), 70_001);
        drop(mapping);
        let bytes = fs::read(&file.path).unwrap();
        assert_eq!(bytes.len(), 70_001);
        assert_eq!(&bytes[..4], b"head");
        assert!(bytes[4..].iter().all(|&byte| byte == 0));
    }
}

#[test]
fn a_mapping_that_cannot_write_does_not_extend_its_file() {
    use Protection::{ExecuteRead, ExecuteWriteCopy, ReadOnly, WriteCopy};
    let file = scratch(b"head");
    for protection in [ReadOnly, WriteCopy, ExecuteRead, ExecuteWriteCopy] {
        let result = MappingOptions::new().path(&file.path).size(5).protection(protection).create();
        assert_eq!(code(result), 8, "{protection:?}");
    }
    let open = file.open(); // even if the handle could write
    let result = MappingOptions::new().file(&open).size(5).protection(ReadOnly).create();
    assert_eq!(code(result), 8);
    assert_eq!(file.len(), 4);
}

#[test]
fn a_size_beyond_every_disk_is_refused_and_the_file_stays() {
    let file = scratch(b"head");
    let huge = |size| MappingOptions::new().path(&file.path).size(size).create();
    assert_eq!(code(huge(1 << 62)), 8);
    assert_eq!(code(huge(u64::MAX)), 87);
    assert_eq!(file.len(), 4);
}

#[test]
fn a_read_only_file_maps_for_reading_and_copying() {
    let file = scratch(b"only to read");
    let open = File::open(&file.path).unwrap();
    for protection in [Protection::ReadOnly, Protection::WriteCopy] {
        let mapping = MappingOptions::new().file(&open).protection(protection).create().unwrap();
        let copy = View::options().access(ViewAccess::CopyOnWrite).map(&mapping).unwrap();
        copy.copy_in(0, b"ONLY").unwrap();
        assert_eq!(copy.to_vec(0, 7).unwrap(), b"ONLY to");
    }
    for protection in [Protection::ReadWrite, Protection::ExecuteReadWrite] {
        let result = MappingOptions::new().file(&open).protection(protection).create();
        assert_eq!(code(result), 5, "{protection:?}");
    }
    assert_eq!(fs::read(&file.path).unwrap(), b"only to read");
}

#[test]
fn a_file_that_cannot_be_read_cannot_be_mapped() {
    let file = scratch(b"bytes");
    let open = OpenOptions::new().write(true).open(&file.path).unwrap();
    for protection in ALL_PROTECTIONS {
        let result = MappingOptions::new().file(&open).protection(protection).create();
        assert_eq!(code(result), 5, "{protection:?}");
    }
}

#[test]
fn executable_protections_map_files() {
    let file = scratch(b"bytes");
    for protection in
        [Protection::ExecuteRead, Protection::ExecuteReadWrite, Protection::ExecuteWriteCopy]
    {
        let mapping = file.map(protection).unwrap();
        let view = View::options().access(ViewAccess::ExecuteRead).map(&mapping).unwrap();
        assert_eq!(view.to_vec(0, 5).unwrap(), b"bytes");
    }
}

/// The trap of INVALID_HANDLE_VALUE: where opening a file fails, Win32 code ends up with the paging file.
#[test]
fn a_file_that_fails_to_open_never_becomes_the_paging_file() {
    let (world, name) = (World::new(), unique("trap"));
    let missing = world.directory().join("missing");
    let create = |path: &Path| MappingOptions::new().path(path).size(4096).name(&name).create();
    assert_eq!(code(create(&missing)), 2);
    assert!([2, 3].contains(&code(create(&missing.join("deeper")))), "Linux has one code for both");
    assert!(create(world.directory()).is_err(), "a directory is no file to map");
    assert!(create(Path::new("")).is_err());
    assert_eq!(code(Mapping::open(&name)), 2, "nothing was left under the name");
    assert!(!missing.exists(), "nothing was created either");
}

#[test]
fn the_file_of_an_existing_name_is_checked_first() {
    let (file, empty, name) = (scratch(b"bytes"), scratch(b""), unique("first"));
    let _object = MappingOptions::new().path(&file.path).name(&name).create().unwrap();
    let missing = file.path.with_file_name("missing");
    assert_eq!(code(MappingOptions::new().path(missing).name(&name).create()), 2);
    // Wine 8 does not look at the file when the name exists.
    if cfg!(not(windows)) {
        assert_eq!(code(MappingOptions::new().path(&empty.path).name(&name).create()), 1006);
    }
}

#[test]
fn all_mappings_of_a_file_and_the_file_itself_are_coherent() {
    let file = scratch(&[b'.'; 8192]);
    let (one, two) =
        (file.map(Protection::ReadWrite).unwrap(), file.map(Protection::ReadWrite).unwrap());
    let (one, two) = (one.view().unwrap(), two.view().unwrap());
    one.copy_in(5000, b"written").unwrap();
    assert_eq!(two.to_vec(5000, 7).unwrap(), b"written");
    assert_eq!(&fs::read(&file.path).unwrap()[5000..5007], b"written");
    let mut bytes = fs::read(&file.path).unwrap();
    bytes[0] = b'!';
    use std::io::Write;
    file.open().write_all(&bytes).unwrap();
    assert_eq!(one.to_vec(0, 1).unwrap(), b"!");
}

#[test]
fn another_process_opens_a_mapped_file_by_the_name_of_the_mapping() {
    let (world, file) = (World::new(), scratch(b"in the file"));
    let (mut a, mut b) = (world.peer(), world.peer());
    let create = format!("m = create filed 0 path={}", file.word());
    assert_eq!(a.ask(&create), "created 11");
    assert_eq!(b.ask("m = open filed"), "existed 11");
    b.ask("v = view m rw");
    assert_eq!(b.ask("read v 0 11"), "in%20the%20file");
    b.ask("write v 0 IN");
    a.kill();
    assert_eq!(&fs::read(&file.path).unwrap(), b"IN the file");
    assert_eq!(b.ask("read v 0 2"), "IN");
    b.ask("close m");
    b.ask("close v");
    world.assert_empty();
}

#[test]
fn views_keep_the_file_after_handle_and_file_are_closed() {
    let file = scratch(&[0; 4096]);
    let open = file.open();
    let mapping = MappingOptions::new().file(&open).create().unwrap();
    drop(open);
    let view = mapping.view().unwrap();
    drop(mapping);
    view.copy_in(1, b"late").unwrap();
    drop(view);
    assert_eq!(&fs::read(&file.path).unwrap()[1..5], b"late");
}

#[test]
fn a_mapped_file_can_be_renamed() {
    let file = scratch(&[0; 100]);
    let view = file.map(Protection::ReadWrite).unwrap().view().unwrap();
    let new = file.path.with_file_name("renamed");
    fs::rename(&file.path, &new).unwrap();
    view.copy_in(0, b"x").unwrap();
    assert_eq!(fs::read(&new).unwrap()[0], b'x');
}

#[test]
fn windows_far_into_a_huge_file() {
    let file = scratch(b"");
    let end = 5_u64 << 30;
    file.open().set_len(end).unwrap(); // sparse
    let mapping = file.map(Protection::ReadWrite).unwrap();
    assert_eq!(mapping.size(), end);
    let mut options = View::options();
    let window = options.access(ViewAccess::ReadWrite).offset(end - 3).map(&mapping).unwrap();
    assert_eq!(window.len(), 3);
    window.copy_in(0, b"end").unwrap();
    use std::io::{Read, Seek, SeekFrom};
    let mut open = file.open();
    open.seek(SeekFrom::Start(end - 3)).unwrap();
    let mut bytes = String::new();
    open.read_to_string(&mut bytes).unwrap();
    assert_eq!(bytes, "end");
}

#[test]
fn a_mapped_file_does_not_shrink() {
    let file = scratch(&[1; 10_000]);
    let open = file.open();
    let mapping = MappingOptions::new().file(&open).size(100).create().unwrap();
    let view = mapping.view().unwrap();
    for len in [9_999, 100, 1, 0] {
        assert_eq!(code(set_file_len(&open, len)), 1224, "even behind the part that is mapped");
    }
    drop(mapping);
    assert_eq!(code(set_file_len(&open, 5000)), 1224, "a view alone protects it");
    assert_eq!(file.len(), 10_000);
    drop(view);
    set_file_len(&open, 5000).unwrap();
    assert_eq!(file.len(), 5000);
}

#[test]
fn a_mapped_file_can_grow() {
    let file = scratch(&[1; 10_000]);
    let open = file.open();
    let _mapping = file.map(Protection::ReadWrite).unwrap();
    set_file_len(&open, 10_000).unwrap();
    set_file_len(&open, 20_000).unwrap();
    assert_eq!(file.len(), 20_000);
}

#[test]
fn a_file_does_not_shrink_while_another_process_maps_it() {
    let (world, file) = (World::new(), scratch(&[1; 10_000]));
    let mut peer = world.peer();
    for protection in ["ro", "rw"] {
        peer.ask(&format!("m = unnamed 0 path={} {protection}", file.word()));
        assert_eq!(code(set_file_len(&file.open(), 5)), 1224, "{protection}");
    }
    peer.kill();
    set_file_len(&file.open(), 5).unwrap();
    assert_eq!(file.len(), 5);
}

#[test]
fn setting_the_length_needs_a_writable_file() {
    let file = scratch(b"bytes");
    assert_eq!(code(set_file_len(&File::open(&file.path).unwrap(), 10)), 5);
    assert_eq!(file.len(), 5);
}

#[test]
fn an_exclusive_mapping_keeps_others_out() {
    let (world, file) = (World::new(), scratch(&[1; 100]));
    let (mut a, mut b) = (world.peer(), world.peer());
    let plain = format!("m = unnamed 0 path={}", file.word());
    a.ask(&format!("{plain} exclusive"));
    assert_eq!(b.refused(&plain), 32);
    assert_eq!(b.refused(&format!("{plain} ro")), 32);
    assert_eq!(b.refused(&format!("{plain} exclusive")), 32);
    assert_eq!(a.refused(&plain.replace("m =", "second =")), 32, "also its own process");
    a.kill();
    b.ask(&plain);
}

#[test]
fn exclusive_is_refused_while_the_file_is_mapped() {
    let (world, file) = (World::new(), scratch(&[1; 100]));
    let (mut a, mut b) = (world.peer(), world.peer());
    for protection in ["ro", "rw"] {
        a.ask(&format!("m = unnamed 0 path={} {protection}", file.word()));
        let exclusive = format!("m = unnamed 0 path={} exclusive", file.word());
        assert_eq!(b.refused(&exclusive), 32, "{protection}");
        a.ask("close m");
        b.ask(&exclusive);
        b.ask("close m");
    }
}

#[test]
fn processes_share_an_exclusive_mapping_by_its_name() {
    let (world, file) = (World::new(), scratch(b"shared"));
    let (mut a, mut b, mut c) = (world.peer(), world.peer(), world.peer());
    a.ask(&format!("m = create together 0 path={} exclusive", file.word()));
    b.ask("m = open together");
    b.ask("v = view m");
    assert_eq!(b.ask("read v 0 6"), "shared");
    assert_eq!(c.refused(&format!("m = unnamed 0 path={}", file.word())), 32);
}
