//! `Draft`: room for a message, until it is committed.

use super::Sender;
use crate::{Error, ErrorKind, PayloadMut, Result};

/// Room for one message, where the receiver will read it. Nobody sees it before [`Draft::commit`]; dropped without, it never was.
#[derive(Debug)]
pub struct Draft<'a> {
    sender: &'a mut Sender,
    at: usize,
    len: usize,
    /// Whether it is committed alone, or with the batch.
    alone: bool,
}

impl<'a> Draft<'a> {
    #[inline]
    pub(super) fn new(sender: &'a mut Sender, at: usize, len: usize, alone: bool) -> Draft<'a> {
        Draft { sender, at, len, alone }
    }

    /// The bytes to be written.
    #[inline]
    pub fn payload(&mut self) -> PayloadMut<'_> {
        PayloadMut::new(&self.sender.outlet.track.view, self.at, self.len)
    }

    /// Makes the message exist. In a [`Batch`](super::Batch) it does so with the batch.
    #[inline]
    pub fn commit(self) {
        self.sender.add(self.len);
        if self.alone {
            self.sender.flush();
        }
    }

    /// As [`Draft::commit`], of the first `len` bytes only.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): more than there is room for; the draft is dropped.
    pub fn commit_len(mut self, len: usize) -> Result<()> {
        if len > self.len {
            let why = format!("{len} bytes of a draft of {}", self.len);
            return Err(Error::new(ErrorKind::InvalidParameter, self.sender.name(), why));
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
