//! A named pipe. Copies in and out of the kernel, and blocks.

use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::path::PathBuf;

use crate::message::{Reader, Spec, Writer};

/// As much as the kernel permits everybody.
const ROOM: i32 = 1 << 20;

fn path(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("MAPVIEW_DIR").expect("set for all")).join(name)
}

/// Ends with the directory that it is in.
pub fn make(name: &str) {
    let path = CString::new(path(name).into_os_string().into_encoded_bytes()).expect("no NUL");
    // SAFETY: the path ends in NUL.
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
}

/// For both, so that nobody waits for the other to open it.
fn open(name: &str) -> File {
    let file = OpenOptions::new().read(true).write(true).open(path(name)).expect("made before");
    // SAFETY: plain numbers. With less room it is slower.
    unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETPIPE_SZ, ROOM) };
    file
}

pub fn sender(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
    let (mut file, mut writer) = (open(name), Writer::new(spec));
    move |number| {
        file.write_all(writer.buffer(number)).expect("a pipe takes it");
        1
    }
}

pub fn receiver(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    let (mut file, mut reader) = (open(name), Reader::new(spec));
    move || {
        file.read_exact(reader.room()).expect("a pipe gives it");
        reader.number()
    }
}
