//! Mappings that grow.
//!
//! Memory that can grow is a reserved section, of which so much is committed as the mapping is large: what one process
//! commits is committed for all. Its first page, 64 KiB before the first byte of the mapping, tells others what it is. All
//! that is committed is in one piece, because Wine 8 forgets further pieces.

use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::api::{self, Code, Mapped, Outcome};
use super::mapping::{Kind, Mapping, RIGHTS};
use super::{file, security};
use crate::sys::GRANULARITY;
use crate::{Access, Error, ErrorKind, Result, Security};

pub(super) const PAGE: u64 = 0x1000;
/// Where the bytes of the mapping begin.
const DATA_AT: u64 = GRANULARITY as u64;
/// The first word of the section. The second is the maximum.
const MAGIC: u64 = u64::from_le_bytes(*b"mvgrows\0");
/// How long whoever makes such a section has to say that it is one.
const PATIENCE: Duration = Duration::from_millis(200);
/// `SECTION_QUERY` and `SECTION_EXTEND_SIZE`.
const EXTEND: u32 = 0x11;

/// The size of a mapping and how it changes; the clones of a handle share it.
#[derive(Debug)]
pub(super) struct Growth {
    /// What this process knows of the size, which never shrinks.
    known: AtomicU64,
    /// Memory that grows.
    memory: Option<Memory>,
    /// Of a file that was given here: its page protection, and whether it grows without taking disk space.
    protect: u32,
    sparse: bool,
    /// Where the system cannot extend a section: a larger one of the same file.
    larger: Mutex<Option<Arc<OwnedHandle>>>,
}

impl Growth {
    /// The size of a section whose mapping grows up to `maximum`, and that in whole pages.
    pub(super) fn section_size(maximum: u64) -> Result<(u64, u64)> {
        // A page more than multiples of 64 KiB, by which an opener sees that a look at the first page is worth it.
        let size = maximum.checked_next_multiple_of(DATA_AT);
        let size = size.and_then(|size| size.checked_add(DATA_AT + PAGE));
        let size = size.filter(|&size| size <= i64::MAX as u64).ok_or_else(|| {
            let why = "the system cannot describe so large a maximum";
            Error::new(ErrorKind::NoSystemResources, why)
        })?;
        Ok((size, maximum.next_multiple_of(PAGE)))
    }

    /// Of a new, writable section that was made for this.
    pub(super) fn begin(section: BorrowedHandle<'_>, size: u64, maximum: u64) -> Result<Growth> {
        let size = size.next_multiple_of(PAGE);
        let memory = Memory::begin(section, size, maximum)
            .map_err(|code| code.error("cannot commit the mapping"))?;
        Ok(Growth { memory: Some(memory), ..Growth::of_file(size, 0, false) })
    }

    /// Of a reserved section that was opened.
    pub(super) fn recognise(
        section: BorrowedHandle<'_>,
        size: u64,
        access: Access,
    ) -> Result<Growth> {
        let asking = "cannot find out the size";
        let memory = Memory::recognise(section, size, access, PATIENCE)
            .map_err(|code| code.error(asking))?;
        let size = match &memory {
            Some(memory) => memory.size().map_err(|code| code.error(asking))?,
            None => size,
        };
        Ok(Growth { memory, ..Growth::of_file(size, 0, false) })
    }

    /// The present size, if a reserved section that may be read is memory that grows.
    pub(super) fn present_size(section: BorrowedHandle<'_>, size: u64) -> Option<u64> {
        let memory = Memory::recognise(section, size, Access::READ, Duration::ZERO).ok()??;
        memory.size().ok()
    }

    /// Of a section that is no memory that grows.
    pub(super) fn of_file(size: u64, protect: u32, sparse: bool) -> Growth {
        let (known, larger) = (AtomicU64::new(size), Mutex::new(None));
        Growth { known, memory: None, protect, sparse, larger }
    }

    /// Where the bytes of the mapping begin in the section.
    pub(super) fn start(&self) -> u64 {
        self.memory.as_ref().map_or(0, |_| DATA_AT)
    }

    pub(super) fn larger(&self) -> Option<Arc<OwnedHandle>> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<OwnedHandle>>> {
        self.larger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn(&self, size: u64) -> u64 {
        self.known.fetch_max(size, Ordering::Relaxed).max(size)
    }
}

/// All of a section that grows, to see what is committed and to commit more.
#[derive(Debug)]
struct Memory {
    whole: Mapped,
    maximum: u64,
}

impl Memory {
    /// Makes a new section, which must be writable, one that grows.
    fn begin(section: BorrowedHandle<'_>, size: u64, maximum: u64) -> Outcome<Memory> {
        let whole = api::map_view_of_file_ex(section, api::FILE_MAP_WRITE, 0, 0, 0, None)?;
        let memory = Memory { whole, maximum };
        api::commit_from(&memory.whole, 0, (DATA_AT + size) as usize)?;
        let words = memory.words()?.ok_or(Code::INVALID_ADDRESS)?;
        words[1].store(maximum, Ordering::Relaxed);
        words[0].store(MAGIC, Ordering::Release); // last: from now on it counts
        Ok(memory)
    }

