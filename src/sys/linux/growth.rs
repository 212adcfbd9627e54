//! The size of a mapping, which may grow in any process that has it, and making it grow.
//!
//! There is one place that says how large it is, and it changes in one step, so who is killed has changed it or not. Of
//! memory it is the length of its file, which is sealed against shrinking and read up to the `maximum`: whoever makes it
//! longer than that does so for nobody. Of a file with a name it is the record. A file without a name is all that two
//! processes have in common, so between them its length counts.

use std::ffi::CString;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;

use super::memory::{take_space, Memory};
use super::os::files::OpenFor;
use super::{backing, registry};
use crate::layout::{flag, DATA_AT, PAGE};
use crate::{Access, Error, ErrorKind, Name, Protection, Result};

/// What all handles of this process to one mapping share.
#[derive(Debug)]
pub(super) struct Object {
    pub name: Option<Name>,
    /// What this process knows of the size: at most what it is, for it never shrinks.
    size: AtomicU64,
    /// Another process may have got it without its name.
    left_home: AtomicBool,
    /// It is of a file, and reached its end when it was made.
    covers_file: bool,
    pub protection: Protection,
    pub memory: Arc<Memory>,
}

impl Object {
    /// A mapping that began with `size` bytes.
    pub(super) fn new(
        name: Option<Name>,
        size: u64,
        protection: Protection,
        memory: Memory,
    ) -> Object {
        let size = memory.size_at_open(size);
        let covers_file = memory.is_file() && memory.len_at_open() <= size;
        let (size, left_home) = (AtomicU64::new(size), AtomicBool::new(false));
        Object { name, size, left_home, covers_file, protection, memory: Arc::new(memory) }
    }

    /// From now on another process may have the mapping without its name.
    pub(super) fn leave_home(&self) {
        self.left_home.store(true, Ordering::Relaxed);
    }

    pub(super) fn known_size(&self) -> u64 {
        self.size.load(Ordering::Relaxed)
    }

    pub(super) fn size(&self) -> u64 {
        let known = self.known_size();
        // What cannot be asked leaves what is known, which is safe to map.
        let now = match self.memory.maximum {
            0 if self.memory.is_file() => self.file_size(known),
            0 => return known,
            maximum => self
                .memory
                .len_now()
                .map(|len| len.saturating_sub(self.memory.start()).min(maximum)),
        };
        self.learn(now.unwrap_or(known))
    }

    fn learn(&self, size: u64) -> u64 {
        self.size.fetch_max(size, Ordering::Relaxed).max(size)
    }

    /// The size of a mapping of a file, not behind its end whatever others claim.
    fn file_size(&self, known: u64) -> Result<u64> {
        let in_record = match &self.name {
            Some(name) => registry::lock().get(name).map(|held| held.member.record.size()),
            None => None,
        };
        let claimed = in_record.transpose()?.unwrap_or(known);
        let follows = self.covers_file && self.left_home.load(Ordering::Relaxed);
        if claimed <= known && !follows {
            return Ok(known);
        }
        let len = self.memory.len_now()?;
        Ok(if follows { len } else { claimed.min(len) })
    }

    /// Makes it at least `size` bytes long. Returns the size afterwards.
    pub(super) fn grow(&self, size: u64, access: Access) -> Result<u64> {
        let present = self.size();
        if size <= present {
            return Ok(present);
        }
        if size > i64::MAX as u64 - DATA_AT {
            return Err(Error::new(ErrorKind::InvalidParameter, "no mapping is so large"));
        }
        let grown = match self.memory.maximum {
            0 if self.memory.is_file() => self.grow_file(size, access)?,
            0 => {
                let why = "it was created without a maximum; see MappingOptions::maximum";
                return Err(Error::new(ErrorKind::Unsupported, why));
            }
            maximum => {
                self.grow_memory(present, size.next_multiple_of(PAGE as u64), maximum, access)?
            }
        };
        self.learn(grown);
        Ok(self.size())
    }

    fn grow_memory(&self, present: u64, size: u64, maximum: u64, access: Access) -> Result<u64> {
        self.expect_write(access, "only a handle that may write can make the mapping grow")?;
        if size > maximum {
            let why = format!("it can grow up to {maximum} bytes, its maximum at creation");
            return Err(Error::new(ErrorKind::InvalidParameter, why));
        }
        // The last page is enough to make the file longer where memory is taken at first touch.
        let reserve = self.memory.flags & flag::RESERVE != 0;
        let from = if reserve { size - PAGE as u64 } else { present };
        let fd = self.memory.descriptor(OpenFor::ReadWrite)?;
        take_space(fd, self.memory.start() + from, size - from)?;
        Ok(size)
    }

    fn grow_file(&self, size: u64, access: Access) -> Result<u64> {
        let len = self.memory.len_now()?;
        if size > len {
            let why =
                format!("the file has {len} bytes, and without the right to write it stays so");
            self.expect_write(access, why)?;
            let sparse = self.memory.flags & flag::RESERVE != 0;
            backing::grow(self.memory.descriptor(OpenFor::ReadWrite)?, size, sparse)?;
        }
        let Some(name) = &self.name else { return Ok(size) };
        let registry = registry::lock();
        // Who may only read the record keeps the news for himself.
        let held = registry.get(name).filter(|held| held.member.may_write());
        if let Some(held) = held {
            if let Some(gate) = held.member.record.gate()? {
                gate.grow(size)?;
            }
        }
        Ok(size)
    }

    fn expect_write(
        &self,
        access: Access,
        why: impl Into<std::borrow::Cow<'static, str>>,
    ) -> Result<()> {
        if (access & self.protection.access()).contains(Access::WRITE) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::AccessDenied, why))
    }
}

/// What `/proc` calls a memory file that can grow: who is handed its descriptor learns the maximum from it.
const NAME: &str = "mapview-up-to-";

pub(super) fn name_of_memory(maximum: u64) -> CString {
    CString::new(format!("{NAME}{maximum}")).expect("no NUL")
}

/// The maximum of a memory file that `/proc` calls so; 0 for one that cannot grow.
pub(super) fn maximum_of_memory(link: &str) -> u64 {
    let rest = link.strip_prefix("/memfd:").and_then(|name| name.strip_prefix(NAME));
    let digits = rest.and_then(|rest| rest.split(' ').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
