//! Views: advice, prefetching, locking, and NUMA nodes.

use std::sync::atomic::Ordering;

use super::api::{self, Code};
use super::mapping::Mapping;
use super::view::View;
use crate::{Advice, Error, ErrorKind, Result};

impl View {
    pub(crate) fn advise(&self, offset: usize, len: usize, advice: Advice) -> Result<bool> {
        match advice {
            Advice::Normal => Ok(true), // there is nothing else that could have been advised
            Advice::WillNeed => self.prefetch(offset, len).map(|()| true),
            Advice::WontNeed if self.was_locked.load(Ordering::Relaxed) => Ok(false),
            Advice::WontNeed => match api::virtual_unlock(self.address(offset), len) {
                Ok(()) | Err(Code::NOT_LOCKED) => Ok(true),
                Err(code) => Err(code.error("cannot take the view out of the working set")),
            },
            Advice::Sequential | Advice::Random | Advice::HugePages | Advice::NoHugePages => {
                Ok(false)
            }
        }
    }

    pub(crate) fn prefetch(&self, offset: usize, len: usize) -> Result<()> {
        api::prefetch_virtual_memory(&[(self.address(offset), len)])
            .map_err(|code| code.error("cannot prefetch the view"))
    }

    /// Mapping has committed reserved memory, and counted the copies that writes to a copy-on-write view make.
    pub(crate) fn commit(&self, _offset: usize, _len: usize) -> Result<()> {
        Ok(())
    }

    pub(crate) fn lock(&self, offset: usize, len: usize) -> Result<()> {
        self.was_locked.store(true, Ordering::Relaxed);
        api::virtual_lock(self.address(offset), len).map_err(|code| {
            code.error(format!(
                "cannot lock {len} bytes in memory; SetProcessWorkingSetSize raises how much a process may lock"
            ))
        })
    }

    pub(crate) fn unlock(&self, offset: usize, len: usize) -> Result<()> {
        if !self.was_locked.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::NotLocked, "lock the whole range first"));
        }
        api::virtual_unlock(self.address(offset), len)
            .map_err(|code| code.error("cannot unlock the view"))
    }

    fn address(&self, offset: usize) -> usize {
        self.as_ptr().addr() + offset
    }
}

/// Refuses a node that this machine does not have.
pub(crate) fn check_numa_node(node: u32) -> Result<()> {
    let highest = api::numa_highest_node_number()
        .map_err(|code| code.error("cannot find out the NUMA nodes"))?;
    if node > highest {
        let why = format!("there is no NUMA node {node}; the highest of this machine is {highest}");
        return Err(Error::new(ErrorKind::InvalidParameter, why));
    }
    Ok(())
}

impl Mapping {
    /// Not known; to prefetch what is there costs little.
    pub(crate) fn is_cached(&self, _offset: u64, _len: u64) -> bool {
        false
    }
}
