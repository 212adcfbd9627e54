//! `Payload`: the bytes of a message where they lie, in memory that others could write.
#![allow(unsafe_code)]

use std::fmt;
use std::ops::Deref;

use mapview::{Plain, View};

use crate::{Error, ErrorKind, Result};

/// The bytes of a message, in place.
///
/// Participants that keep to the rules never change a committed message, but nothing can keep another process that may open the
/// channel from storing there. So safe code copies, and borrowing the bytes themselves is `unsafe`, with that one duty.
#[derive(Clone, Copy)]
pub struct Payload<'a> {
    view: &'a View,
    /// Where in the view.
    at: usize,
    len: usize,
}

impl<'a> Payload<'a> {
    /// `len` bytes from `at` on, which the caller has checked to lie inside the view.
    #[inline]
    pub(crate) fn new(view: &'a View, at: usize, len: usize) -> Payload<'a> {
        debug_assert!(at.checked_add(len).is_some_and(|end| end <= view.len()));
        Payload { view, at, len }
    }

    /// The length in bytes; may be 0.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bytes.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Copies `buffer.len()` bytes from `offset` on.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range; nothing is copied.
    #[inline]
    pub fn copy_out(&self, offset: usize, buffer: &mut [u8]) -> Result<()> {
        let at = self.range(offset, buffer.len())?;
        Ok(self.view.copy_out(at, buffer)?)
    }

    /// A copy of all bytes.
    ///
    /// # Errors
    /// No memory for the copy.
    pub fn to_vec(&self) -> Result<Vec<u8>> {
        Ok(self.view.to_vec(self.at, self.len)?)
    }

    /// A copy of the value at `offset`; need not be aligned.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range.
    #[inline]
    pub fn read<T: Plain>(&self, offset: usize) -> Result<T> {
        let at = self.range(offset, size_of::<T>())?;
        Ok(self.view.read(at)?)
    }

    /// The address of the first byte, for `len()` bytes, while the message is held.
    #[inline]
    pub fn as_ptr(&self) -> *const u8 {
        self.start()
    }

    /// The bytes themselves.
    ///
    /// # Safety
    /// No process stores to them while the slice lives. All programs that use this library's channels by its safe interface keep to
    /// that; so this is a promise about who else may open the channel's name.
    #[inline]
    pub unsafe fn as_slice(&self) -> &[u8] {
        // SAFETY: the bytes lie inside the view; that nobody writes them is the caller's promise.
        unsafe { std::slice::from_raw_parts(self.start(), self.len) }
    }

    #[inline]
    fn start(&self) -> *mut u8 {
        // SAFETY: `new` was given a range inside the view.
        unsafe { self.view.as_ptr().add(self.at) }
    }

    #[inline]
    fn range(&self, offset: usize, len: usize) -> Result<usize> {
        match offset.checked_add(len) {
            Some(end) if end <= self.len => Ok(self.at + offset),
            _ => Err(out_of_range(offset, len, self.len)),
        }
    }
}

#[cold]
fn out_of_range(offset: usize, len: usize, of: usize) -> Error {
    let why = format!("{len} bytes from offset {offset} of a message of {of} bytes");
    Error::new(ErrorKind::InvalidParameter, "", why)
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload").field("len", &self.len).finish_non_exhaustive()
    }
}

/// The bytes of a message that is being written, in place. What they hold before is what was left there.
#[derive(Debug)]
pub struct PayloadMut<'a>(Payload<'a>);

impl<'a> PayloadMut<'a> {
    /// As for [`Payload::new`]; nobody else is handed the range, and the view can be stored to.
    #[inline]
    pub(crate) fn new(view: &'a View, at: usize, len: usize) -> PayloadMut<'a> {
        PayloadMut(Payload::new(view, at, len))
    }

    /// Copies `bytes` to `offset`.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range; nothing is copied.
    #[inline]
    pub fn copy_in(&mut self, offset: usize, bytes: &[u8]) -> Result<()> {
        let at = self.0.range(offset, bytes.len())?;
        Ok(self.0.view.copy_in(at, bytes)?)
    }

    /// Stores a value at `offset`; need not be aligned.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range; nothing is stored.
    #[inline]
    pub fn write<T: Plain>(&mut self, offset: usize, value: &T) -> Result<()> {
        let at = self.0.range(offset, size_of::<T>())?;
        Ok(self.0.view.write(at, value)?)
    }

    /// The address of the first byte, for `len()` bytes.
    #[inline]
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.0.start()
    }

    /// The bytes themselves.
    ///
    /// # Safety
    /// No other process reads or stores to them while the slice lives; see [`Payload::as_slice`].
    #[inline]
    pub unsafe fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: the bytes lie inside the view and were handed to this alone; the rest is the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.0.start(), self.0.len) }
    }
}

impl<'a> Deref for PayloadMut<'a> {
    type Target = Payload<'a>;

    #[inline]
    fn deref(&self) -> &Payload<'a> {
        &self.0
    }
}
