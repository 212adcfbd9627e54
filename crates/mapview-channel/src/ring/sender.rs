//! `Sender`: puts messages into a ring.

use std::sync::atomic::Ordering;
use std::sync::Arc;

use mapview::{Deadline, Name, ToName};

use super::hub::Hub;
use super::outlet::Outlet;
use super::seat::Seat;
use super::{bury, Batch, Draft, RingOptions};
use crate::lane::Broken;
use crate::station::{Class, Member, Role, Station};
use crate::wait::{Awaited, Waiter};
use crate::{Error, ErrorKind, Result};

/// Puts messages into a ring.
///
/// ```
/// use mapview_channel::{Receiver, Sender};
/// let name = format!("doc-sender-{}", std::process::id());
/// let (mut sender, mut receiver) = (Sender::create(&name)?, Receiver::create(&name)?);
/// let mut draft = sender.reserve(16)?; // room where the receiver will read
/// draft.write(8, &7_u64)?;
/// draft.commit(); // from now on the message exists
/// assert_eq!(receiver.recv()?.read::<u64>(8)?, 7);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Debug)]
pub struct Sender {
    pub(super) outlet: Outlet,
    pub(super) hub: Hub,
    _seat: Seat,
    pub(super) waiter: Waiter,
    messages: u64,
    bytes: u64,
    /// The message for which `wait_any` waits until there is room.
    pub(super) awaited: usize,
}

impl Sender {
    /// Becomes the sender of a ring with the default options; see [`RingOptions::sender`].
    ///
    /// # Errors
    /// As for [`RingOptions::sender`].
    pub fn create(name: &(impl ToName + ?Sized)) -> Result<Sender> {
        RingOptions::new().sender(name)
    }

    /// Becomes the sender of a ring that is there; see [`RingOptions::open_sender`].
    ///
    /// # Errors
    /// As for [`RingOptions::open_sender`].
    pub fn open(name: &(impl ToName + ?Sized)) -> Result<Sender> {
        RingOptions::new().open_sender(name)
    }

    pub(super) fn join(station: &Arc<Station>) -> Result<Sender> {
        let hub = Hub::new(station)?;
        let member = Member::join(station, Role::Sender, |_, gone| bury(&hub, gone))?;
        let (lane, seat) = hub.seat_sender(&member)?;
        let outlet = Outlet::resume(&hub, lane)?;
        let messages = outlet.track.messages.load(Ordering::Relaxed);
        let bytes = outlet.track.bytes.load(Ordering::Relaxed);
        Ok(Sender {
            outlet,
            hub,
            _seat: seat,
            waiter: Waiter::new(member),
            messages,
            bytes,
            awaited: 0,
        })
    }

    /// The ring's name.
    pub fn name(&self) -> &Name {
        self.station().name()
    }

    /// This sender's number among those of the ring: 0 to one less than it takes. See [`Message::sender`](super::Message::sender).
    pub fn id(&self) -> usize {
        self.outlet.track.lane
    }

    /// How many receivers there are now. Costs a few microseconds for each.
    ///
    /// That there is none is no error: what is sent is kept as long as anybody has the ring open, and another may come.
    ///
    /// # Errors
    /// The system does not say who lives.
    pub fn receivers(&self) -> Result<usize> {
        self.hub.living_receivers()
    }

    /// How many bytes of the room for messages lie in huge pages, as this process sees it now; see [`RingOptions::huge_pages`].
    ///
    /// # Errors
    /// The system does not tell.
    pub fn huge_bytes(&self) -> Result<u64> {
        self.outlet.track.huge_bytes()
    }

    /// The longest message in bytes.
    pub fn longest(&self) -> usize {
        self.outlet.track.shape.longest() as usize
    }

    /// Copies a message in; waits while the ring is full.
    ///
    /// # Errors
    /// [`TooLong`](ErrorKind::TooLong): longer than [`Sender::longest`]; [`Corrupt`](ErrorKind::Corrupt).
    pub fn send(&mut self, message: &[u8]) -> Result<()> {
        self.send_until(message, Deadline::never()).map(|_| ())
    }

