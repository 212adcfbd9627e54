use mapview::{share_file, FileUse, MappingOptions};
use tempfile::NamedTempFile;

use super::*;

fn open_as(file: &NamedTempFile, access: u32, share: DWORD) -> Result<Opened> {
    let text = file.path().as_os_str().as_bytes();
    open(Some(text), Wish { access, share, disposition: OPEN_EXISTING, flags: 0 })
}

#[test]
fn programs_that_use_the_library_take_part_in_share_modes() {
    let file = NamedTempFile::new().unwrap();
    share_file(file.as_file(), FileUse::READ, FileUse::READ).unwrap();
    let refused = open_as(&file, right::GENERIC_WRITE, 7).err();
    assert_eq!(refused, Some(Code::SHARING_VIOLATION));

    let reader = open_as(&file, right::GENERIC_READ, 1).unwrap();
    let own = file.reopen().unwrap();
    let refused = share_file(&own, FileUse::DELETE, FileUse::all()).unwrap_err();
    assert_eq!(Code::from(refused), Code::SHARING_VIOLATION);
    drop(reader);
}

#[test]
fn an_exclusive_mapping_of_the_library_keeps_openers_out_and_they_it() {
    let file = NamedTempFile::new().unwrap();
    file.as_file().set_len(10).unwrap();
    let exclusive = || MappingOptions::new().file(file.as_file()).exclusive(true).create();
    let reader = open_as(&file, right::GENERIC_READ, 7).unwrap();
    assert_eq!(exclusive().err().map(Code::from), Some(Code::SHARING_VIOLATION));
    drop(reader);

    let held = exclusive().unwrap();
    let refused = open_as(&file, right::GENERIC_READ, 7).err();
    assert_eq!(refused, Some(Code::SHARING_VIOLATION));
    drop(held);
    open_as(&file, right::GENERIC_READ, 0).unwrap();
}

#[test]
fn a_plain_program_of_linux_is_neither_kept_out_nor_seen() {
    let file = NamedTempFile::new().unwrap();
    let alone = open_as(&file, right::GENERIC_READ | right::GENERIC_WRITE, 0).unwrap();
    std::fs::write(file.path(), b"written").unwrap();
    assert_eq!(std::fs::read(file.path()).unwrap(), b"written");
    drop(alone);
}

#[test]
fn a_pipe_with_a_name_does_not_make_the_opener_wait() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let mode = Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let wish = Wish { access: right::GENERIC_READ, share: 7, disposition: OPEN_EXISTING, flags: 0 };
    let opened = open(Some(path.as_os_str().as_bytes()), wish).unwrap();
    assert_eq!(opened.file.kind, Kind::Pipe);
}
