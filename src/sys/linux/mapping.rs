//! Mappings: an object that handles share, made or found by name.

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use zerocopy::IntoBytes;

use super::contents::Contents;
use super::growth::Object;
use super::member::{self, directory_of, expect_kind, join, Look, Member};
use super::memory::{must_be_in_record, path_of, Memory};
use super::os::{self, files::OpenFor};
use super::parts;
use super::presence::Presence;
use super::record::{Gate, Record};
use super::registry::{self, Object as Held};
use super::source::{flag_of, Source};
use super::token::{self, Passed};
use super::view::View;
use crate::layout::{flag, kind, Header, PATH_AT};
use crate::sys::{usable, IfExists, MapRequest, MappingRequest};
use crate::{
    Access, Caching, Error, ErrorKind, Name, Namespace, ObjectKind, Protection, Result, Security,
};

/// How long to wait for a holder that is ending: the kernel takes its descriptors first and its presence a while later.
const PATIENCE: Duration = Duration::from_secs(5);

/// A handle.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(super) object: Arc<Object>,
    access: Access,
    passed: Option<Passed>,
    open: bool,
}

impl Mapping {
    pub(crate) fn create(request: MappingRequest) -> Result<(Mapping, bool)> {
        let MappingRequest { name, protection, security, inheritable, if_exists, caching, .. } =
            request;
        let access = protection.access();
        let source = Source::check(request.backing, request.size, protection, request.numa_node)?;
        let (object, created) = match &name {
            None => (Arc::new(source.make(None, protection, caching)?), true),
            Some(name) => create_named(name, source, protection, &security, caching)?,
        };
        let mut mapping = Mapping { object, access, passed: None, open: true };
        if !created && if_exists == IfExists::Fail {
            return Err(Error::new(ErrorKind::AlreadyExists, "a mapping has this name"));
        }
        if inheritable {
            mapping.make_inheritable()?;
        }
        Ok((mapping, created))
    }

    pub(crate) fn open(name: &Name, access: Access, inheritable: bool) -> Result<Mapping> {
        let object = open_named(name, access, None)?
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "nobody has a mapping of this name"))?;
        let mut mapping = Mapping { object, access, passed: None, open: true };
        if inheritable {
            mapping.make_inheritable()?;
        }
        Ok(mapping)
    }

    pub(crate) fn duplicate_from(pid: u32, raw: u64) -> Result<Mapping> {
        token::duplicate_mapping(pid, raw)
    }

    pub(crate) fn from_token(text: &str) -> Result<Mapping> {
        token::inherit_mapping(text)
    }

    pub(crate) fn to_token(&self) -> Result<String> {
        token::mapping_token(&self.object, self.access, self.passed.as_ref())
    }

    pub(super) fn to_parts(&self) -> Result<(String, Vec<OwnedFd>)> {
        parts::of_mapping(&self.object, self.access)
    }

    pub(super) fn raw_parts(&self) -> (String, Vec<RawFd>) {
        parts::raw_of_mapping(&self.object, self.access)
    }

    /// A handle to an object that the caller already counts as one of its handles.
    pub(super) fn of(object: Arc<Object>, access: Access) -> Mapping {
        Mapping { object, access, passed: None, open: true }
    }

    pub(crate) fn size(&self) -> u64 {
        self.object.size()
    }

    pub(crate) fn known_size(&self) -> u64 {
        self.object.known_size()
    }

    pub(crate) fn grow(&self, size: u64) -> Result<u64> {
        self.object.grow(size, self.access)
    }

    pub(crate) fn access(&self) -> Access {
        self.access
    }

    pub(crate) fn has_large_pages(&self) -> bool {
        self.object.memory.page() != os::memory::page_size()
    }

    pub(crate) fn caching(&self) -> Caching {
        self.object.memory.caching()
    }

    pub(crate) fn name(&self) -> Option<&Name> {
        self.object.name.as_ref()
    }

    pub(super) fn object(&self) -> &Object {
        &self.object
    }

    pub(crate) fn map(&self, request: &MapRequest) -> Result<View> {
        View::map(&self.object, request)
    }

    pub(crate) fn try_clone(&self) -> Result<Mapping> {
        if let Some(name) = self.name() {
            registry::retain(&mut registry::lock(), name);
        }
        Ok(Mapping::of(self.object.clone(), self.access))
    }

    pub(crate) fn try_clone_with(&self, access: Access) -> Result<Mapping> {
        if usable(access, self.object.protection).contains(Access::WRITE) {
            self.object.memory.descriptor(OpenFor::ReadWrite).map_err(|_| {
                let why = "others made the mapping or own its file, and let this process only read";
                Error::new(ErrorKind::AccessDenied, why)
            })?;
        }
        let mut copy = self.try_clone()?;
        copy.access = access;
        Ok(copy)
    }

    /// Without a file, who has the memory has the object. The same file may be behind several objects.
    pub(crate) fn is_same(&self, other: &Mapping) -> bool {
        let (one, other) = (&self.object, &other.object);
        let both_memory = !one.memory.is_file() && !other.memory.is_file();
        Arc::ptr_eq(one, other) || both_memory && one.memory.identity == other.memory.identity
    }

    pub(crate) fn raw(&self) -> u64 {
        self.as_fd().as_raw_fd() as u64
    }

    /// A descriptor that has the rights of this handle and not more, should this process have both kinds.
    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.object.leave_home();
        let write = self.access.contains(Access::WRITE);
        let mode = if write { OpenFor::ReadWrite } else { OpenFor::Read };
        let memory = &self.object.memory;
        memory.descriptor(mode).unwrap_or(memory.any_descriptor().0)
    }

    pub(crate) fn close(mut self) -> Result<()> {
        self.release()
    }

    fn make_inheritable(&mut self) -> Result<()> {
        self.object.leave_home();
        self.passed = Some(Passed::new(self.name(), self.object.memory.any_descriptor().0)?);
        Ok(())
    }

    fn release(&mut self) -> Result<()> {
        if !std::mem::replace(&mut self.open, false) {
            return Ok(());
        }
        let anchor = self.passed.take().and_then(|passed| passed.anchor);
        match self.name() {
            Some(name) => registry::release(name, anchor),
            None => Ok(()),
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // What `close` would report is trouble with the record, which the kernel's view of who lives outlasts.
        let _ = self.release();
    }
}