    /// Copies a message in, if there is room: `false` if there is none.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    pub fn try_send(&mut self, message: &[u8]) -> Result<bool> {
        self.send_until(message, Deadline::now())
    }

    /// Copies a message in; `false` if there was no room until the deadline.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    pub fn send_until(&mut self, message: &[u8], deadline: impl Into<Deadline>) -> Result<bool> {
        let Some(mut draft) = self.reserve_until(message.len(), deadline)? else {
            return Ok(false);
        };
        draft.copy_in(0, message)?;
        draft.commit();
        Ok(true)
    }

    /// Room for a message of `len` bytes, to be written in place; waits while the ring is full.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    #[inline]
    pub fn reserve(&mut self, len: usize) -> Result<Draft<'_>> {
        let draft = self.reserve_until(len, Deadline::never())?;
        Ok(draft.expect("a wait without end does not time out"))
    }

    /// Room for a message, if there is: `None` if the ring is full.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    #[inline]
    pub fn try_reserve(&mut self, len: usize) -> Result<Option<Draft<'_>>> {
        self.reserve_until(len, Deadline::now())
    }

    /// Room for a message; `None` if there was none until the deadline.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    #[inline]
    pub fn reserve_until(
        &mut self,
        len: usize,
        deadline: impl Into<Deadline>,
    ) -> Result<Option<Draft<'_>>> {
        let Some(at) = self.room(len, deadline.into())? else { return Ok(None) };
        Ok(Some(Draft::new(self, at, len, true)))
    }

    /// Messages that are committed together, which costs less than one by one. The receiver sees all of them at once.
    pub fn batch(&mut self) -> Batch<'_> {
        Batch::new(self)
    }

    /// Where in the lane's view there is room.
    #[inline]
    pub(super) fn room(&mut self, len: usize, deadline: Deadline) -> Result<Option<usize>> {
        match self.room_now(len)? {
            None => self.room_later(len as u32, deadline), // `room_now` checked it
            found => Ok(found),
        }
    }

    #[inline]
    pub(super) fn room_now(&mut self, len: usize) -> Result<Option<usize>> {
        let len = match u32::try_from(len) {
            Ok(len) if len <= self.outlet.track.shape.longest() => len,
            _ => return Err(self.too_long(len)),
        };
        self.outlet.reserve(len).map_err(|Broken| broken(self.station()))
    }

    #[cold]
    fn room_later(&mut self, len: u32, deadline: Deadline) -> Result<Option<usize>> {
        self.flush(); // else the receiver could not make room
        let Sender { outlet, hub, waiter, .. } = self;
        let mut room = Room { outlet, station: &hub.station, len, at: None };
        waiter.until_awaited(Class::Room, deadline, false, &mut room)?;
        Ok(room.at)
    }

    /// Adds the message that was written at the last place that `room` found.
    #[inline]
    pub(super) fn add(&mut self, len: usize) {
        self.outlet.append(len as u32); // `room` checked it
        self.messages += 1;
        self.bytes += len as u64;
    }

    /// Commits what was added.
    #[inline]
    pub(super) fn flush(&mut self) {
        if !self.outlet.is_pending() {
            return;
        }
        self.outlet.track.messages.store(self.messages, Ordering::Relaxed);
        self.outlet.track.bytes.store(self.bytes, Ordering::Relaxed);
        self.outlet.publish();
        self.station().wake(Class::Messages, !0);
    }

    fn station(&self) -> &Arc<Station> {
        &self.hub.station
    }

    #[cold]
    fn too_long(&self, len: usize) -> Error {
        let why = format!("{len} bytes; the ring takes messages of up to {}", self.longest());
        Error::new(ErrorKind::TooLong, self.name(), why)
    }
}

/// The wait for room.
pub(super) struct Room<'a> {
    pub outlet: &'a mut Outlet,
    pub station: &'a Station,
    pub len: u32,
    pub at: Option<usize>,
}

impl Awaited for Room<'_> {
    #[inline]
    fn ready(&mut self) -> Result<bool> {
        self.at = self.outlet.reserve(self.len).map_err(|Broken| broken(self.station))?;
        Ok(self.at.is_some())
    }

    fn is_scarce(&self) -> bool {
        self.outlet.is_nearly_full()
    }
}

#[cold]
fn broken(station: &Station) -> Error {
    station.corrupt("a receiver says it read what was never sent")
}
