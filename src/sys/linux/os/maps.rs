//! `/proc/<pid>/maps`: what a process has at which addresses.
#![allow(unsafe_code)]

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;

/// One line of the file: neighbouring pages that the kernel keeps as one range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Range {
    /// The first address, and the one behind the last.
    pub start: usize,
    pub end: usize,
    pub read: bool,
    pub write: bool,
    pub execute: bool,
    /// Writes reach the file, or the other processes that have the memory.
    pub shared: bool,
    /// Bytes from the start of the file.
    pub offset: u64,
    /// Major and minor number of the file's device, and its number there; all 0 without a file.
    pub dev: (u32, u32),
    pub inode: u64,
    /// As the kernel writes it: also `[stack]`, or with ` (deleted)` behind it. Empty without a file or name.
    pub path: OsString,
}

/// The ranges of this process, in the order of their addresses.
///
/// Others may change the address space while it is read: each range was there at some moment, and no two overlap.
pub(in super::super) fn of_this_process() -> io::Result<Vec<Range>> {
    std::fs::read("/proc/self/maps").map(|text| parse(&text))
}

/// What each line says. Lines that are none are left out, and so is what would run backwards.
pub(in super::super) fn parse(text: &[u8]) -> Vec<Range> {
    let mut ranges: Vec<Range> = Vec::new();
    for range in text.split(|&byte| byte == b'\n').filter_map(line) {
        if ranges.last().is_none_or(|last| last.end <= range.start) {
            ranges.push(range);
        }
    }
    ranges
}

/// `start-end rwxp offset major:minor inode   path`, in which only the inode is decimal.
fn line(text: &[u8]) -> Option<Range> {
    let mut text = text;
    let start = number(&mut text, 16)? as usize;
    let end = byte_then(&mut text, b'-', 16)? as usize;
    let [b' ', read, write, execute, shared, rest @ ..] = text else { return None };
    text = rest;
    let offset = byte_then(&mut text, b' ', 16)?;
    let major = byte_then(&mut text, b' ', 16)? as u32;
    let minor = byte_then(&mut text, b':', 16)? as u32;
    let inode = byte_then(&mut text, b' ', 10)?;
    let path = unescape(text.trim_ascii_start());
    (start < end).then_some(Range {
        start,
        end,
        read: *read == b'r',
        write: *write == b'w',
        execute: *execute == b'x',
        shared: *shared == b's',
        offset,
        dev: (major, minor),
        inode,
        path,
    })
}

fn byte_then(text: &mut &[u8], byte: u8, radix: u32) -> Option<u64> {
    *text = text.strip_prefix(&[byte])?;
    number(text, radix)
}

fn number(text: &mut &[u8], radix: u32) -> Option<u64> {
    let mut value: u64 = 0;
    let mut digits = 0;
    while let Some(digit) = text.get(digits).and_then(|&byte| char::from(byte).to_digit(radix)) {
        value = value.checked_mul(radix.into())?.checked_add(digit.into())?;
        digits += 1;
    }
    *text = &text[digits..];
    (digits > 0).then_some(value)
}

/// The kernel writes a newline in a path as `\012`, and everything else as it is.
fn unescape(path: &[u8]) -> OsString {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&first, behind)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(br"\012") {
            bytes.push(b'\n');
            rest = behind;
        } else {
            bytes.push(first);
            rest = behind;
        }
    }
    OsString::from_vec(bytes)
}

/// Whether what lies at an address of a process starts as programs and libraries do (ELF, or PE under Wine); `None` where
/// it cannot be read. Reads through the kernel, so that memory that goes away meanwhile is no fault.
pub(in super::super) fn starts_as_program(pid: u32, address: usize) -> Option<bool> {
    let mut start = [0_u8; 4];
    let local = libc::iovec { iov_base: start.as_mut_ptr().cast(), iov_len: start.len() };
    let remote = libc::iovec { iov_base: address as *mut _, iov_len: start.len() };
    // SAFETY: the kernel writes at most 4 bytes to the buffer of 4, and checks the other address itself.
    let read = unsafe { libc::process_vm_readv(pid as i32, &local, 1, &remote, 1, 0) };
    (read == 4).then(|| start == *b"\x7fELF" || start.starts_with(b"MZ"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let text = b"7f5a1000-7f5a3000 r-xp 00002000 fd:1a 1234567    /usr/lib/a b.so\n\
            7f5a3000-7f5a4000 ---p 00000000 00:00 0 \n\
            7f5a4000-7f5a5000 rw-s 00001000 00:01 77                /memfd:x (deleted)\n\
            7ffc0000-7ffc1000 rw-p 00000000 00:00 0                 [stack]\n";
        let ranges = parse(text);
        assert_eq!(ranges.len(), 4);
        let first = &ranges[0];
        assert_eq!((first.start, first.end, first.offset), (0x7f5a1000, 0x7f5a3000, 0x2000));
        assert_eq!((first.read, first.write, first.execute), (true, false, true));
        assert_eq!((first.dev, first.inode, first.shared), ((0xfd, 0x1a), 1234567, false));
        assert_eq!(first.path, "/usr/lib/a b.so");
        assert!(!ranges[1].read && ranges[1].path.is_empty());
        assert!(ranges[2].shared && ranges[2].write);
        assert_eq!(ranges[2].path, "/memfd:x (deleted)");
        assert_eq!(ranges[3].path, "[stack]");
    }

    #[test]
    fn hostile_names_and_broken_lines_change_nothing_else() {
        let text =
            b"1000-2000 r--p 0 00:01 5 /tmp/ 1000-9000 rwxs \xff\\012 3000-4000 r--p 0 0:0 0\n\
            nonsense\n\
            2000-1000 r--p 0 0:0 0\n\
            2000-3000 r--\n\
            fffffffffffffffff-fffffffffffffffff0 r--p 0 0:0 0\n\
            2000-3000 rw-p 00000000 00:00 0\n\
            1800-2800 rw-p 00000000 00:00 0\n\
            \n\
            3000-4000 r--p 0 0:0 0";
        let ranges = parse(text);
        let found: Vec<_> = ranges.iter().map(|range| (range.start, range.end)).collect();
        assert_eq!(found, [(0x1000, 0x2000), (0x2000, 0x3000), (0x3000, 0x4000)]);
        let path = b"/tmp/ 1000-9000 rwxs \xff\n 3000-4000 r--p 0 0:0 0";
        assert_eq!(ranges[0].path.as_encoded_bytes(), path);
    }

    #[test]
    fn the_ranges_of_this_process_hold_its_code_and_its_stack() {
        let ranges = of_this_process().unwrap();
        let at = |address: usize| {
            ranges.iter().find(|range| (range.start..range.end).contains(&address)).unwrap()
        };
        let local = 0;
        assert!(at((&raw const local).addr()).write);
        let code = at(parse as fn(&[u8]) -> Vec<Range> as usize);
        assert!(code.execute && !code.shared && code.inode != 0);
        let first = ranges.iter().find(|range| range.path == code.path).unwrap();
        assert_eq!(starts_as_program(std::process::id(), first.start), Some(true));
        assert_eq!(starts_as_program(std::process::id(), 0), None);
    }
}
