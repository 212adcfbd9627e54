//! Views whose bytes can go away: disks and networks fail. Access in place raises the exception as ever, because Windows
//! cannot put another page into a view; so no page of a view is ever lost here.

use super::view::View;
use crate::sys::fault_copy::FORBIDDEN;
use crate::sys::fault_table::Listed;
use crate::{Error, ErrorKind, Result};

impl View {
    /// Has faults in the view end copies from now on.
    pub(super) fn guard(&mut self) {
        let start = self.as_ptr().addr();
        self.listed = Some(Listed::new(start..start + self.len(), true));
    }

    #[inline]
    pub(crate) fn is_guarded(&self) -> bool {
        self.listed.is_some()
    }

    #[inline]
    pub(crate) fn losses(&self) -> usize {
        0
    }

    #[inline]
    pub(crate) fn has_lost_pages(&self) -> bool {
        false
    }

    /// Why a copy ended at `address`.
    #[cold]
    pub(crate) fn why_given_up(&self, address: usize) -> Error {
        let kind = match address & FORBIDDEN {
            0 => ErrorKind::InPageError,
            _ => ErrorKind::NoAccess,
        };
        let address = address & !FORBIDDEN;
        let offset = address.wrapping_sub(self.as_ptr().addr());
        let why = match kind {
            _ if offset >= self.len() => format!("it is the buffer at {address:#x}, not the view"),
            ErrorKind::NoAccess => format!("at offset {offset} of the view"),
            _ => format!("at offset {offset} of the view; the disk or network under it failed"),
        };
        Error::new(kind, why)
    }

    pub(crate) fn why_damaged(&self) -> Error {
        Error::new(ErrorKind::InPageError, "it has lost pages")
    }

    pub(crate) fn repair(&self) -> Result<()> {
        Ok(())
    }
}
