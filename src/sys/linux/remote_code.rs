//! Two pieces of code that every program has somewhere: one that makes a system call and returns, and the one with which
//! signal handlers return.

use super::os::maps::Range;
use super::process::Process;
use crate::{Error, ErrorKind, Result};

const CALL: &[u8] = b"\x0f\x05\xc3"; // syscall; ret
const RESTORE: [&[u8]; 2] = [
    b"\x48\xc7\xc0\x0f\x00\x00\x00\x0f\x05", // mov $15, %rax; syscall: as debuggers expect it of C libraries
    b"\xb8\x0f\x00\x00\x00\x0f\x05",         // mov $15, %eax; syscall
];

/// Their addresses in another process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code {
    pub call: u64,
    pub restorer: u64,
}

impl Code {
    /// # Errors
    /// `Unsupported`: the program has no such code.
    pub(super) fn find(process: &Process) -> Result<Code> {
        let mut ranges = process.ranges()?;
        ranges.retain(|range| range.execute && !range.shared);
        // It is in the C library, if there is one; so look there first.
        ranges.sort_by_key(|range| !is_c_library(range));
        let (mut call, mut restorer) = (None, None);
        for range in ranges {
            let text = read(process, &range);
            let at = |offset: usize| (range.start + offset) as u64;
            call = call.or_else(|| find(&text, CALL).map(at));
            restorer =
                restorer.or_else(|| RESTORE.iter().find_map(|code| find(&text, code)).map(at));
            if let (Some(call), Some(restorer)) = (call, restorer) {
                return Ok(Code { call, restorer });
            }
        }
        let why = "its program has no code to return from a signal handler, so it cannot be changed safely";
        Err(Error::new(ErrorKind::Unsupported, why))
    }

    /// Whether it still is there.
    pub(super) fn is_valid(&self, process: &Process) -> bool {
        let begins = |address: u64, code: &[u8]| {
            let mut found = vec![0; code.len()];
            process.read_as_kernel(address as usize, &mut found) == found.len() && found == code
        };
        begins(self.call, CALL) && RESTORE.iter().any(|code| begins(self.restorer, code))
    }
}

fn is_c_library(range: &Range) -> bool {
    let path = range.path.as_encoded_bytes();
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    name.starts_with(b"libc.") || name.starts_with(b"libc-") || name.starts_with(b"ld-musl")
}

fn read(process: &Process, range: &Range) -> Vec<u8> {
    const MOST: usize = 256 << 20;
    let mut text = vec![0; (range.end - range.start).min(MOST)];
    let read = process.read_as_kernel(range.start, &mut text);
    text.truncate(read);
    text
}

fn find(text: &[u8], code: &[u8]) -> Option<usize> {
    text.windows(code.len()).position(|window| window == code)
}
