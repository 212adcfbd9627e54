//! An address space as Windows would tell it, from the kernel's ranges: which ranges are one allocation, and what kind of
//! memory each is.
//!
//! The kernel knows protections, not states: private memory that permits nothing counts as reserved. For what this process
//! allocated itself, its books know better.

use std::path::PathBuf;

use super::os::{maps, maps::Range};
use crate::{Caching, Error, ErrorKind, MemoryInfo, MemoryKind, MemoryState, Protect};

/// The addresses that belong to programs, as on Windows: the first, and the one behind the last.
pub(crate) const LOWEST: usize = 0x1_0000;
pub(crate) const HIGHEST: usize = 0x7FFF_FFFF_0000;

/// What lies at the addresses of programs, without gaps: free memory is told too. Neighbours differ, or belong to different
/// allocations. `pid` is the process of the ranges; programs and libraries are recognised by their first bytes there.
pub(super) fn describe(pid: u32, ranges: &[Range]) -> Vec<MemoryInfo> {
    let mut told: Vec<MemoryInfo> = Vec::with_capacity(ranges.len() * 2);
    let mut reached = LOWEST;
    let mut rest = ranges;
    while !rest.is_empty() {
        let (allocation, behind) = rest.split_at(allocation_len(rest));
        rest = behind;
        let kind = kind(pid, allocation);
        for range in allocation {
            // Ranges that melt together while the kernel tells them can be told twice.
            let (start, end) = (range.start.max(reached), range.end.min(HIGHEST));
            if start >= end {
                continue; // the kernel's own, above all programs
            }
            if start > reached {
                told.push(free(reached, start));
            }
            push(&mut told, info(range, start..end, allocation, kind));
            reached = end;
        }
    }
    if reached < HIGHEST {
        told.push(free(reached, HIGHEST));
    }
    told
}

/// What lies at an address, from the page with the address on.
///
/// # Errors
/// `InvalidParameter`: no program's memory lies there.
pub(super) fn at(told: &[MemoryInfo], address: usize) -> crate::Result<MemoryInfo> {
    if !(LOWEST..HIGHEST).contains(&address) {
        let why = format!("{address:#x} is not between {LOWEST:#x} and {HIGHEST:#x}, where programs have their memory");
        return Err(Error::new(ErrorKind::InvalidParameter, why));
    }
    let index = told.partition_point(|info| info.base + info.len <= address);
    let mut info = told[index].clone();
    let page = address / super::os::memory::page_size() * super::os::memory::page_size();
    info.len -= page - info.base;
    info.base = page;
    Ok(info)
}

/// How many of the first ranges are one allocation: those of one file, with consecutive offsets. From the code of a program
/// on its parts may overlap in the file by a page, or leave out what is not loaded.
fn allocation_len(ranges: &[Range]) -> usize {
    let mut code = false;
    let follows = |pair: &&[Range]| {
        let (one, next) = (&pair[0], &pair[1]);
        code |= one.execute || next.execute;
        let one_file = (one.dev, one.inode, one.shared) == (next.dev, next.inode, next.shared);
        let consecutive = one.offset + (one.end - one.start) as u64 == next.offset;
        let of_program = code && !one.shared && next.offset >= one.offset;
        one.inode != 0 && one.end == next.start && one_file && (consecutive || of_program)
    };
    1 + ranges.windows(2).take_while(follows).count()
}

fn kind(pid: u32, allocation: &[Range]) -> MemoryKind {
    let first = &allocation[0];
    if first.inode == 0 {
        return MemoryKind::Private;
    }
    let may_be_program = !first.shared && allocation.iter().any(|range| range.execute);
    if may_be_program && maps::starts_as_program(pid, first.start).unwrap_or(first.offset == 0) {
        return MemoryKind::Image;
    }
    MemoryKind::Mapped
}

fn info(
    range: &Range,
    place: std::ops::Range<usize>,
    allocation: &[Range],
    kind: MemoryKind,
) -> MemoryInfo {
    let protect = protect(range);
    let reserved = kind == MemoryKind::Private && protect == Protect::NO_ACCESS;
    MemoryInfo {
        base: place.start,
        len: place.len(),
        allocation_base: allocation[0].start,
        allocation_protect: None,
        state: if reserved { MemoryState::Reserved } else { MemoryState::Committed },
        protect: (!reserved).then_some(protect),
        caching: Caching::Cached,
        kind: Some(kind),
        file: (!range.path.is_empty()).then(|| PathBuf::from(&range.path)),
    }
}

