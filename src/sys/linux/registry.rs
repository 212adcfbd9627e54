//! The named objects that this process holds: each once, however many handles there are.

use std::collections::hash_map::{Entry as Slot, HashMap};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use super::member::{Anchor, Member};
use super::namespace::retire;
use super::{growth, object};
use crate::{Error, ErrorKind, Name, ObjectKind, Result};

/// An object of any kind.
#[derive(Clone)]
pub(super) enum Object {
    Mapping(Arc<growth::Object>),
    Waitable(Arc<object::Object>),
}

/// One object, its handles, and this process's place among its holders.
pub(super) struct Held {
    pub object: Object,
    pub handles: usize,
    pub member: Member,
}

pub(super) type Registry = HashMap<Name, Held>;

static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(|| {
    super::fork::install();
    super::os::process::at_exit(leave_all);
    Mutex::default()
});

/// Has fork and the end of the process seen to, also in a process without named objects.
pub(super) fn install() {
    LazyLock::force(&REGISTRY);
}

/// At the end of a process that did not close everything: no leftovers for others to find dead.
extern "C" fn leave_all() {
    // Another thread may be in the middle of something, and waiting for it here could last for ever.
    let Ok(mut registry) = REGISTRY.try_lock() else { return };
    let mut directories = Vec::new();
    for held in registry.values_mut() {
        // There is nobody left to tell; what fails is swept by others.
        let _ = held.member.leave_record();
        directories.push(held.member.record.directory.clone());
    }
    directories.iter().for_each(|directory| directory.end_presence());
    super::namespace::opened().iter().for_each(|directory| retire(directory));
}

pub(super) fn lock() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Object {
    pub(super) fn into_mapping(self) -> Result<Arc<growth::Object>> {
        match self {
            Object::Mapping(mapping) => Ok(mapping),
            Object::Waitable(other) => Err(wrong_kind(other.kind.public(), ObjectKind::Mapping)),
        }
    }

    pub(super) fn into_waitable(self, wanted: ObjectKind) -> Result<Arc<object::Object>> {
        match self {
            Object::Waitable(object) if object.kind.public() == wanted => Ok(object),
            Object::Waitable(other) => Err(wrong_kind(other.kind.public(), wanted)),
            Object::Mapping(_) => Err(wrong_kind(ObjectKind::Mapping, wanted)),
        }
    }
}

pub(super) fn wrong_kind(found: ObjectKind, wanted: ObjectKind) -> Error {
    let (found, wanted) = (found.as_str(), wanted.as_str());
    Error::new(
        ErrorKind::WrongKind,
        format!("it is {}, not {}", with_article(found), with_article(wanted)),
    )
}

fn with_article(kind: &str) -> String {
    format!("{} {kind}", if kind.starts_with('e') { "an" } else { "a" })
}

/// Adds a handle to an object that this process holds already.
pub(super) fn retain(registry: &mut Registry, name: &Name) -> Option<Object> {
    let held = registry.get_mut(name)?;
    held.handles += 1;
    Some(held.object.clone())
}

/// Takes back what [`retain`] added, when the object turned out to be of the wrong kind.
pub(super) fn undo_retain(registry: &mut Registry, name: &Name) {
    if let Some(held) = registry.get_mut(name) {
        held.handles -= 1;
    }
}

/// Takes an object in, with one handle.
pub(super) fn insert(registry: &mut Registry, name: &Name, object: Object, member: Member) {
    registry.insert(name.clone(), Held { object, handles: 1, member });
}

/// Takes a handle away; the last one ends this process's hold.
pub(super) fn release(name: &Name, anchor: Option<Anchor>) -> Result<()> {
    let mut registry = lock();
    let Slot::Occupied(mut slot) = registry.entry(name.clone()) else { return Ok(()) };
    let weighed = match anchor {
        Some(anchor) => slot.get().member.weigh(anchor),
        None => Ok(()),
    };
    slot.get_mut().handles -= 1;
    if slot.get().handles > 0 {
        return weighed;
    }
    let held = slot.remove();
    // The registry stays locked: a thread that opens the name now must find it left, or not yet.
    let last = held.member.leave()?;
    if let (Object::Waitable(object), true) = (&held.object, last) {
        super::mutex::end(object);
    }
    weighed
}