    /// `None` for a section that was only reserved.
    fn recognise(
        section: BorrowedHandle<'_>,
        section_size: u64,
        access: Access,
        patience: Duration,
    ) -> Outcome<Option<Memory>> {
        let data = section_size.saturating_sub(DATA_AT + PAGE);
        if data == 0 || !data.is_multiple_of(DATA_AT) {
            return Ok(None);
        }
        let write = access.contains(Access::WRITE);
        let access = if write { api::FILE_MAP_WRITE } else { api::FILE_MAP_READ };
        let whole = api::map_view_of_file_ex(section, access, 0, 0, 0, None)?;
        let mut memory = Memory { whole, maximum: 0 };
        let start = Instant::now();
        loop {
            let words = memory.words()?;
            let word = words.map_or(0, |words| words[0].load(Ordering::Acquire));
            if word == 0 && start.elapsed() < patience {
                std::thread::sleep(Duration::from_millis(1));
                continue;
            }
            let maximum = words.map_or(0, |words| words[1].load(Ordering::Relaxed));
            let fits = maximum.checked_next_multiple_of(DATA_AT) == Some(data);
            if word != MAGIC || !fits || !maximum.is_multiple_of(PAGE) {
                return Ok(None);
            }
            memory.maximum = maximum;
            return Ok(Some(memory));
        }
    }

    fn words(&self) -> Outcome<Option<&[AtomicU64; 2]>> {
        api::words_of_view(&self.whole)
    }

    /// The size now.
    fn size(&self) -> Outcome<u64> {
        Ok(api::committed(&self.whole)?.saturating_sub(DATA_AT).min(self.maximum))
    }

    fn commit(&self, from: u64, to: u64) -> Outcome<()> {
        api::commit_from(&self.whole, (DATA_AT + from) as usize, (to - from) as usize)
    }
}

impl Mapping {
    pub(crate) fn known_size(&self) -> u64 {
        self.growth.known.load(Ordering::Relaxed)
    }

    pub(crate) fn size(&self) -> u64 {
        let now = match (&self.growth.memory, self.kind) {
            (Some(memory), _) => memory.size().ok(),
            (None, Kind::File) => {
                api::nt_query_section(self.as_handle()).ok().map(|section| section.size as u64)
            }
            _ => None,
        };
        // What cannot be asked leaves what is known.
        now.map_or_else(|| self.known_size(), |now| self.growth.learn(now))
    }

    pub(crate) fn grow(&self, size: u64) -> Result<u64> {
        let present = self.size();
        if size <= present {
            return Ok(present);
        }
        if size > i64::MAX as u64 - PAGE {
            return Err(Error::new(ErrorKind::InvalidParameter, "no mapping is so large"));
        }
        match (&self.growth.memory, self.kind) {
            (Some(memory), _) => self.grow_memory(memory, present, size.next_multiple_of(PAGE))?,
            (None, Kind::File) => self.grow_file(size)?,
            (None, Kind::Unknown) => {
                let why = "its creator does not let this handle ask how large it is";
                return Err(Error::new(ErrorKind::Unsupported, why));
            }
            (None, Kind::Committed | Kind::Reserved) => {
                let why = "it was created without a maximum; see MappingOptions::maximum";
                return Err(Error::new(ErrorKind::Unsupported, why));
            }
        }
        Ok(self.size())
    }

    fn grow_memory(&self, memory: &Memory, present: u64, size: u64) -> Result<()> {
        if !self.access().contains(Access::WRITE) {
            let why = "only a handle that may write can make the mapping grow";
            return Err(Error::new(ErrorKind::AccessDenied, why));
        }
        if size > memory.maximum {
            let why =
                format!("it can grow up to {} bytes, its maximum at creation", memory.maximum);
            return Err(Error::new(ErrorKind::InvalidParameter, why));
        }
        memory.commit(present, size).map_err(|code| code.error("cannot commit what is added"))
    }

    fn grow_file(&self, size: u64) -> Result<()> {
        let file = self.file.as_deref();
        if !self.access().contains(Access::WRITE) {
            let len = file.map(|file| file.metadata().map_or(0, |metadata| metadata.len()));
            if len.is_none_or(|len| size > len) {
                let why = "without the right to write, it can only follow a file, given here, that is longer";
                return Err(Error::new(ErrorKind::AccessDenied, why));
            }
        }
        if let (Some(file), true) = (file, self.growth.sparse) {
            file::prepare_growth(file, Some(size))?;
        }
        let handle = api::duplicate_with(self.as_handle(), EXTEND)
            .map_err(|code| code.error("its creator does not let this process make it grow"))?;
        match api::extend_section(handle.as_handle(), size) {
            Some(extended) => extended.map_err(|code| code.error("cannot extend the mapping")),
            None => self.replace(size),
        }
    }

    /// Makes the file so long, and a new section for it, which this handle and its clones map from now on.
    fn replace(&self, size: u64) -> Result<()> {
        let Some(file) = self.file.as_deref() else {
            let why = "this system cannot extend a mapping; only a handle that was given the file can make it grow";
            return Err(Error::new(ErrorKind::Unsupported, why));
        };
        let mut larger = self.growth.lock();
        if size <= self.known_size() {
            return Ok(()); // another thread was first
        }
        let len = file.metadata().map_err(|error| file::file_error(error, None))?.len();
        if size > len {
            file::set_file_len(file, size)?;
        }
        let security = security::attributes(&Security::OnlyMe, &RIGHTS, false)?;
        let made =
            api::create_file_mapping(Some(file), &security, self.growth.protect, size, None, None);
        let (handle, _) = made.map_err(|code| code.error("cannot make a larger mapping"))?;
        *larger = Some(Arc::new(handle));
        self.growth.learn(size);
        Ok(())
    }
}
