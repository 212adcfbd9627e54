//! `RequestDraft`: room for a request, until it is committed.

use std::fmt;
use std::sync::Arc;

use super::client::ClientSide;
use super::Call;
use crate::{Error, ErrorKind, PayloadMut, Result};

/// Room for one request, where the server will read it. Nobody sees it before [`RequestDraft::commit`]; dropped without, it never was.
pub struct RequestDraft {
    pub(super) side: Arc<ClientSide>,
    slot: usize,
    len: usize,
    number: u32,
    /// Whether the slot is to be given back when this is dropped.
    held: bool,
}

impl RequestDraft {
    #[inline]
    pub(super) fn new(side: Arc<ClientSide>, slot: usize, len: usize, number: u32) -> RequestDraft {
        RequestDraft { side, slot, len, number, held: true }
    }

    /// The bytes to be written.
    #[inline]
    pub fn payload(&mut self) -> PayloadMut<'_> {
        let table = self.side.table(self.slot).expect("it was made with the draft");
        PayloadMut::new(&table.data, 0, self.len)
    }

    /// Offers the request to the servers.
    #[inline]
    pub fn commit(mut self) -> Call {
        self.held = false;
        let number = self.side.number_now(self.number);
        Call::offer(self.side.clone(), self.slot, self.len as u32, number)
    }

    /// As [`RequestDraft::commit`], of the first `len` bytes only.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): more than there is room for; the draft is dropped.
    pub fn commit_len(mut self, len: usize) -> Result<Call> {
        if len > self.len {
            let why = format!("{len} bytes of a draft of {}", self.len);
            let name = self.side.base.station.name();
            return Err(Error::new(ErrorKind::InvalidParameter, name, why));
        }
        self.len = len;
        Ok(self.commit())
    }

    /// Copies `bytes` to `offset`.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range; nothing is copied.
    #[inline]
    pub fn copy_in(&mut self, offset: usize, bytes: &[u8]) -> Result<()> {
        self.payload().copy_in(offset, bytes)
    }

    /// Stores a value at `offset`; need not be aligned.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range; nothing is stored.
    #[inline]
    pub fn write<T: mapview::Plain>(&mut self, offset: usize, value: &T) -> Result<()> {
        self.payload().write(offset, value)
    }
}

impl Drop for RequestDraft {
    fn drop(&mut self) {
        if self.held {
            self.side.give_back(self.slot);
        }
    }
}

impl fmt::Debug for RequestDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestDraft").field("len", &self.len).finish_non_exhaustive()
    }
}
