//! The handle table of the process.
//!
//! A handle is four times the number of a slot, from 1; its low two bits do not count, and the lowest free slot is used
//! first. An entry holds what the handle stands for and what this handle may do with it; who uses it takes a copy, so
//! closing a handle never takes an object away from a call that runs.
//!
//! Handles that other processes gave to this one lie above all those, because who gives one must know its value at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::abi::HANDLE;
use crate::code::{Code, Result};
use crate::object::{Object, Rights};
use crate::process::{inbox, listing};
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
    foreign: BTreeMap<usize, Entry>,
}

static TABLE: RwLock<Table> = RwLock::new(Table::new());

/// Windows has no more for one process.
const MOST: usize = 1 << 24;
/// The first slot of those that other processes gave.
pub(crate) const FIRST_FOREIGN: usize = MOST;

impl Table {
    const fn new() -> Table {
        Table { slots: Vec::new(), free: BTreeSet::new(), foreign: BTreeMap::new() }
    }

    fn insert(&mut self, entry: Entry) -> Result<HANDLE> {
        if let Some(slot) = self.free.pop_first() {
            self.slots[slot] = Some(entry);
            return Ok(handle_of(slot));
        }
        if self.slots.len() >= MOST {
            return Err(Code::NOT_ENOUGH_MEMORY);
        }
        self.slots.push(Some(entry));
        Ok(handle_of(self.slots.len() - 1))
    }

    /// Gives the entry this handle, which is free.
    fn put(&mut self, handle: HANDLE, entry: Entry) -> Result<()> {
        let slot = slot_of(handle)?;
        if slot >= MOST {
            return Err(Code::INVALID_HANDLE);
        }
        while self.slots.len() <= slot {
            self.free.insert(self.slots.len());
            self.slots.push(None);
        }
        self.free.remove(&slot);
        self.slots[slot] = Some(entry);
        Ok(())
    }

    fn get(&self, handle: HANDLE) -> Result<&Entry> {
        let slot = slot_of(handle)?;
        let held = match self.slots.get(slot) {
            Some(entry) => entry.as_ref(),
            None => self.foreign.get(&slot),
        };
        held.ok_or(Code::INVALID_HANDLE)
    }

    fn get_mut(&mut self, handle: HANDLE) -> Result<&mut Entry> {
        let slot = slot_of(handle)?;
        let held = match self.slots.get_mut(slot) {
            Some(entry) => entry.as_mut(),
            None => self.foreign.get_mut(&slot),
        };
        held.ok_or(Code::INVALID_HANDLE)
    }

    /// Writes down for others what the handle stands for now.
    fn note(&self, handle: HANDLE) {
        if let Ok(slot) = slot_of(handle) {
            listing::note(slot, self.get(handle).ok());
        }
    }

    fn remove(&mut self, handle: HANDLE) -> Result<Entry> {
        if self.get(handle)?.protect {
            return Err(Code::INVALID_HANDLE);
        }
        let slot = slot_of(handle)?;
        if slot >= FIRST_FOREIGN {
            return self.foreign.remove(&slot).ok_or(Code::INVALID_HANDLE);
        }
        self.free.insert(slot);
        self.slots[slot].take().ok_or(Code::INVALID_HANDLE)
    }
}

fn read() -> RwLockReadGuard<'static, Table> {
    TABLE.read().unwrap_or_else(PoisonError::into_inner)
}

fn write() -> RwLockWriteGuard<'static, Table> {
    TABLE.write().unwrap_or_else(PoisonError::into_inner)
}

/// The slot of a handle value; only sign-extended 32-bit values can be handles.
pub(crate) fn slot_of(handle: HANDLE) -> Result<usize> {
    let value = handle as isize;
    let slot = (value >> 2) - 1;
    if value != value as i32 as isize || slot < 0 {
        return Err(Code::INVALID_HANDLE);
    }
    Ok(slot as usize)
}

pub(crate) fn handle_of(slot: usize) -> HANDLE {
    ((slot + 1) << 2) as HANDLE
}

/// Gives the entry the lowest free handle.
pub(crate) fn insert(entry: Entry) -> Result<HANDLE> {
    Busy::during(|| {
        let mut table = write();
        let handle = table.insert(entry)?;
        table.note(handle);
        Ok(handle)
    })
}

/// Gives the entry the handle that it has in the parent process. Only while the process starts.
pub(crate) fn put(handle: HANDLE, entry: Entry) -> Result<()> {
    let mut table = write();
    table.put(handle, entry)?;
    table.note(handle);
    Ok(())
}

/// Takes in what another process gave. A handle that is in use stays what it is.
pub(crate) fn take_in(handle: HANDLE, entry: Entry) {
    let mut table = write();
    if let Ok(slot @ FIRST_FOREIGN..) = slot_of(handle) {
        table.foreign.entry(slot).or_insert(entry);
        table.note(handle);
    }
}

/// All handles that can be inherited.
pub(crate) fn inheritable() -> Vec<(HANDLE, Entry)> {
    Busy::during(|| {
        inbox::look();
        let table = read();
        let own = table.slots.iter().enumerate();
        let own = own.filter_map(|(slot, entry)| Some((slot, entry.as_ref()?)));
        own.chain(table.foreign.iter().map(|(slot, entry)| (*slot, entry)))
            .filter(|(_, entry)| entry.inherit)
            .map(|(slot, entry)| (handle_of(slot), entry.clone()))
            .collect()
    })
}

/// What a handle or pseudo-handle stands for.
///
/// # Errors
/// 6 if it stands for nothing.
pub(crate) fn get(handle: HANDLE) -> Result<Entry> {
    match Busy::during(|| pseudo::entry(handle)) {
        Some(entry) => entry,
        None => get_real(handle),
    }
}

/// The same, for calls that pseudo-handles are no good for.
pub(crate) fn get_real(handle: HANDLE) -> Result<Entry> {
    Busy::during(|| {
        inbox::look();
        read().get(handle).cloned()
    })
}

/// Changes the flags of a handle.
pub(crate) fn change(handle: HANDLE, act: impl FnOnce(&mut Entry)) -> Result<()> {
    Busy::during(|| {
        inbox::look();
        let mut table = write();
        table.get_mut(handle).map(act)?;
        table.note(handle);
        Ok(())
    })
}

/// Frees the slot. The caller drops the entry, and with the last one of it the object, while nobody waits for the table.
///
/// # Errors
/// 6 if the handle stands for nothing or is protected from being closed.
pub(crate) fn remove(handle: HANDLE) -> Result<Entry> {
    Busy::during(|| {
        inbox::look();
        remove_quietly(handle)
    })
}

/// The same, when another process asks for it.
pub(crate) fn remove_quietly(handle: HANDLE) -> Result<Entry> {
    let mut table = write();
    let entry = table.remove(handle)?;
    table.note(handle);
    drop(table);
    listing::free(handle);
    Ok(entry)
}

/// How many handles there are.
pub(crate) fn count() -> usize {
    Busy::during(|| {
        inbox::look();
        let table = read();
        table.slots.len() - table.free.len() + table.foreign.len()
    })
}

/// The rights that `desired` asks for, of a kind that has these `rights`.
///
/// # Errors
/// 5 for a right that the kind does not have, 1314 for the right to its audit rules.
pub(crate) fn rights_wanted(desired: u32, rights: Rights) -> Result<u32> {
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
    match wanted & !rights.all {
        0 => Ok(wanted),
        right::ACCESS_SYSTEM_SECURITY => Err(Code::PRIVILEGE_NOT_HELD),
        _ => Err(Code::ACCESS_DENIED),
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
