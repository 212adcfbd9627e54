//! Mutexes, events, semaphores and timers: what they have in common. One word of a shared page each, found by name or descriptor.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::atomic::Ordering;
use std::sync::Arc;

use zerocopy::IntoBytes;

use super::contents::Contents;
use super::member::{self, directory_of, expect_kind, join, Look, Member};
use super::os::{fail::fail, files, memory};
use super::page::Page;
use super::presence::Presence;
use super::record::{Gate, Record};
use super::registry::{self, Object as Held, Registry};
use super::token::{self, Passed};
use crate::layout::{flag, kind, Header, PAGE};
use crate::sys::IfExists;
use crate::{Error, ErrorKind, Name, Namespace, ObjectKind, Result, Security};

/// What the word of an object means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Mutex,
    AutoEvent,
    ManualEvent,
    Semaphore { most: u32 },
    AutoTimer,
    ManualTimer,
}

impl Kind {
    /// What the public calls it.
    pub(super) fn public(self) -> ObjectKind {
        match self {
            Kind::Mutex => ObjectKind::Mutex,
            Kind::AutoEvent | Kind::ManualEvent => ObjectKind::Event,
            Kind::Semaphore { .. } => ObjectKind::Semaphore,
            Kind::AutoTimer | Kind::ManualTimer => ObjectKind::Timer,
        }
    }

    /// Whether its word is that of a manual-reset event.
    #[inline]
    pub(super) fn is_manual(self) -> bool {
        matches!(self, Kind::ManualEvent | Kind::ManualTimer)
    }

    #[inline]
    pub(super) fn is_timer(self) -> bool {
        matches!(self, Kind::AutoTimer | Kind::ManualTimer)
    }

    fn header(self, name_units: usize) -> Header {
        match self {
            Kind::Mutex => Header::new(kind::MUTEX, name_units),
            Kind::AutoEvent => Header::new(kind::EVENT, name_units),
            Kind::ManualEvent => {
                Header { flags: flag::MANUAL, ..Header::new(kind::EVENT, name_units) }
            }
            Kind::Semaphore { most } => {
                Header { size: most.into(), ..Header::new(kind::SEMAPHORE, name_units) }
            }
            Kind::AutoTimer => Header::new(kind::TIMER, name_units),
            Kind::ManualTimer => {
                Header { flags: flag::MANUAL, ..Header::new(kind::TIMER, name_units) }
            }
        }
    }

    /// `None` for a mapping, and for what this version does not know.
    pub(super) fn of(header: &Header) -> Option<Kind> {
        match header.kind {
            kind::MUTEX => Some(Kind::Mutex),
            kind::EVENT if header.is(flag::MANUAL) => Some(Kind::ManualEvent),
            kind::EVENT => Some(Kind::AutoEvent),
            kind::TIMER if header.is(flag::MANUAL) => Some(Kind::ManualTimer),
            kind::TIMER => Some(Kind::AutoTimer),
            // The header was checked: it fits.
            kind::SEMAPHORE => Some(Kind::Semaphore { most: header.size as u32 }),
            _ => None,
        }
    }
}

/// An object to be created.
pub(super) struct New {
    pub name: Option<Name>,
    pub kind: Kind,
    /// The word.
    pub initial: u64,
    /// The calling thread owns a new mutex.
    pub owned: bool,
    pub security: Security,
    pub inheritable: bool,
    pub if_exists: IfExists,
}

/// What all handles of this process to one object share.
#[derive(Debug)]
pub(super) struct Object {
    pub name: Option<Name>,
    pub kind: Kind,
    pub page: Arc<Page>,
    /// The record.
    pub fd: Arc<OwnedFd>,
}

impl Object {
    fn new(name: Option<Name>, kind: Kind, fd: Arc<OwnedFd>) -> Result<Object> {
        Ok(Object { name, kind, page: Page::of(&fd, kind == Kind::Mutex)?, fd })
    }

