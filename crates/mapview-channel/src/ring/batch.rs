//! `Batch`: several messages, committed at once.

use mapview::Deadline;

use super::{Draft, Sender};
use crate::Result;

/// Messages that are committed together: on [`Batch::commit`], or when this is dropped. When the ring is full, what is there is
/// committed earlier, because nothing else could make room.
///
/// ```
/// use mapview_channel::{Receiver, Sender};
/// let name = format!("doc-batch-{}", std::process::id());
/// let (mut sender, mut receiver) = (Sender::create(&name)?, Receiver::create(&name)?);
/// let mut batch = sender.batch();
/// batch.send(b"one")?;
/// batch.send(b"two")?;
/// assert!(receiver.try_recv()?.is_none());
/// batch.commit();
/// assert_eq!(receiver.recv()?.to_vec()?, b"one");
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Debug)]
pub struct Batch<'a> {
    sender: &'a mut Sender,
}

impl<'a> Batch<'a> {
    pub(super) fn new(sender: &'a mut Sender) -> Batch<'a> {
        Batch { sender }
    }

    /// Copies a message in; waits while the ring is full.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    pub fn send(&mut self, message: &[u8]) -> Result<()> {
        let mut draft = self.reserve(message.len())?;
        draft.copy_in(0, message)?;
        draft.commit();
        Ok(())
    }

    /// Room for a message, to be written in place; waits while the ring is full.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    #[inline]
    pub fn reserve(&mut self, len: usize) -> Result<Draft<'_>> {
        let at = self.sender.room(len, Deadline::never())?;
        let at = at.expect("a wait without end does not time out");
        Ok(Draft::new(self.sender, at, len, false))
    }

    /// Room for a message, if there is: `None` if the ring is full.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    #[inline]
    pub fn try_reserve(&mut self, len: usize) -> Result<Option<Draft<'_>>> {
        let Some(at) = self.sender.room(len, Deadline::now())? else { return Ok(None) };
        Ok(Some(Draft::new(self.sender, at, len, false)))
    }

    /// Makes all messages of the batch exist, at one instant.
    pub fn commit(self) {}
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        self.sender.flush();
    }
}
