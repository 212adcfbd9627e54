//! `ReplyDraft`: room for a reply, until it is committed.

use std::fmt;

use super::Request;
use crate::lane::Place;
use crate::{Error, ErrorKind, PayloadMut, Result};

/// Room for one reply, where the client will read it. Nobody sees it before [`ReplyDraft::commit`]; dropped without, it never was.
pub struct ReplyDraft<'a> {
    request: &'a mut Request,
    at: Place,
    len: usize,
}

impl<'a> ReplyDraft<'a> {
    #[inline]
    pub(super) fn new(request: &'a mut Request, at: Place, len: usize) -> ReplyDraft<'a> {
        ReplyDraft { request, at, len }
    }

    /// The bytes to be written.
    #[inline]
    pub fn payload(&mut self) -> PayloadMut<'_> {
        self.request.room_at(self.at, self.len)
    }

    /// Makes the reply exist.
    #[inline]
    pub fn commit(self) {
        self.request.commit(self.len);
        self.request.wake();
    }

    /// As [`ReplyDraft::commit`], for one who wakes the client for more than this.
    #[inline]
    pub(super) fn commit_quietly(self) {
        self.request.commit(self.len);
    }

    /// As [`ReplyDraft::commit`], of the first `len` bytes only.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): more than there is room for; the draft is dropped.
    pub fn commit_len(mut self, len: usize) -> Result<()> {
        if len > self.len {
            let why = format!("{len} bytes of a draft of {}", self.len);
            return Err(Error::new(ErrorKind::InvalidParameter, self.request.service(), why));
        }
        self.len = len;
        self.commit();
        Ok(())
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

impl fmt::Debug for ReplyDraft<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyDraft").field("len", &self.len).finish_non_exhaustive()
    }
}
