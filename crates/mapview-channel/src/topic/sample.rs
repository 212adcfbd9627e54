//! `Sample`: a sample in place, held until it is dropped.

use std::sync::Arc;

use mapview::Plain;

use super::flow::Found;
use super::reading::Reading;
use crate::{Payload, Result};

/// A sample where it was written. It stays there, whatever happens to its publisher, until this is dropped.
///
/// A subscriber can hold several, up to [`TopicOptions::held`](crate::TopicOptions::held), also after it is gone itself.
#[derive(Debug)]
pub struct Sample {
    reading: Arc<Reading>,
    /// Its publisher's place.
    place: u32,
    /// Which of the subscriber's pins holds it.
    pin: u32,
    found: Found,
}

impl Sample {
    #[inline]
    pub(super) fn new(reading: &Arc<Reading>, place: u32, pin: u32, found: Found) -> Sample {
        Sample { reading: reading.clone(), place, pin, found }
    }

    /// The bytes.
    #[inline]
    pub fn payload(&self) -> Payload<'_> {
        self.reading.payload(self.place, self.found)
    }

    /// The length in bytes; may be 0.
    #[inline]
    pub fn len(&self) -> usize {
        self.found.len as usize
    }

    /// Whether there are no bytes.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.found.len == 0
    }

    /// Which publisher published it: its place, from 0. The places of publishers that ended are taken by others, who go on with the count.
    #[inline]
    pub fn publisher(&self) -> usize {
        self.place as usize
    }

    /// Its number among the samples of its publisher's place, from 0. A gap means that samples were dropped.
    #[inline]
    pub fn sequence(&self) -> u64 {
        self.found.sequence
    }

    /// Copies `buffer.len()` bytes from `offset` on.
    ///
    /// # Errors
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): out of range; nothing is copied.
    #[inline]
    pub fn copy_out(&self, offset: usize, buffer: &mut [u8]) -> Result<()> {
        self.payload().copy_out(offset, buffer)
    }

    /// A copy of all bytes.
    ///
    /// # Errors
    /// No memory for the copy.
    pub fn to_vec(&self) -> Result<Vec<u8>> {
        self.payload().to_vec()
    }

    /// A copy of the value at `offset`; need not be aligned.
    ///
    /// # Errors
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): out of range.
    #[inline]
    pub fn read<T: Plain>(&self, offset: usize) -> Result<T> {
        self.payload().read(offset)
    }
}

impl Drop for Sample {
    #[inline]
    fn drop(&mut self) {
        self.reading.release(self.pin);
    }
}
