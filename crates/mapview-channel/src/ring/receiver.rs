//! `Receiver`: takes messages out of a ring.

use std::sync::atomic::Ordering;
use std::sync::Arc;

use mapview::{Deadline, Name, ToName};

use super::track::Track;
use super::{Message, RingOptions};
use crate::lane::{Broken, Consumer, Place};
use crate::station::{Class, Member, Role, Station};
use crate::wait::Waiter;
use crate::{Error, Payload, Result};

/// Takes messages out of a ring, in the order in which they were sent.
///
/// A message that was got and not released when a receiver ended is got again by the next one, and says so:
/// [`Message::redelivered`].
///
/// ```
/// use mapview_channel::{Receiver, Sender};
/// let name = format!("doc-receiver-{}", std::process::id());
/// let (mut sender, mut receiver) = (Sender::create(&name)?, Receiver::create(&name)?);
/// assert!(receiver.try_recv()?.is_none());
/// sender.send(b"hello")?;
/// let message = receiver.recv()?;
/// assert_eq!((message.len(), message.redelivered()), (5, false));
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Debug)]
pub struct Receiver {
    track: Track,
    consumer: Consumer,
    waiter: Waiter,
    /// Messages up to this number were got by a receiver that ended.
    attempted: u32,
    /// How many messages came without a wait, lately.
    streak: u32,
}

/// More messages than this without a wait are a stream.
const STREAM: u32 = 1;

impl Receiver {
    /// Becomes the receiver of a ring with the default options; see [`RingOptions::receiver`].
    ///
    /// # Errors
    /// As for [`RingOptions::sender`].
    pub fn create(name: &(impl ToName + ?Sized)) -> Result<Receiver> {
        RingOptions::new().receiver(name)
    }

    /// Becomes the receiver of a ring that is there; see [`RingOptions::open_receiver`].
    ///
    /// # Errors
    /// As for [`RingOptions::open_sender`].
    pub fn open(name: &(impl ToName + ?Sized)) -> Result<Receiver> {
        RingOptions::new().open_receiver(name)
    }

    pub(super) fn join(station: Arc<Station>) -> Result<Receiver> {
        let track = Track::new(&station)?;
        let member = Member::join(&station, Role::Receiver, |_, _| Ok(()))?;
        track.seize_receiving(&member)?;
        let consumer = Consumer::resume(track.shape, track.shared());
        let attempted = track.attempted.load(Ordering::Relaxed);
        Ok(Receiver { track, consumer, waiter: Waiter::new(member), attempted, streak: 0 })
    }

    /// The ring's name.
    pub fn name(&self) -> &Name {
        self.waiter.member().station().name()
    }

    /// The next message; waits while there is none.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt): a participant stored nonsense.
    #[inline]
    pub fn recv(&mut self) -> Result<Message<'_>> {
        let message = self.recv_until(Deadline::never())?;
        Ok(message.expect("a wait without end does not time out"))
    }

    /// The next message, if there is one.
    ///
    /// # Errors
    /// As for [`Receiver::recv`].
    #[inline]
    pub fn try_recv(&mut self) -> Result<Option<Message<'_>>> {
        self.recv_until(Deadline::now())
    }

    /// The next message; `None` if there was none until the deadline.
    ///
    /// # Errors
    /// As for [`Receiver::recv`].
    #[inline]
    pub fn recv_until(&mut self, deadline: impl Into<Deadline>) -> Result<Option<Message<'_>>> {
        let Some((at, len)) = self.next(deadline.into())? else { return Ok(None) };
        let redelivered = self.take(len);
        let Receiver { track, consumer, waiter, .. } = self;
        let (view, at) = track.find(at);
        let payload = Payload::new(view, at, len as usize);
        Ok(Some(Message::new(Held { track, consumer, waiter }, payload, redelivered)))
    }

    /// Hands up to `most` messages that are there to `read`, one after the other, and releases them together, which costs less than one
    /// by one. Returns how many there were; waits for none.
    ///
    /// # Errors
    /// As for [`Receiver::recv`].
    #[inline]
    pub fn read_batch(&mut self, most: usize, mut read: impl FnMut(Payload<'_>)) -> Result<usize> {
        let mut count = 0;
        while count < most {
            let Some((at, len)) = self.peek()? else { break };
            self.take(len);
            let (view, at) = self.track.find(at);
            read(Payload::new(view, at, len as usize));
            count += 1;
        }
        if count > 0 {
            let Receiver { track, consumer, waiter, .. } = self;
            Held { track, consumer, waiter }.release();
        }
        Ok(count)
    }

    /// Takes the message that was found, and notes that somebody began to read it; returns whether somebody did before.
    #[inline]
    fn take(&mut self, len: u32) -> bool {
        let number = self.consumer.count();
        let before = self.attempted.wrapping_sub(number) as i32 > 0;
        if !before {
            self.track.attempted.store(number.wrapping_add(1), Ordering::Relaxed);
        }
        self.consumer.advance(len);
        before
    }

    #[inline]
    fn peek(&mut self) -> Result<Option<(Place, u32)>> {
        let found = self.consumer.peek(self.track.shared());
        found.map_err(|Broken| broken(self.waiter.member().station()))
    }

    /// Where the next message is.
    #[inline]
    fn next(&mut self, deadline: Deadline) -> Result<Option<(Place, u32)>> {
        if let Some(found) = self.peek()? {
            self.streak = self.streak.saturating_add(1);
            return Ok(Some(found));
        }
        let streaming = self.streak > STREAM;
        self.streak = 0;
        let Receiver { track, consumer, waiter, .. } = self;
        let mut found = Ok(None);
        waiter.until(Class::Messages, deadline, streaming, || {
            found = consumer.peek(track.shared());
            Ok(found != Ok(None))
        })?;
        found.map_err(|Broken| broken(waiter.member().station()))
    }
}

/// What a message that is held needs of its receiver.
#[derive(Debug)]
pub(super) struct Held<'a> {
    track: &'a Track,
    consumer: &'a mut Consumer,
    waiter: &'a Waiter,
}

impl Held<'_> {
    /// Gives the room of all that was taken back to the sender.
    #[inline]
    pub(super) fn release(&mut self) {
        self.consumer.release(self.track.shared());
        self.waiter.member().station().wake(Class::Room, !0);
    }
}

#[cold]
fn broken(station: &Station) -> Error {
    station.corrupt("the sender stored lengths or counts that cannot be")
}
