//! Handles that travel without a name: what an inheriting child is told, and what another process's handle number means.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use super::contents::Contents;
use super::growth::{self, Object};
use super::mapping::{self, Mapping};
use super::member::Anchor;
use super::memory::Memory;
use super::object::Handle;
use super::os::{fail::fail, files, files::OpenFor};
use super::registry;
use crate::layout::flag;
use crate::{Access, Error, ErrorKind, Name, ObjectKind, Protection, Result};

/// What an inheritable handle keeps open for children: descriptors that survive `exec`, and an entry in the record that
/// lasts as long as any of the children.
#[derive(Debug)]
pub(super) struct Passed {
    /// A mapping's memory, or the record of another object.
    object: OwnedFd,
    record: Option<OwnedFd>,
    pub anchor: Option<Anchor>,
}

impl Passed {
    pub(super) fn new(name: Option<&Name>, object: BorrowedFd<'_>) -> Result<Passed> {
        let object = inheritable(object)?;
        let registry = registry::lock();
        let Some(held) = name.and_then(|name| registry.get(name)) else {
            return Ok(Passed { object, record: None, anchor: None });
        };
        let record = inheritable(held.member.record.fd.as_fd())?;
        let anchor = held.member.anchor(object.as_fd())?;
        if let Some(anchor) = &anchor {
            anchor.make_inheritable()?;
        }
        Ok(Passed { object, record: Some(record), anchor })
    }
}

fn inheritable(fd: BorrowedFd<'_>) -> Result<OwnedFd> {
    let copy = files::duplicate(fd);
    copy.and_then(|copy| files::set_inheritable(copy.as_fd(), true).map(|()| copy))
        .map_err(|errno| fail(errno, "making the handle inheritable"))
}

/// Seven numbers: memory, size, protection, access, flags, record or -1, maximum.
pub(super) fn mapping_token(
    object: &Object,
    access: Access,
    passed: Option<&Passed>,
) -> Result<String> {
    let passed = passed.ok_or_else(not_inheritable)?;
    let record = passed.record.as_ref().map_or(-1, AsRawFd::as_raw_fd);
    let (memory, size) = (passed.object.as_raw_fd(), object.size());
    let (protection, flags) = (object.protection.number(), object.memory.flags);
    let (access, maximum) = (access.bits(), object.memory.maximum);
    Ok(format!("mapping {memory} {size} {protection} {access} {flags} {record} {maximum}"))
}

/// One number: the record.
pub(super) fn object_token(kind: ObjectKind, passed: Option<&Passed>) -> Result<String> {
    let passed = passed.ok_or_else(not_inheritable)?;
    Ok(format!("{} {}", kind.as_str(), passed.object.as_raw_fd()))
}

pub(super) fn inherit_mapping(text: &str) -> Result<Mapping> {
    let numbers = numbers(text, "mapping")?;
    let &[memory, size, protection, access, flags, record, maximum] = numbers.as_slice() else {
        return Err(bad_token());
    };
    let access = u32::try_from(access).ok().and_then(Access::from_bits).ok_or_else(bad_token)?;
    let number = u32::try_from(protection).map_err(|_| bad_token())?;
    let protection = Protection::from_number(number).ok_or_else(bad_token)?;
    let write = access.contains(Access::WRITE);
    let mode = if write { OpenFor::ReadWrite } else { OpenFor::Read };
    let memory = open_inherited(memory, mode)?;
    if record >= 0 {
        let record = open_inherited(record, OpenFor::ReadWrite)?;
        let contents = Contents::read(record.as_fd())?.ok_or_else(bad_token)?;
        let name = contents.full_name(record.as_fd())?.ok_or_else(bad_token)?;
        let object = mapping::open_named(&name, access, Some(&memory))?.ok_or_else(bad_token)?;
        return Ok(Mapping::of(object, access));
    }
    let flags = u32::try_from(flags).map_err(|_| bad_token())?;
    let size = size as u64;
    let memory = Memory::foreign(memory, mode, flags, maximum as u64)?;
    memory.check_size(size)?;
    let object = Object::new(None, size, protection, memory);
    object.leave_home();
    Ok(Mapping::of(Arc::new(object), access))
}

pub(super) fn inherit_object(text: &str, wanted: ObjectKind) -> Result<Handle> {
    let numbers = numbers(text, wanted.as_str())?;
    let &[record] = numbers.as_slice() else { return Err(bad_token()) };
    Handle::of_descriptor(open_inherited(record, OpenFor::ReadWrite)?, wanted)
}