/// What the kernel permits, in the words of Windows.
fn protect(range: &Range) -> Protect {
    let copies = range.inode != 0 && !range.shared;
    match (range.read, range.write, range.execute) {
        (_, true, true) if copies => Protect::EXECUTE_WRITE_COPY,
        (_, true, true) => Protect::EXECUTE_READ_WRITE,
        (_, true, false) if copies => Protect::WRITE_COPY,
        (_, true, false) => Protect::READ_WRITE,
        (true, false, true) => Protect::EXECUTE_READ,
        (true, false, false) => Protect::READ_ONLY,
        (false, false, true) => Protect::EXECUTE,
        (false, false, false) => Protect::NO_ACCESS,
    }
}

pub(super) fn free(start: usize, end: usize) -> MemoryInfo {
    MemoryInfo {
        base: start,
        len: end - start,
        allocation_base: 0,
        allocation_protect: None,
        state: MemoryState::Free,
        protect: None,
        caching: Caching::Cached,
        kind: None,
        file: None,
    }
}

/// Appends, or prolongs the last where nothing but the length would differ.
pub(super) fn push(told: &mut Vec<MemoryInfo>, info: MemoryInfo) {
    if let Some(last) = told.last_mut() {
        let alike = MemoryInfo { base: last.base, len: last.len, ..info.clone() } == *last;
        if alike && last.base + last.len == info.base {
            last.len += info.len;
            return;
        }
    }
    told.push(info);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<MemoryInfo> {
        // No process has this number, so programs are recognised by their ranges.
        describe(u32::MAX >> 1, &maps::parse(text.as_bytes()))
    }

    #[test]
    fn the_whole_range_of_programs_is_told_without_gaps() {
        for text in ["", "8000-12000 rw-p 0 0:0 0\nffffffffff600000-ffffffffff601000 --xp 0 0:0 0"]
        {
            let told = told(text);
            assert_eq!(told[0].base, LOWEST);
            assert!(told.windows(2).all(|pair| pair[0].base + pair[0].len == pair[1].base));
            let last = told.last().unwrap();
            assert_eq!(last.base + last.len, HIGHEST);
        }
    }

    #[test]
    fn parts_of_one_file_are_one_allocation() {
        let told = told(
            "100000-102000 r--p 00000000 8:1 7 /lib/a\n\
            102000-104000 r-xp 00001000 8:1 7 /lib/a\n\
            104000-105000 rw-p 00003000 8:1 7 /lib/a\n\
            105000-106000 rw-p 00000000 0:0 0\n\
            106000-107000 rw-s 00000000 0:1 9 /memfd:x (deleted)\n\
            107000-108000 r--s 00001000 0:1 9 /memfd:x (deleted)\n\
            108000-109000 r--s 00000000 0:1 9 /memfd:x (deleted)\n\
            109000-10a000 ---p 00000000 0:0 0\n\
            10a000-10b000 rw-p 00000000 8:1 8 /data\n",
        );
        let found: Vec<_> = told[1..told.len() - 1]
            .iter()
            .map(|info| (info.base >> 12, info.allocation_base >> 12, info.kind.unwrap()))
            .collect();
        use MemoryKind::{Image, Mapped, Private};
        let expected = [
            (0x100, 0x100, Image),
            (0x102, 0x100, Image),
            (0x104, 0x100, Image),
            (0x105, 0x105, Private),
            (0x106, 0x106, Mapped),
            (0x107, 0x106, Mapped),
            (0x108, 0x108, Mapped),
            (0x109, 0x109, Private),
            (0x10a, 0x10a, Mapped),
        ];
        assert_eq!(found, expected);
        assert_eq!(told[8].state, MemoryState::Reserved);
        assert_eq!(told[9].protect, Some(Protect::WRITE_COPY));
        assert_eq!(told[3].protect, Some(Protect::WRITE_COPY));
        assert_eq!(told[7].file.as_deref(), Some("/memfd:x (deleted)".as_ref()));
    }

    #[test]
    fn ranges_that_differ_in_nothing_that_is_told_are_one() {
        let told = told(
            "100000-102000 rw-s 00000000 0:1 7 /memfd:x\n\
            102000-104000 rw-s 00002000 0:1 7 /memfd:x\n",
        );
        assert_eq!((told.len(), told[1].len), (3, 0x4000));
        let info = at(&told, 0x103456).unwrap();
        assert_eq!((info.base, info.len, info.allocation_base), (0x103000, 0x1000, 0x100000));
        assert_eq!(at(&told, 0x104000).unwrap().state, MemoryState::Free);
        assert_eq!(at(&told, 0xffff).unwrap_err().win32_code(), 87);
        assert_eq!(at(&told, HIGHEST).unwrap_err().win32_code(), 87);
    }
}
