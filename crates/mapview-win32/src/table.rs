//! The handle table of the process.
//!
//! A handle is four times the number of a slot, from 1; its low two bits do not count, and the lowest free slot is used
//! first. An entry holds what the handle stands for and what this handle may do with it; who uses it takes a copy, so
//! closing a handle never takes an object away from a call that runs.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::abi::HANDLE;
use crate::code::{Code, Result};
use crate::object::{Object, Rights};
use crate::thread::Busy;
use crate::{abi::right, pseudo};

/// What a handle stands for.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub object: Arc<Object>,
    /// Specific and standard rights, no generic ones.
    pub access: u32,
    /// `HANDLE_FLAG_INHERIT`.
    pub inherit: bool,
    /// `HANDLE_FLAG_PROTECT_FROM_CLOSE`.
    pub protect: bool,
}

impl Entry {
    pub(crate) fn new(object: Object, access: u32, inherit: bool) -> Entry {
        Entry { object: Arc::new(object), access, inherit, protect: false }
    }

    /// # Errors
    /// 5 if the handle lacks one of the rights.
    pub(crate) fn need(&self, rights: u32) -> Result<()> {
        if self.access & rights == rights {
            Ok(())
        } else {
            Err(Code::ACCESS_DENIED)
        }
    }
}

struct Table {
    slots: Vec<Option<Entry>>,
    free: BTreeSet<usize>,
}

static TABLE: RwLock<Table> = RwLock::new(Table { slots: Vec::new(), free: BTreeSet::new() });

/// Windows has no more for one process.
const MOST: usize = 1 << 24;

fn read() -> RwLockReadGuard<'static, Table> {
    TABLE.read().unwrap_or_else(PoisonError::into_inner)
}

fn write() -> RwLockWriteGuard<'static, Table> {
    TABLE.write().unwrap_or_else(PoisonError::into_inner)
}

/// The slot of a handle value; only sign-extended 32-bit values can be handles.
fn slot_of(handle: HANDLE) -> Result<usize> {
    let value = handle as isize;
    let slot = (value >> 2) - 1;
    if value != value as i32 as isize || slot < 0 {
        return Err(Code::INVALID_HANDLE);
    }
    Ok(slot as usize)
}

fn handle_of(slot: usize) -> HANDLE {
    ((slot + 1) << 2) as HANDLE
}

/// Gives the entry the lowest free handle.
pub(crate) fn insert(entry: Entry) -> Result<HANDLE> {
    let _busy = Busy::enter();
    let mut table = write();
    if let Some(slot) = table.free.pop_first() {
        table.slots[slot] = Some(entry);
        return Ok(handle_of(slot));
    }
    if table.slots.len() >= MOST {
        return Err(Code::NOT_ENOUGH_MEMORY);
    }
    table.slots.push(Some(entry));
    Ok(handle_of(table.slots.len() - 1))
}

/// What a handle or pseudo-handle stands for.
///
/// # Errors
/// 6 if it stands for nothing.
pub(crate) fn get(handle: HANDLE) -> Result<Entry> {
    match pseudo::entry(handle) {
        Some(entry) => entry,
        None => get_real(handle),
    }
}

/// The same, for calls that pseudo-handles are no good for.
pub(crate) fn get_real(handle: HANDLE) -> Result<Entry> {
    let slot = slot_of(handle)?;
    let _busy = Busy::enter();
    let table = read();
    table.slots.get(slot).and_then(Option::clone).ok_or(Code::INVALID_HANDLE)
}

/// Changes the flags of a handle.
pub(crate) fn change(handle: HANDLE, act: impl FnOnce(&mut Entry)) -> Result<()> {
    let slot = slot_of(handle)?;
    let _busy = Busy::enter();
    let mut table = write();
    let entry = table.slots.get_mut(slot).and_then(Option::as_mut);
    entry.map(act).ok_or(Code::INVALID_HANDLE)
}

/// Frees the slot. The caller drops the entry, and with the last one of it the object, while nobody waits for the table.
///
/// # Errors
/// 6 if the handle stands for nothing or is protected from being closed.
pub(crate) fn remove(handle: HANDLE) -> Result<Entry> {
    let slot = slot_of(handle)?;
    let _busy = Busy::enter();
    let mut table = write();
    let held =
        table.slots.get_mut(slot).filter(|held| held.as_ref().is_some_and(|held| !held.protect));
    let entry = held.and_then(Option::take).ok_or(Code::INVALID_HANDLE)?;
    table.free.insert(slot);
    Ok(entry)
}

/// The rights that `desired` asks for, of a kind that has these `rights`.
///
/// # Errors
/// 5 for a right that the kind does not have, 1314 for the right to its audit rules.
pub(crate) fn rights_wanted(desired: u32, rights: Rights) -> Result<u32> {
    if desired & right::ACCESS_SYSTEM_SECURITY != 0 {
        return Err(Code::PRIVILEGE_NOT_HELD);
    }
    let generic = [
        (right::GENERIC_READ, rights.read),
        (right::GENERIC_WRITE, rights.write),
        (right::GENERIC_EXECUTE, rights.execute),
        (right::GENERIC_ALL, rights.all),
        (right::MAXIMUM_ALLOWED, rights.all),
    ];
    let mut wanted = desired;
    for (bit, meaning) in generic {
        if desired & bit != 0 {
            wanted = wanted & !bit | meaning;
        }
    }
    if wanted & !rights.all != 0 {
        return Err(Code::ACCESS_DENIED);
    }
    Ok(wanted)
}
