//! `Loan`: room for a sample, until it is published.

use super::Publisher;
use crate::{Error, ErrorKind, PayloadMut, Result};

/// Room for one sample, where the subscribers will read it. Nobody sees it before [`Loan::publish`]; dropped without, it never was.
#[derive(Debug)]
pub struct Loan<'a> {
    publisher: &'a mut Publisher,
    chunk: u32,
    at: usize,
    len: usize,
}

impl<'a> Loan<'a> {
    #[inline]
    pub(super) fn new(publisher: &'a mut Publisher, chunk: u32, at: usize, len: usize) -> Loan<'a> {
        Loan { publisher, chunk, at, len }
    }

    /// The bytes to be written.
    #[inline]
    pub fn payload(&mut self) -> PayloadMut<'_> {
        PayloadMut::new(&self.publisher.data, self.at, self.len)
    }

    /// Makes the sample exist, for all subscribers at one instant.
    #[inline]
    pub fn publish(self) {
        self.publisher.finish(self.chunk, self.len);
    }

    /// As [`Loan::publish`], of the first `len` bytes only.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): more than there is room for; the loan is dropped.
    pub fn publish_len(mut self, len: usize) -> Result<()> {
        if len > self.len {
            let why = format!("{len} bytes of a loan of {}", self.len);
            return Err(Error::new(ErrorKind::InvalidParameter, self.publisher.name(), why));
        }
        self.len = len;
        self.publish();
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