/// What a visit to a record yields.
type Attached = (Arc<Object>, (u32, Arc<Presence>));

fn create_named(
    name: &Name,
    source: Source,
    protection: Protection,
    security: &Security,
    caching: Caching,
) -> Result<(Arc<Object>, bool)> {
    let access = protection.access();
    let mut registry = registry::lock();
    if let Some(held) = registry::retain(&mut registry, name) {
        return Ok((into_mapping(&mut registry, name, held)?, false));
    }
    drop(registry);
    let directory = directory_of(name)?;
    // Looking for a file that is not there takes nearly as long as making it. But other users could not tell the empty one
    // from one that is kept from them.
    let record = match name.namespace() {
        Namespace::Local => Record::create(&directory, name)?,
        Namespace::Global => None,
    };
    if record.is_none() {
        if let Some(object) = open_named(name, access, None)? {
            return Ok((object, false));
        }
    }
    // Allocating takes time; nobody waits for it at the gate unless the memory must lie in the record.
    let made = match source {
        Source::PagingFile(wanted) if must_be_in_record(security) => match wanted.large_pages {
            true => Err(Error::new(
                ErrorKind::Unsupported,
                "large pages can be shared by name only among one user's processes; pass the handle to others",
            )),
            false => Ok((None, Some(wanted))),
        },
        source => source.make(Some(name), protection, caching).map(|object| (Some(object), None)),
    };
    let (mut made, in_record) = made.inspect_err(|_| record.iter().for_each(Record::discard))?;
    let mut registry = registry::lock();
    if let Some(held) = registry::retain(&mut registry, name) {
        return Ok((into_mapping(&mut registry, name, held)?, false));
    }
    let mut created = false;
    let visited = member::visit(
        &directory,
        name,
        record,
        |record, gate, contents| attach(name, record, gate, contents, access, None),
        Some(&mut |record, gate| {
            member::secure(&record.fd, &gate.stat, security, false)?;
            let object = match (made.take(), in_record) {
                (Some(object), _) => object,
                (None, Some(wanted)) => {
                    let mut memory = Memory::allocate_in(record, &wanted)?;
                    memory.flags |= flag_of(caching);
                    Object::new(Some(name.clone()), wanted.size, protection, memory)
                }
                (None, None) => unreachable!("a record is filled once"),
            };
            created = true;
            fill(name, record, gate, object)
        }),
    )?;
    let (record, (object, joined)) = visited.expect("a free name is taken");
    take_in(&mut registry, name, record, &object, joined);
    Ok((object, created))
}

