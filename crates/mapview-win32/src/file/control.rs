//! `DeviceIoControl`: what it can do with plain files.

use rustix::fs::{FallocateFlags, SeekFrom};
use rustix::io::Errno;

use super::io::{self, OVERLAPPED};
use super::{file_right, File, Kind};
use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::table::Entry;
use crate::{last_error, table};

const FSCTL_SET_SPARSE: DWORD = 0x9_00C4;
const FSCTL_SET_ZERO_DATA: DWORD = 0x9_80C8;
const FSCTL_QUERY_ALLOCATED_RANGES: DWORD = 0x9_40CF;

fn number(input: &[u8], at: usize) -> Result<u64> {
    let bytes = input.get(at..at + 8).ok_or(Code::INVALID_PARAMETER)?;
    let number = i64::from_ne_bytes(bytes.try_into().map_err(|_| Code::INVALID_PARAMETER)?);
    u64::try_from(number).map_err(|_| Code::INVALID_PARAMETER)
}

/// Does it, and returns what is to be given back; in part, with 234, if there is no room for all.
fn control(entry: &Entry, code: DWORD, input: &[u8], room: usize) -> Result<(Vec<u8>, bool)> {
    let file = entry.file()?;
    if file.kind != Kind::Disk {
        return Err(Code::INVALID_FUNCTION);
    }
    match code {
        FSCTL_SET_SPARSE => {
            entry.need_any(file_right::WRITE_DATA | file_right::WRITE_ATTRIBUTES)?;
            // Files of Linux are sparse from the start; none can be told to be no more.
            match input.first() {
                Some(0) => Err(Code::NOT_SUPPORTED),
                _ => Ok((Vec::new(), false)),
            }
        }
        FSCTL_SET_ZERO_DATA => {
            entry.need(file_right::WRITE_DATA)?;
            zero(file, number(input, 0)?, number(input, 8)?)?;
            Ok((Vec::new(), false))
        }
        FSCTL_QUERY_ALLOCATED_RANGES => {
            entry.need(file_right::READ_DATA)?;
            let (start, len) = (number(input, 0)?, number(input, 8)?);
            let ranges = allocated(file, start, start.saturating_add(len))?;
            let bytes = ranges.iter().flat_map(|(start, end)| [*start, end - start]);
            let mut bytes: Vec<u8> = bytes.flat_map(u64::to_ne_bytes).collect();
            let fits = bytes.len() <= room;
            bytes.truncate(room / 16 * 16);
            Ok((bytes, !fits))
        }
        _ => Err(Code::NOT_SUPPORTED),
    }
}

fn zero(file: &File, start: u64, end: u64) -> Result<()> {
    let end = end.min(super::position::size(file)?);
    if start >= end {
        return Ok(());
    }
    let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    Ok(rustix::fs::fallocate(&file.file, hole, start, end - start)?)
}

fn allocated(file: &File, start: u64, end: u64) -> Result<Vec<(u64, u64)>> {
    // On a description of its own, because asking moves the position.
    use std::os::fd::AsFd;
    let own = super::os::reopen(file.file.as_fd())?;
    let mut ranges = Vec::new();
    let mut at = start;
    while at < end {
        let data = match rustix::fs::seek(&own, SeekFrom::Data(at)) {
            Err(Errno::NXIO) => break, // only a hole is left
            data => data?,
        };
        let hole = rustix::fs::seek(&own, SeekFrom::Hole(data))?;
        if data >= end {
            break;
        }
        ranges.push((data, hole.min(end)));
        at = hole;
    }
    Ok(ranges)
}

#[no_mangle]
unsafe extern "C" fn DeviceIoControl(
    handle: HANDLE,
    code: DWORD,
    input: *const u8,
    input_len: DWORD,
    output: *mut u8,
    output_len: DWORD,
    returned: *mut DWORD,
    overlapped: *mut OVERLAPPED,
) -> BOOL {
    let run = |_| {
        let entry = table::get(handle)?;
        let input = match input_len {
            0 => &[],
            _ if input.is_null() => return Err(Code::NOACCESS),
            // SAFETY: the caller gives so many bytes.
            len => unsafe { std::slice::from_raw_parts(input, len as usize) },
        };
        let (bytes, is_part) = control(&entry, code, input, output_len as usize)?;
        if !bytes.is_empty() {
            if output.is_null() {
                return Err(Code::NOACCESS);
            }
            // SAFETY: the caller gives room for `output_len` bytes, and these are not more.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), output, bytes.len()) };
        }
        if !returned.is_null() {
            // SAFETY: the caller gives NULL or a place.
            unsafe { *returned = bytes.len() as DWORD };
        }
        match is_part {
            true => Err(Code::MORE_DATA),
            false => Ok(bytes.len()),
        }
    };
    last_error::report(match overlapped.is_null() {
        true => run(0).map(drop),
        // SAFETY: the caller gives the structure, as Win32 documents.
        false => unsafe { io::overlapped(overlapped, run) },
    })
}
