//! Objects on their way to another process: descriptors that keep them alive meanwhile, and a text that says what they are.
//!
//! For an object with a name, one of the descriptors is the presence of an entry of its own among the holders, so the
//! name lives as long as the descriptors do, whoever has them. Who receives them takes that entry out again.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;

use super::contents::Contents;
use super::growth::Object;
use super::mapping::{self, Mapping};
use super::member::Anchor;
use super::memory::Memory;
use super::object::Handle;
use super::os::{fail::fail, files, files::OpenFor};
use super::registry;
use crate::{Access, Error, ErrorKind, Name, ObjectKind, Protection, Result};

type Parts = (String, Vec<OwnedFd>);

fn copy(fd: BorrowedFd<'_>) -> Result<OwnedFd> {
    files::duplicate(fd).map_err(|errno| fail(errno, "making a descriptor to pass"))
}

/// Adds what keeps a named object alive, to the text and to the descriptors.
fn add_anchor(name: Option<&Name>, memory: BorrowedFd<'_>, (text, fds): &mut Parts) -> Result<()> {
    let registry = registry::lock();
    let Some(held) = name.and_then(|name| registry.get(name)) else { return Ok(()) };
    let Some(anchor) = held.member.anchor(memory)? else { return Ok(()) };
    fds.push(copy(held.member.record.fd.as_fd())?);
    let (index, number, presence) = anchor.into_parts();
    fds.push(presence);
    *text += &format!(" {index} {number:x}");
    Ok(())
}

/// Takes out what [`add_anchor`] entered, now that this process holds the object by itself.
fn lift(name: Option<&Name>, numbers: &[u64], presence: OwnedFd) -> Result<()> {
    let registry = registry::lock();
    let Some(held) = name.and_then(|name| registry.get(name)) else { return Ok(()) };
    let &[index, number] = numbers else { return Err(bad_parts()) };
    let index = index.try_into().map_err(|_| bad_parts())?;
    held.member.lift(Anchor::of_parts(index, number, presence))
}

fn text_of(object: &Object, access: Access) -> String {
    let (size, flags, maximum) = (object.size(), object.memory.flags, object.memory.maximum);
    let (protection, access) = (object.protection.number(), access.bits());
    format!("mapping {size:x} {protection:x} {access:x} {flags:x} {maximum:x}")
}

/// The same as [`of_mapping`], for as long as a handle is open here.
pub(super) fn raw_of_mapping(object: &Object, access: Access) -> (String, Vec<RawFd>) {
    let mut fds = vec![object.memory.any_descriptor().0.as_raw_fd()];
    let registry = registry::lock();
    let held = object.name.as_ref().and_then(|name| registry.get(name));
    fds.extend(held.map(|held| held.member.record.fd.as_raw_fd()));
    drop(registry);
    (text_of(object, access), fds)
}

pub(super) fn of_mapping(object: &Object, access: Access) -> Result<Parts> {
    object.leave_home();
    let memory = object.memory.any_descriptor().0;
    let mut parts = (text_of(object, access), vec![copy(memory)?]);
    add_anchor(object.name.as_ref(), memory, &mut parts)?;
    Ok(parts)
}

pub(super) fn to_mapping(text: &str, fds: Vec<OwnedFd>) -> Result<Mapping> {
    let mut fds = fds.into_iter();
    let memory = fds.next().ok_or_else(bad_parts)?;
    let (record, presence) = (fds.next(), fds.next());
    let numbers = numbers(text, ObjectKind::Mapping)?;
    let (&[size, protection, access, flags, maximum], rest) =
        numbers.split_first_chunk().ok_or_else(bad_parts)?;
    let access = u32::try_from(access).ok().and_then(Access::from_bits).ok_or_else(bad_parts)?;
    let number = u32::try_from(protection).map_err(|_| bad_parts())?;
    let protection = Protection::from_number(number).ok_or_else(bad_parts)?;
    let flags = u32::try_from(flags).map_err(|_| bad_parts())?;
    let write = access.contains(Access::WRITE);
    let mode = if write { OpenFor::ReadWrite } else { OpenFor::Read };
    let memory = files::open_of_process(std::process::id(), memory.as_raw_fd(), mode)
        .map_err(|errno| fail(errno, "opening the passed memory"))?;
    if let Some(record) = record {
        let contents = Contents::read(record.as_fd())?.ok_or_else(bad_parts)?;
        let name = contents.full_name(record.as_fd())?.ok_or_else(bad_parts)?;
        let object = mapping::open_named(&name, access, Some(&memory))?.ok_or_else(bad_parts)?;
        let mapping = Mapping::of(object, access);
        if let Some(presence) = presence {
            lift(mapping.name(), rest, presence)?;
        }
        return Ok(mapping);
    }
    let memory = Memory::foreign(memory, mode, flags, maximum)?;
    memory.check_size(size)?;
    let object = Object::new(None, size, protection, memory);
    object.leave_home();
    Ok(Mapping::of(Arc::new(object), access))
}

pub(super) fn of_object(handle: &Handle) -> Result<Parts> {
    let kind = handle.object.kind.public();
    let mut parts = (kind.as_str().to_string(), vec![copy(handle.as_fd())?]);
    add_anchor(handle.name(), handle.as_fd(), &mut parts)?;
    Ok(parts)
}

pub(super) fn to_object(text: &str, fds: Vec<OwnedFd>, wanted: ObjectKind) -> Result<Handle> {
    let mut fds = fds.into_iter();
    let object = fds.next().ok_or_else(bad_parts)?;
    let presence = fds.nth(1); // behind the record, which is the object
    let numbers = numbers(text, wanted)?;
    let object = files::open_of_process(std::process::id(), object.as_raw_fd(), OpenFor::ReadWrite)
        .map_err(|errno| fail(errno, "opening the passed object"))?;
    let handle = Handle::of_descriptor(object, wanted)?;
    if let Some(presence) = presence {
        lift(handle.name(), &numbers, presence)?;
    }
    Ok(handle)
}

fn numbers(text: &str, kind: ObjectKind) -> Result<Vec<u64>> {
    let mut words = text.split(' ');
    if words.next() != Some(kind.as_str()) {
        return Err(Error::new(
            ErrorKind::WrongKind,
            format!("what was passed is no {}", kind.as_str()),
        ));
    }
    words.map(|word| u64::from_str_radix(word, 16).map_err(|_| bad_parts())).collect()
}

fn bad_parts() -> Error {
    Error::new(ErrorKind::InvalidData, "what was passed was not made by `to_descriptors`")
}