    fn unnamed(new: &New) -> Result<Object> {
        let making = "making memory for the object";
        let fd = memory::memfd(memory::OBJECT, false).map_err(|errno| fail(errno, making))?;
        files::allocate(fd.as_fd(), 0, PAGE as u64).map_err(|errno| fail(errno, making))?;
        let header = new.kind.header(0);
        files::write_at(fd.as_fd(), header.as_bytes(), 0).map_err(|errno| fail(errno, making))?;
        memory::seal_size(fd.as_fd(), false).map_err(|errno| fail(errno, making))?;
        let object = Object::new(None, new.kind, Arc::new(fd))?;
        object.begin(new)?;
        Ok(object)
    }

    /// Where waits for it are written down.
    pub(super) fn namespace(&self) -> Namespace {
        self.name.as_ref().map_or(Namespace::Local, |name| name.namespace())
    }

    /// The first state of a new object.
    fn begin(&self, new: &New) -> Result<()> {
        if new.kind.is_timer() {
            self.page.timer().clear();
        }
        self.page.word().store(new.initial, Ordering::Release);
        if new.owned {
            super::mutex::lock(self, crate::Deadline::never())?;
        }
        Ok(())
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        Page::forget(&self.page);
    }
}

/// A handle.
#[derive(Debug)]
pub(super) struct Handle {
    pub object: Arc<Object>,
    passed: Option<Passed>,
    open: bool,
}

impl Handle {
    /// The flag says that the object is new.
    pub(super) fn create(new: New) -> Result<(Handle, bool)> {
        let (object, created) = match &new.name {
            None => (Arc::new(Object::unnamed(&new)?), true),
            Some(name) => create_named(name, &new)?,
        };
        let mut handle = Handle::of(object);
        if !created && new.if_exists == IfExists::Fail {
            let why = format!("a {} has this name", new.kind.public().as_str());
            return Err(Error::new(ErrorKind::AlreadyExists, why));
        }
        if new.inheritable {
            handle.make_inheritable()?;
        }
        Ok((handle, created))
    }

    pub(super) fn open(name: &Name, wanted: ObjectKind, inheritable: bool) -> Result<Handle> {
        let object = open_named(name, wanted)?.ok_or_else(|| {
            let why = format!("nobody has a {} of this name", wanted.as_str());
            Error::new(ErrorKind::NotFound, why)
        })?;
        let mut handle = Handle::of(object);
        if inheritable {
            handle.make_inheritable()?;
        }
        Ok(handle)
    }

    /// Opens an object through a descriptor for its record, which another process has or passed.
    pub(super) fn of_descriptor(fd: OwnedFd, wanted: ObjectKind) -> Result<Handle> {
        let no_such = || {
            let why = format!("the handle is not a {}", wanted.as_str());
            Error::new(ErrorKind::WrongKind, why)
        };
        let contents = Contents::read(fd.as_fd())?.ok_or_else(no_such)?;
        expect_kind(&contents.header, wanted)?;
        let kind = Kind::of(&contents.header).ok_or_else(no_such)?;
        let Some(name) = contents.full_name(fd.as_fd())? else {
            return Ok(Handle::of(Arc::new(Object::new(None, kind, Arc::new(fd))?)));
        };
        let object = open_named(&name, wanted)?.ok_or_else(|| {
            let why = format!("nobody holds the {} any more", wanted.as_str());
            Error::new(ErrorKind::NotFound, why)
        })?;
        let handle = Handle::of(object);
        let same = |fd: BorrowedFd<'_>| files::fstat(fd).ok().map(|stat| files::identity(&stat));
        if same(fd.as_fd()) != same(handle.as_fd()) {
            return Err(Error::new(ErrorKind::NotFound, "another object has the name by now"));
        }
        Ok(handle)
    }

    pub(super) fn duplicate_from(pid: u32, raw: u64, wanted: ObjectKind) -> Result<Handle> {
        token::duplicate_object(pid, raw, wanted)
    }

    pub(super) fn from_token(text: &str, wanted: ObjectKind) -> Result<Handle> {
        token::inherit_object(text, wanted)
    }

    pub(super) fn to_token(&self) -> Result<String> {
        token::object_token(self.object.kind.public(), self.passed.as_ref())
    }

    /// A handle to an object that the caller already counts as one of its handles.
    fn of(object: Arc<Object>) -> Handle {
        Handle { object, passed: None, open: true }
    }

    pub(super) fn name(&self) -> Option<&Name> {
        self.object.name.as_ref()
    }

