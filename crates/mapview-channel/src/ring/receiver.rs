//! `Receiver`: takes messages out of a ring.

use std::sync::Arc;

use mapview::{Deadline, Name, ToName};

use super::hub::Hub;
use super::inlet::Taken;
use super::intake::Intake;
use super::seat::Seat;
use super::{bury, Message, RingOptions};
use crate::station::{Class, Member, Role, Station};
use crate::wait::{Awaited, Waiter};
use crate::{Payload, Result};

/// Takes messages out of a ring: those of each sender in the order in which they were sent.
///
/// A message that was got and not released when a receiver ended is got again by the next one, or by another one, and says so:
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
    pub(super) intake: Intake,
    _seat: Seat,
    pub(super) waiter: Waiter,
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

    pub(super) fn join(station: &Arc<Station>) -> Result<Receiver> {
        let hub = Hub::new(station)?;
        let member = Member::join(station, Role::Receiver, |_, gone| bury(&hub, gone))?;
        let seat = hub.seat_receiver(&member)?;
        let intake = Intake::new(hub, member.tag())?;
        if intake.hub.plan.is_claimed() {
            // Those who sleep watch over all others, so they have to hear of a new one.
            station.wake(Class::Messages, !0);
        }
        Ok(Receiver { intake, _seat: seat, waiter: Waiter::new(member), streak: 0 })
    }

    /// The ring's name.
    pub fn name(&self) -> &Name {
        self.intake.hub.station.name()
    }

    /// How many senders there are now. Costs a few microseconds for each.
    ///
    /// That there is none is no error: what they sent is there, and another may come.
    ///
    /// # Errors
    /// The system does not say who lives.
    pub fn senders(&self) -> Result<usize> {
        self.intake.hub.living_senders()
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
        let Some(taken) = self.next(deadline.into())? else { return Ok(None) };
        Ok(Some(self.message(taken)))
    }

    #[inline]
    pub(super) fn message(&mut self, taken: Taken) -> Message<'_> {
        Message::new(self.intake.hold(), taken)
    }

    /// Hands up to `most` messages that are there to `read`, one after the other, which costs less than one by one. Returns how many
    /// there were; waits for none. Those that came in a row from one sender to a single receiver are released together.
    ///
    /// # Errors
    /// As for [`Receiver::recv`].
    #[inline]
    pub fn read_batch(&mut self, most: usize, mut read: impl FnMut(Payload<'_>)) -> Result<usize> {
        let (mut count, intake) = (0, &mut self.intake);
        let mut lane = intake.current();
        while count < most {
            let Some(taken) = intake.take()? else { break };
            if intake.current() != lane {
                intake.hold_lane(lane).release();
                lane = intake.current();
            }
            read(Payload::new(&intake.hold().track.view, taken.at, taken.len));
            count += 1;
        }
        if count > 0 {
            intake.hold().release();
        }
        Ok(count)
    }

    /// Where the next message is.
    #[inline]
    pub(super) fn next(&mut self, deadline: Deadline) -> Result<Option<Taken>> {
        if let Some(taken) = self.intake.take()? {
            self.streak = self.streak.saturating_add(1);
            return Ok(Some(taken));
        }
        let streaming = self.streak > STREAM;
        self.streak = 0;
        let mut next = Next { intake: &mut self.intake, found: None };
        self.waiter.until_awaited(Class::Messages, deadline, streaming, &mut next)?;
        Ok(next.found)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.intake.give_back();
    }
}

/// The wait for a message.
pub(super) struct Next<'a> {
    pub intake: &'a mut Intake,
    pub found: Option<Taken>,
}

impl Awaited for Next<'_> {
    #[inline]
    fn ready(&mut self) -> Result<bool> {
        self.found = self.intake.take()?;
        Ok(self.found.is_some())
    }

    fn watched(&mut self) -> Result<u64> {
        self.intake.watched()
    }
}