/// Opens by name: among what this process holds, else through the record. `passed` is the memory, if a parent passed it.
pub(super) fn open_named(
    name: &Name,
    access: Access,
    passed: Option<&OwnedFd>,
) -> Result<Option<Arc<Object>>> {
    let mut registry = registry::lock();
    if let Some(held) = registry::retain(&mut registry, name) {
        return into_mapping(&mut registry, name, held).map(Some);
    }
    let directory = directory_of(name)?;
    let existing = |record: &Record, gate: &Gate<'_>, contents: &mut Contents| {
        attach(name, record, gate, contents, access, passed)
    };
    match member::visit(&directory, name, None, existing, None) {
        Ok(Some((record, (object, joined)))) => {
            take_in(&mut registry, name, record, &object, joined);
            Ok(Some(object))
        }
        Ok(None) => Ok(None),
        Err(error)
            if error.kind() == ErrorKind::AccessDenied && !access.contains(Access::WRITE) =>
        {
            let found = super::reader::open(&directory, name)?;
            Ok(found.map(|(object, member)| {
                let object = Arc::new(object);
                registry::insert(&mut registry, name, Held::Mapping(object.clone()), member);
                object
            }))
        }
        Err(error) => Err(error),
    }
}

fn into_mapping(registry: &mut registry::Registry, name: &Name, held: Held) -> Result<Arc<Object>> {
    held.into_mapping().inspect_err(|_| registry::undo_retain(registry, name))
}

fn take_in(
    registry: &mut registry::Registry,
    name: &Name,
    record: Record,
    object: &Arc<Object>,
    joined: (u32, Arc<Presence>),
) {
    let member = Member::new(record, joined, object.memory.raw());
    registry::insert(registry, name, Held::Mapping(object.clone()), member);
}

/// Describes a new object in its record.
fn fill(name: &Name, record: &Record, gate: &Gate<'_>, object: Object) -> Result<Attached> {
    let mut header = Header::new(kind::MAPPING, name.units().len());
    header.flags = object.memory.flags;
    if name.namespace() == Namespace::Global {
        header.flags |= flag::GLOBAL;
    }
    header.size = object.known_size();
    header.maximum = object.memory.maximum;
    header.protection = object.protection.number();
    (header.memory_dev, header.memory_ino) = object.memory.identity;
    if object.memory.is_file() {
        let path = path_of(object.memory.any_descriptor().0);
        header.path_bytes = path.len() as u32;
        record.write(path.as_bytes(), PATH_AT)?;
    }
    let joined = member::prepare(&record.directory, gate, name, object.memory.raw())?;
    gate.publish(&header)?;
    Ok((Arc::new(object), joined))
}

/// Joins the holders of an object that exists.
fn attach(
    name: &Name,
    record: &Record,
    gate: &Gate<'_>,
    contents: &mut Contents,
    access: Access,
    passed: Option<&OwnedFd>,
) -> Result<Look<Attached>> {
    let header = contents.header;
    if header.kind != kind::MAPPING || header.is(flag::IN_RECORD) {
        if !gate.is_held(contents)? {
            return Ok(Look::Dead);
        }
        expect_kind(&header, ObjectKind::Mapping)?;
    }
    let protection = protection_of(&header)?;
    let write = usable(access, protection).contains(Access::WRITE);
    let mode = if write { OpenFor::ReadWrite } else { OpenFor::Read };
    let Some(memory) = reach(record, gate, contents, mode, passed)? else {
        return Ok(Look::Dead);
    };
    let fd = memory.raw();
    let joined = join(&record.directory, gate, contents, fd.as_raw_fd())?;
    let object = Object::new(Some(name.clone()), header.size, protection, memory);
    Ok(Look::Found((Arc::new(object), joined)))
}

/// The memory of an object, `None` if only dead processes hold it.
fn reach(
    record: &Record,
    gate: &Gate<'_>,
    contents: &mut Contents,
    mode: OpenFor,
    passed: Option<&OwnedFd>,
) -> Result<Option<Memory>> {
    let start = Instant::now();
    loop {
        if let Some(memory) = Memory::find(record, contents, mode)? {
            return Ok(Some(memory));
        }
        if let Some(fd) = passed {
            return Memory::passed(fd, mode, &contents.header).map(Some);
        }
        // Asked first: who has ended by the time of the second question is not taken for somebody who refuses.
        let ending = record.has_ending_holder(contents);
        if !gate.is_held(contents)? {
            return Ok(None);
        }
        if !ending || start.elapsed() > PATIENCE {
            let why = "the processes that hold it do not let this one reach its memory: another pid namespace, or not dumpable";
            return Err(Error::new(ErrorKind::AccessDenied, why));
        }
        os::pause(Duration::from_micros(100));
    }
}

pub(super) fn protection_of(header: &Header) -> Result<Protection> {
    Protection::from_number(header.protection)
        .ok_or_else(|| Error::new(ErrorKind::InvalidData, "its record names no known protection"))
}
