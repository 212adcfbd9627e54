//! `Request`: a request in place, and the way to reply to it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mapview::{Deadline, Name, Plain};

use super::desk::Table;
use super::lookout::Found;
use super::server::ServerSide;
use super::slot::{Slot, Taken};
use super::ReplyDraft;
use crate::lane::{Broken, Place, Producer};
use crate::station::Class;
use crate::wait::Awaited;
use crate::{Error, ErrorKind, Payload, PayloadMut, Result};

/// How often, at most, it is made sure that the client lives.
const DOUBT: Duration = Duration::from_millis(1);

/// A request that this server took. Reply any number of times, then [`Request::finish`]; or [`Request::answer`] if there is one reply.
///
/// Dropped without, it was given up: the client gets what was committed, and then [`Abandoned`](ErrorKind::Abandoned), as if the server
/// had died.
pub struct Request {
    side: Arc<ServerSide>,
    client: usize,
    slot: usize,
    taken: Taken,
    producer: Producer,
    /// When it was last made sure that the client lives.
    doubted: Option<Instant>,
    finished: bool,
}

impl Request {
    #[inline]
    pub(super) fn new(side: Arc<ServerSide>, found: Found) -> Result<Request> {
        let Found { client, slot, taken } = found;
        let producer = Producer::begin(side.base.layout.shape, taken.first);
        // Whatever fails from here on, the client is told.
        let (doubted, finished) = (None, false);
        let request = Request { side, client, slot, taken, producer, doubted, finished };
        request.table()?;
        if taken.len as usize > request.side.base.layout.request {
            let why = "a client says that its request is longer than its room";
            return Err(request.side.base.station.corrupt(why));
        }
        Ok(request)
    }

