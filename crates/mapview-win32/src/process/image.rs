//! Which file a program is.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::os;
use crate::code::{Code, Result};
use crate::file;

pub(super) const BAD_EXE_FORMAT: Code = Code(193);

/// A path of Windows as one of Linux.
fn to_path(name: &[u16]) -> Result<PathBuf> {
    file::path::to_linux(Some(&file::path::from_wide(name)))
}

/// Where a process's program lies.
pub(super) fn path_of(pid: u32) -> Option<PathBuf> {
    let path = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    let bytes = path.as_os_str().as_bytes();
    Some(OsStr::from_bytes(bytes.strip_suffix(b" (deleted)").unwrap_or(bytes)).into())
}

pub(super) fn to_units(path: &Path) -> Vec<u16> {
    file::path::to_wide(path.as_os_str().as_bytes())
}

pub(super) fn own_path() -> Vec<u16> {
    path_of(std::process::id()).map_or(Vec::new(), |path| to_units(&path))
}

/// The program that `CreateProcess` is asked for, and the command line it gets.
///
/// # Errors
/// 2 or 3 if there is none, 5 if it may not be run, 87 if none is named, 193 if it is no program.
pub(super) fn find(
    application: Option<&[u16]>,
    line: Option<&[u16]>,
) -> Result<(PathBuf, Vec<u16>)> {
    let line = line.filter(|line| !line.is_empty());
    match (application, line) {
        (Some(name), line) => {
            let path = usable(&to_path(name)?, false)?;
            let quoted = || [&[b'"'.into()], name, &[b'"'.into()]].concat();
            Ok((path, line.map_or_else(quoted, <[u16]>::to_vec)))
        }
        (None, Some(line)) => Ok((named_in(line)?, line.to_vec())),
        (None, None) => Err(Code::INVALID_PARAMETER),
    }
}

/// The program at the beginning of a command line: what stands between quotes; or else up to one of the blanks, the first
/// where it is a program.
fn named_in(line: &[u16]) -> Result<PathBuf> {
    let is_blank = |unit: &u16| *unit == b' '.into() || *unit == b'\t'.into();
    let start = line.iter().position(|unit| !is_blank(unit)).unwrap_or(line.len());
    let line = &line[start..];
    if let Some((&quote, quoted)) = line.split_first() {
        if quote == b'"'.into() {
            let end = quoted.iter().position(|&unit| unit == quote).unwrap_or(quoted.len());
            return search(&quoted[..end]);
        }
    }
    let blanks = line.iter().enumerate().filter(|(_, unit)| is_blank(unit)).map(|(at, _)| at);
    let mut first = None;
    for end in blanks.chain([line.len()]) {
        match search(&line[..end]) {
            Ok(path) => return Ok(path),
            Err(code) => first = first.or(Some(code)),
        }
    }
    Err(first.unwrap_or(Code::FILE_NOT_FOUND))
}

/// Looks for a program where Windows does: a name alone beside this program, in the current directory and in `PATH`.
fn search(name: &[u16]) -> Result<PathBuf> {
    if name.is_empty() {
        return Err(Code::FILE_NOT_FOUND);
    }
    let name = to_path(name)?;
    if name.as_os_str().as_bytes().contains(&b'/') {
        return usable(&name, true).map_err(|code| match code {
            Code::PATH_NOT_FOUND => Code::FILE_NOT_FOUND,
            code => code,
        });
    }
    let beside = path_of(std::process::id()).and_then(|own| own.parent().map(Path::to_path_buf));
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let places =
        beside.into_iter().chain([PathBuf::from(".")]).chain(std::env::split_paths(&paths));
    for place in places {
        match usable(&place.join(&name), true) {
            Err(Code::FILE_NOT_FOUND | Code::PATH_NOT_FOUND) => {}
            found => return found,
        }
    }
    Err(Code::FILE_NOT_FOUND)
}

/// The program with this path, or with `.exe` behind it if `append`; what is called so on Windows may lack it here.
fn usable(path: &Path, append: bool) -> Result<PathBuf> {
    let mut candidates = vec![path.to_path_buf()];
    if append && path.extension().is_none() {
        candidates.push(path.with_extension("exe"));
    }
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("exe")) {
        candidates.push(path.with_extension(""));
    }
    let is_there = |path: &&PathBuf| fs::metadata(path).is_ok_and(|found| !found.is_dir());
    if let Some(found) = candidates.iter().find(is_there) {
        return check(found).map(|()| found.clone());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    match fs::metadata(path) {
        Ok(_) => Err(Code::ACCESS_DENIED), // a directory
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(Code::ACCESS_DENIED)
        }
        Err(_) if parent.is_some_and(|parent| !parent.is_dir()) => Err(Code::PATH_NOT_FOUND),
        Err(_) => Err(Code::FILE_NOT_FOUND),
    }
}

/// Whether a file can be run, so far as one can tell before trying.
fn check(path: &Path) -> Result<()> {
    if os::may_execute(path) {
        return Ok(());
    }
    let mut magic = [0; 4];
    let is_program = match File::open(path).and_then(|mut file| file.read_exact(&mut magic)) {
        Ok(()) => magic == *b"\x7fELF" || magic.starts_with(b"#!"),
        Err(error) => error.kind() == std::io::ErrorKind::PermissionDenied,
    };
    // What is a program, but for the permission, may not be run; anything else is none.
    Err(if is_program { Code::ACCESS_DENIED } else { BAD_EXE_FORMAT })
}

/// A path of Windows for the system.
pub(super) fn to_c_path(name: &[u16]) -> Result<std::ffi::CString> {
    let path = to_path(name)?.into_os_string().into_vec();
    std::ffi::CString::new(path).map_err(|_| Code::INVALID_PARAMETER)
}