pub(super) fn duplicate_mapping(pid: u32, raw: u64) -> Result<Mapping> {
    let (fd, mode, what) = open_foreign(pid, raw)?;
    let stat = files::fstat(&fd).map_err(|errno| fail(errno, "looking at the handle"))?;
    let (flags, size, maximum) = match what {
        What::Memory { maximum } => (0, stat.st_size as u64, maximum),
        What::File => (flag::FILE, stat.st_size as u64, 0),
        What::Record => {
            let contents = Contents::read(fd.as_fd())?.ok_or_else(not_a_mapping)?;
            if !contents.header.is(flag::IN_RECORD) {
                return Err(not_a_mapping());
            }
            (contents.header.flags, contents.header.size, contents.header.maximum)
        }
        What::Object => return Err(not_a_mapping()),
    };
    if size == 0 || !files::is_file(&stat) {
        return Err(not_a_mapping());
    }
    let (protection, access) = match mode {
        OpenFor::Read => (Protection::ExecuteRead, Access::READ),
        OpenFor::ReadWrite => (Protection::ExecuteReadWrite, Access::READ | Access::WRITE),
    };
    let memory = Memory::foreign(fd, mode, flags, maximum)?;
    memory.check_size(size)?;
    let object = Object::new(None, size, protection, memory);
    object.leave_home();
    Ok(Mapping::of(Arc::new(object), access))
}

pub(super) fn duplicate_object(pid: u32, raw: u64, wanted: ObjectKind) -> Result<Handle> {
    match open_foreign(pid, raw)? {
        (fd, OpenFor::ReadWrite, What::Object | What::Record) => Handle::of_descriptor(fd, wanted),
        _ => {
            let why = format!("the handle is not a {}", wanted.as_str());
            Err(Error::new(ErrorKind::WrongKind, why))
        }
    }
}

/// What a descriptor of another process is, by the name that /proc gives it: its content may be anybody's.
enum What {
    Memory {
        maximum: u64,
    },
    /// A mutex, event or semaphore without a name.
    Object,
    Record,
    File,
}

fn open_foreign(pid: u32, raw: u64) -> Result<(OwnedFd, OpenFor, What)> {
    let missing = || Error::new(ErrorKind::NotFound, "no such process, or it has no such handle");
    let number = i32::try_from(raw).map_err(|_| missing())?;
    let doing = "opening another process's handle";
    let link = files::link_of_process(pid, number).map_err(|errno| fail(errno, doing))?;
    let what = match link.as_str() {
        memory if memory.starts_with("/memfd:mapview-object") => What::Object,
        memory if memory.starts_with("/memfd:") => {
            What::Memory { maximum: growth::maximum_of_memory(memory) }
        }
        path if path.rsplit('/').next().is_some_and(is_record_file) => What::Record,
        _ => What::File,
    };
    let mode = files::mode_of_process(pid, number).ok_or_else(missing)?;
    let fd = files::open_of_process(pid, number, mode).map_err(|errno| fail(errno, doing))?;
    Ok((fd, mode, what))
}

fn is_record_file(name: &str) -> bool {
    let digits = name.strip_prefix("o-").unwrap_or("");
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn open_inherited(number: i64, mode: OpenFor) -> Result<OwnedFd> {
    let number = i32::try_from(number).map_err(|_| bad_token())?;
    files::open_of_process(std::process::id(), number, mode)
        .map_err(|errno| fail(errno, "opening the inherited handle"))
}

fn numbers(text: &str, kind: &str) -> Result<Vec<i64>> {
    let mut words = text.split(' ');
    if words.next() != Some(kind) {
        let why = format!("the parent passed no {kind} under this key");
        return Err(Error::new(ErrorKind::InvalidData, why));
    }
    words.map(|word| word.parse().map_err(|_| bad_token())).collect()
}

fn bad_token() -> Error {
    Error::new(ErrorKind::InvalidData, "what the parent passed is not a handle of mapview")
}

fn not_inheritable() -> Error {
    Error::new(ErrorKind::InvalidParameter, "it was not created or opened as inheritable")
}

fn not_a_mapping() -> Error {
    Error::new(ErrorKind::WrongKind, "the handle is not a mapping")
}