    /// The bytes, where the client wrote them.
    #[inline]
    pub fn payload(&self) -> Payload<'_> {
        let table = self.table().expect("it was made with the request");
        Payload::new(&table.data, 0, self.taken.len as usize)
    }

    /// The length in bytes; may be 0.
    #[inline]
    pub fn len(&self) -> usize {
        self.taken.len as usize
    }

    /// Whether there are no bytes.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.taken.len == 0
    }

    /// A copy of the value at `offset`; need not be aligned.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range.
    #[inline]
    pub fn read<T: Plain>(&self, offset: usize) -> Result<T> {
        self.payload().read(offset)
    }

    /// A copy of all bytes.
    ///
    /// # Errors
    /// No memory for the copy.
    pub fn to_vec(&self) -> Result<Vec<u8>> {
        self.payload().to_vec()
    }

    /// Whether a server had the request before and ended: what it asks for may have been done, in part or altogether.
    pub fn redelivered(&self) -> bool {
        self.taken.state.redelivered()
    }

    /// Whether the client dropped the call, or ended. Replies go nowhere then. Costs nothing to ask often.
    pub fn is_cancelled(&mut self) -> bool {
        if self.slot().is_cancelled(self.taken.state) {
            return true;
        }
        match self.doubted {
            None => self.doubted = Some(Instant::now()),
            Some(doubted) if doubted.elapsed() < DOUBT => {}
            Some(_) => {
                self.doubted = Some(Instant::now());
                return self.is_client_dead().unwrap_or(false);
            }
        }
        false
    }

    /// Copies a reply in; waits while there is no room because the client has not released earlier ones. `false` if the call is
    /// cancelled.
    ///
    /// # Errors
    /// [`TooLong`](ErrorKind::TooLong): longer than [`Server::longest_reply`](super::Server::longest_reply);
    /// [`Corrupt`](ErrorKind::Corrupt).
    pub fn reply(&mut self, reply: &[u8]) -> Result<bool> {
        self.reply_until(reply, Deadline::never())
    }

    /// Copies a reply in, if there is room: `false` if there is none, or the call is cancelled.
    ///
    /// # Errors
    /// As for [`Request::reply`].
    pub fn try_reply(&mut self, reply: &[u8]) -> Result<bool> {
        self.reply_until(reply, Deadline::now())
    }

    /// Copies a reply in; `false` if there was no room until the deadline, or the call is cancelled.
    ///
    /// # Errors
    /// As for [`Request::reply`].
    pub fn reply_until(&mut self, reply: &[u8], deadline: impl Into<Deadline>) -> Result<bool> {
        let Some(mut draft) = self.reserve_until(reply.len(), deadline)? else {
            return Ok(false);
        };
        draft.copy_in(0, reply)?;
        draft.commit();
        Ok(true)
    }

    /// Room for a reply of `len` bytes, to be written where the client will read it; waits as [`Request::reply`] does. `None` if the
    /// call is cancelled.
    ///
    /// # Errors
    /// As for [`Request::reply`].
    #[inline]
    pub fn reserve(&mut self, len: usize) -> Result<Option<ReplyDraft<'_>>> {
        self.reserve_until(len, Deadline::never())
    }

    /// Room for a reply, if there is: `None` if there is none, or the call is cancelled.
    ///
    /// # Errors
    /// As for [`Request::reply`].
    #[inline]
    pub fn try_reserve(&mut self, len: usize) -> Result<Option<ReplyDraft<'_>>> {
        self.reserve_until(len, Deadline::now())
    }

    /// Room for a reply; `None` if there was none until the deadline, or the call is cancelled.
    ///
    /// # Errors
    /// As for [`Request::reply`].
    #[inline]
    pub fn reserve_until(
        &mut self,
        len: usize,
        deadline: impl Into<Deadline>,
    ) -> Result<Option<ReplyDraft<'_>>> {
        let Some(at) = self.room(len, deadline.into())? else { return Ok(None) };
        Ok(Some(ReplyDraft::new(self, at, len)))
    }

    /// As [`Request::reserve`], in an async function.
    ///
    /// # Errors
    /// As for [`Request::reply`].
    pub async fn reserve_async(&mut self, len: usize) -> Result<Option<ReplyDraft<'_>>> {
        let mut at = self.room(len, Deadline::now())?;
        if at.is_none() && !self.slot().is_cancelled(self.taken.state) {
            let waiting = self.side.waiting.clone();
            let mut room = Room { request: self, len: len as u32, at }; // `room` checked it
            waiting.until_async(Class::Room, &mut room).await?;
            at = room.at;
        }
        Ok(at.map(|at| ReplyDraft::new(self, at, len)))
    }

    /// There are no more replies: the call is done.
    #[inline]
    pub fn finish(mut self) {
        self.end(false);
    }

    /// Copies the only, or the last, reply in, and finishes. `false` if the call is cancelled.
    ///
    /// # Errors
    /// As for [`Request::reply`]; then the request is given up.
    pub fn answer(mut self, reply: &[u8]) -> Result<bool> {
        let Some(mut draft) = self.reserve(reply.len())? else {
            self.end(false);
            return Ok(false);
        };
        draft.copy_in(0, reply)?;
        draft.commit_quietly();
        self.end(false); // which wakes the client for both
        Ok(true)
    }

    /// Where in the slot's data there is room.
    #[inline]
    fn room(&mut self, len: usize, deadline: Deadline) -> Result<Option<Place>> {
        let shape = self.side.base.layout.shape;
        let len = match u32::try_from(len) {
            Ok(len) if len <= shape.longest() => len,
            _ => return Err(self.too_long(len)),
        };
        if self.slot().is_cancelled(self.taken.state) {
            return Ok(None);
        }
        match self.try_room(len)? {
            None if deadline != Deadline::now() => self.room_later(len, deadline),
            at => Ok(at),
        }
    }

    #[cold]
    fn room_later(&mut self, len: u32, deadline: Deadline) -> Result<Option<Place>> {
        let side = self.side.clone();
        let mut room = Room { request: self, len, at: None };
        side.waiting.until(Class::Room, deadline, &mut room)?;
        Ok(room.at)
    }

    #[inline]
    fn try_room(&mut self, len: u32) -> Result<Option<Place>> {
        let lane = self.side.lane(self.client, self.slot)?;
        match self.producer.reserve(lane, len) {
            Ok(at) => Ok(at),
            Err(Broken) => Err(self
                .side
                .base
                .station
                .corrupt("a client says that it read replies which were never sent")),
        }
    }

    /// The bytes of a place that `room` found.
    #[inline]
    pub(super) fn room_at(&mut self, at: Place, len: usize) -> PayloadMut<'_> {
        let (view, at) = self.table().expect("it was made with the request").find(at);
        PayloadMut::new(view, at, len)
    }

    /// Commits the reply that was written at the last place that `room` found.
    #[inline]
    pub(super) fn commit(&mut self, len: usize) {
        let lane = self.side.lane(self.client, self.slot).expect("it was made with the request");
        self.producer.append(lane, len as u32); // `room` checked it
        self.producer.publish(lane);
    }

    /// The service's name.
    pub(super) fn service(&self) -> &Name {
        self.side.base.station.name()
    }

    /// Wakes the client, if it sleeps.
    #[inline]
    pub(super) fn wake(&self) {
        self.side.base.station.wake(Class::Messages, 1 << self.client);
    }

    #[inline]
    fn end(&mut self, dropped: bool) {
        self.finished = true;
        self.slot().finish(self.taken.state, dropped);
        self.wake();
    }

    fn is_client_dead(&self) -> Result<bool> {
        self.side.base.bury_if_dead(self.client)?;
        Ok(self.slot().is_cancelled(self.taken.state))
    }

    #[inline]
    fn slot(&self) -> Slot<'_> {
        self.side.known_desk(self.client).slot(self.slot)
    }

    #[inline]
    fn table(&self) -> Result<&Table> {
        self.side.table(self.client, self.slot)
    }

    #[cold]
    fn too_long(&self, len: usize) -> Error {
        let longest = self.side.base.layout.shape.longest();
        let why = format!("{len} bytes; the service takes replies of up to {longest}");
        Error::new(ErrorKind::TooLong, self.side.base.station.name(), why)
    }
}

/// The wait for room for a reply.
struct Room<'a> {
    request: &'a mut Request,
    len: u32,
    at: Option<Place>,
}

impl Awaited for Room<'_> {
    fn ready(&mut self) -> Result<bool> {
        if self.request.slot().is_cancelled(self.request.taken.state) {
            return Ok(true);
        }
        self.at = self.request.try_room(self.len)?;
        Ok(self.at.is_some())
    }

    fn watched(&mut self) -> Result<u64> {
        self.request.is_client_dead()?; // then the call is cancelled
        Ok(1 << self.request.client)
    }
}

impl Drop for Request {
    #[inline]
    fn drop(&mut self) {
        if !self.finished {
            self.end(true);
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("Request");
        f.field("client", &self.client).field("len", &self.len()).finish_non_exhaustive()
    }
}