    pub(super) fn clone_it(&self) -> Handle {
        if let Some(name) = self.name() {
            registry::retain(&mut registry::lock(), name);
        }
        Handle::of(self.object.clone())
    }

    pub(super) fn raw(&self) -> u64 {
        self.object.fd.as_raw_fd() as u64
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.object.fd.as_fd()
    }

    pub(super) fn close(mut self) -> Result<()> {
        self.release()
    }

    fn make_inheritable(&mut self) -> Result<()> {
        self.passed = Some(Passed::new(self.name(), self.object.fd.as_fd())?);
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

impl Drop for Handle {
    fn drop(&mut self) {
        // What `close` would report is trouble with the record, which the kernel's view of who lives outlasts.
        let _ = self.release();
    }
}

fn create_named(name: &Name, new: &New) -> Result<(Arc<Object>, bool)> {
    let wanted = new.kind.public();
    let mut registry = registry::lock();
    if let Some(held) = registry::retain(&mut registry, name) {
        return Ok((of_kind(&mut registry, name, held, wanted)?, false));
    }
    let directory = directory_of(name)?;
    // Looking for a file that is not there takes nearly as long as making it.
    let made = Record::create(&directory, name)?;
    let mut created = false;
    let visited = member::visit(
        &directory,
        name,
        made,
        |record, gate, contents| attach(name, wanted, record, gate, contents),
        Some(&mut |record, gate| {
            member::secure(&record.fd, &gate.stat, &new.security, true)?;
            let mut header = new.kind.header(name.units().len());
            if name.namespace() == Namespace::Global {
                header.flags |= flag::GLOBAL;
            }
            let joined = member::prepare(&record.directory, gate, name, -1)?;
            let object = object_of(name, new.kind, record, gate)?;
            object.begin(new)?;
            gate.publish(&header)?;
            created = true;
            Ok((Arc::new(object), joined))
        }),
    )?;
    let (record, (object, joined)) = visited.expect("a free name is taken");
    let member = Member::new(record, joined, -1);
    registry::insert(&mut registry, name, Held::Waitable(object.clone()), member);
    Ok((object, created))
}

/// Opens by name: among what this process holds, else through the record.
fn open_named(name: &Name, wanted: ObjectKind) -> Result<Option<Arc<Object>>> {
    let mut registry = registry::lock();
    if let Some(held) = registry::retain(&mut registry, name) {
        return of_kind(&mut registry, name, held, wanted).map(Some);
    }
    let directory = directory_of(name)?;
    let existing = |record: &Record, gate: &Gate<'_>, contents: &mut Contents| {
        attach(name, wanted, record, gate, contents)
    };
    let Some((record, (object, joined))) = member::visit(&directory, name, None, existing, None)?
    else {
        return Ok(None);
    };
    let member = Member::new(record, joined, -1);
    registry::insert(&mut registry, name, Held::Waitable(object.clone()), member);
    Ok(Some(object))
}

type Attached = (Arc<Object>, (u32, Arc<Presence>));

fn attach(
    name: &Name,
    wanted: ObjectKind,
    record: &Record,
    gate: &Gate<'_>,
    contents: &mut Contents,
) -> Result<Look<Attached>> {
    if !gate.is_held(contents)? {
        return Ok(Look::Dead);
    }
    expect_kind(&contents.header, wanted)?;
    let kind = Kind::of(&contents.header).expect("it is of the wanted kind");
    Page::check_len(&gate.stat)?;
    let object = object_of(name, kind, record, gate)?;
    let joined = join(&record.directory, gate, contents, -1)?;
    Ok(Look::Found((Arc::new(object), joined)))
}

fn object_of(name: &Name, kind: Kind, record: &Record, gate: &Gate<'_>) -> Result<Object> {
    let of_mutex = kind == Kind::Mutex;
    let page = Page::of_file(&record.fd, files::identity(&gate.stat), of_mutex)?;
    Ok(Object { name: Some(name.clone()), kind, page, fd: record.fd.clone() })
}

fn of_kind(
    registry: &mut Registry,
    name: &Name,
    held: Held,
    wanted: ObjectKind,
) -> Result<Arc<Object>> {
    held.into_waitable(wanted).inspect_err(|_| registry::undo_retain(registry, name))
}
