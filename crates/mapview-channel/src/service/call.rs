//! `Call`: one question, and its replies.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::Instant;

use mapview::{Deadline, Name};

use super::client::ClientSide;
use super::slot::{Slot, Withdrawn};
use super::state::{Stage, State};
use super::Reply;
use crate::lane::{Broken, Consumer, Place, Shared};
use crate::station::{Class, Tag};
use crate::wait::{Awaited, ASK};
use crate::{Error, ErrorKind, Payload, Result};

/// A call that is under way, on the client's side. Dropping it cancels what is not finished: the server sees
/// [`Request::is_cancelled`](super::Request::is_cancelled), and whatever it replies goes nowhere.
///
/// When the server ends before it has finished, the replies that it had committed come first, and then
/// [`Abandoned`](ErrorKind::Abandoned); [`Call::retry`] offers the request to another server, unchanged.
///
/// ```
/// use mapview_channel::{Client, Server};
/// let name = format!("doc-call-{}", std::process::id());
/// let (client, mut server) = (Client::create(&name)?, Server::create(&name)?);
/// let mut call = client.call(b"count to two")?;
/// let mut request = server.recv()?;
/// request.reply(b"one")?;
/// request.reply(b"two")?;
/// request.finish();
/// let mut replies = 0;
/// while let Some(reply) = call.recv()? {
///     replies += 1;
///     assert_eq!(reply.len(), 3);
/// }
/// assert_eq!(replies, 2);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
pub struct Call {
    side: Arc<ClientSide>,
    slot: usize,
    /// As it was offered.
    offered: State,
    len: u32,
    consumer: Consumer,
    /// Whether a reply was got.
    answered: bool,
    /// When it was last made sure that the server lives.
    doubted: Option<Instant>,
    end: Option<End>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Finished,
    /// The state in which the server left it.
    Abandoned(State),
}

/// What a look at a call finds.
enum Found {
    Reply(Place, u32),
    Nothing(State),
    End(End),
}

impl Call {
    /// Offers a request that was written into a slot, which is this call's from now on.
    #[inline]
    pub(super) fn offer(side: Arc<ClientSide>, slot: usize, len: u32, number: u32) -> Call {
        let table = side.table(slot).expect("it was made with the draft");
        let lane = side.desk.lane(table, slot);
        let first = (lane.tail.load(Ordering::Relaxed) >> 32) as u32;
        let mut consumer = Consumer::begin(side.base.layout.shape, first);
        consumer.release(lane);
        let offered = side.desk.slot(slot).offer(number, len, first);
        side.ring();
        Call { side, slot, offered, len, consumer, answered: false, doubted: None, end: None }
    }

    /// The next reply; waits while there is none. `None` when there will be no more.
    ///
    /// # Errors
    /// * [`Abandoned`](ErrorKind::Abandoned): the server ended, or gave up, before it had finished.
    /// * [`Corrupt`](ErrorKind::Corrupt): a participant stored nonsense.
    #[inline]
    pub fn recv(&mut self) -> Result<Option<Reply<'_>>> {
        self.recv_until(Deadline::never())
    }

    /// The next reply, if there is one. `None` if there is none now, or will be no more: see [`Call::is_finished`].
    ///
    /// # Errors
    /// As for [`Call::recv`].
    #[inline]
    pub fn try_recv(&mut self) -> Result<Option<Reply<'_>>> {
        self.recv_until(Deadline::now())
    }

    /// The next reply; `None` if there was none until the deadline, or will be no more: see [`Call::is_finished`].
    ///
    /// # Errors
    /// As for [`Call::recv`].
    #[inline]
    pub fn recv_until(&mut self, deadline: impl Into<Deadline>) -> Result<Option<Reply<'_>>> {
        let Some((at, len)) = self.next(deadline.into())? else { return Ok(None) };
        self.consumer.advance(len);
        self.answered = true;
        let table = self.side.table(self.slot)?;
        let (view, at) = table.find(at);
        let payload = Payload::new(view, at, len as usize);
        let lane = self.side.desk.lane(table, self.slot);
        let held = Held { consumer: &mut self.consumer, lane, side: &self.side, slot: self.slot };
        Ok(Some(Reply::new(held, payload)))
    }

    /// Whether all replies were got and there will be no more.
    pub fn is_finished(&self) -> bool {
        self.end == Some(End::Finished)
    }

    /// Whether a server has begun with it.
    pub fn is_taken(&self) -> bool {
        self.state().stage() != Some(Stage::Ready)
    }

    /// Offers the request again, after [`Abandoned`](ErrorKind::Abandoned), to whichever server comes first. It is as it was written;
    /// the server sees [`Request::redelivered`](super::Request::redelivered).
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): the call was not abandoned.
    pub fn retry(&mut self) -> Result<()> {
        let Some(End::Abandoned(left)) = self.end else {
            let why = "the call was not abandoned, so it cannot be tried again";
            let name = self.side.base.station.name();
            return Err(Error::new(ErrorKind::InvalidParameter, name, why));
        };
        let first = self.consumer.count();
        let mut consumer = Consumer::begin(self.side.base.layout.shape, first);
        consumer.release(self.lane()?);
        let number = self.side.next_number();
        match self.slot().retry(left, number, self.len, first) {
            Some(offered) => (self.offered, self.consumer, self.end) = (offered, consumer, None),
            None => return Err(self.corrupt()),
        }
        self.side.ring();
        Ok(())
    }

    /// The service's name.
    pub(super) fn service(&self) -> &Name {
        self.side.base.station.name()
    }

    /// Where the next reply is.
    #[inline]
    fn next(&mut self, deadline: Deadline) -> Result<Option<(Place, u32)>> {
        loop {
            let end = match self.found(deadline)? {
                Found::Reply(at, len) => return Ok(Some((at, len))),
                Found::Nothing(_) => return Ok(None),
                Found::End(end) => end,
            };
            self.end = Some(end);
            match end {
                End::Finished => return Ok(None),
                End::Abandoned(_) if self.side.redeliver && !self.answered => self.retry()?,
                End::Abandoned(_) => return Err(self.abandoned()),
            }
        }
    }

    #[inline]
    fn found(&mut self, deadline: Deadline) -> Result<Found> {
        if let Some(end) = self.end {
            return Ok(Found::End(end));
        }
        match self.look()? {
            Found::Nothing(state) if deadline == Deadline::now() => self.doubt_sometimes(state),
            Found::Nothing(_) => self.found_later(deadline),
            found => Ok(found),
        }
    }

    fn found_later(&mut self, deadline: Deadline) -> Result<Found> {
        let side = self.side.clone();
        let mut next = Next { found: Found::Nothing(self.offered), call: self };
        side.waiting.until(Class::Messages, deadline, &mut next)?;
        Ok(next.found)
    }

    #[inline]
    fn look(&mut self) -> Result<Found> {
        if let Some((at, len)) = self.peek()? {
            return Ok(Found::Reply(at, len));
        }
        let state = self.state();
        if state.number() != self.offered.number() {
            return Err(self.corrupt());
        }
        let end = match state.stage() {
            Some(Stage::Ready | Stage::Taken) => return Ok(Found::Nothing(state)),
            Some(Stage::Done) => End::Finished,
            Some(Stage::Dropped) => End::Abandoned(state),
            Some(Stage::Idle | Stage::Cancelled) | None => return Err(self.corrupt()),
        };
        self.last_look(end)
    }

    /// After the server is known to write no more.
    fn last_look(&mut self, end: End) -> Result<Found> {
        Ok(match self.peek()? {
            Some((at, len)) => Found::Reply(at, len),
            None => Found::End(end),
        })
    }

    /// Makes sure that the server which has the call is alive. If not, nothing is left but what it had committed.
    fn doubt(&mut self, state: State) -> Result<Found> {
        if state.stage() != Some(Stage::Taken) || self.side.base.is_alive(state.tag())? {
            return Ok(Found::Nothing(state));
        }
        // It may have finished just before it ended.
        match self.look()? {
            Found::Nothing(state) => self.last_look(End::Abandoned(state)),
            found => Ok(found),
        }
    }

    /// As `doubt`, but not at each of many looks.
    fn doubt_sometimes(&mut self, state: State) -> Result<Found> {
        if self.doubted.is_some_and(|doubted| doubted.elapsed() < ASK) {
            return Ok(Found::Nothing(state));
        }
        self.doubted = Some(Instant::now());
        self.doubt(state)
    }

    #[inline]
    fn peek(&mut self) -> Result<Option<(Place, u32)>> {
        let table = self.side.table(self.slot)?;
        let found = self.consumer.peek(self.side.desk.lane(table, self.slot));
        found.map_err(|Broken| self.corrupt())
    }

    #[inline]
    fn slot(&self) -> Slot<'_> {
        self.side.desk.slot(self.slot)
    }

    #[inline]
    fn state(&self) -> State {
        self.slot().look()
    }

    fn lane(&self) -> Result<Shared<'_>> {
        Ok(self.side.desk.lane(self.side.table(self.slot)?, self.slot))
    }

    #[cold]
    fn corrupt(&self) -> Error {
        self.side
            .base
            .station
            .corrupt("a server stored what cannot be in the state of a call or in its replies")
    }

    #[cold]
    fn abandoned(&self) -> Error {
        let why = "the server ended before it had answered; retry the call";
        Error::new(ErrorKind::Abandoned, self.side.base.station.name(), why)
    }
}

/// The wait for a reply.
struct Next<'a> {
    call: &'a mut Call,
    found: Found,
}

impl Awaited for Next<'_> {
    #[inline]
    fn ready(&mut self) -> Result<bool> {
        if let Found::Nothing(_) = self.found {
            self.found = self.call.look()?;
        }
        Ok(!matches!(self.found, Found::Nothing(_)))
    }

    /// The server that has the call; before, all of them, because nobody tells when one takes it.
    fn watched(&mut self) -> Result<u64> {
        let state = self.call.state();
        self.found = self.call.doubt(state)?;
        let server = Tag::from_bits(state.tag()).index();
        match (state.stage(), server) {
            (Some(Stage::Taken), Some(server)) => Ok(1 << server),
            _ => Ok(self.call.side.base.servers()),
        }
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        if self.end != Some(End::Finished) {
            if let Withdrawn::With(tag) = self.slot().withdraw(|| true) {
                self.side.base.wake_room(tag);
            }
        }
        self.side.give_back(self.slot);
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("Call");
        f.field("number", &self.offered.number()).field("end", &self.end).finish_non_exhaustive()
    }
}

/// What a reply that is held needs of its call.
pub(super) struct Held<'a> {
    consumer: &'a mut Consumer,
    lane: Shared<'a>,
    side: &'a ClientSide,
    slot: usize,
}

impl Held<'_> {
    /// Gives the room back to the server.
    #[inline]
    pub(super) fn release(&mut self) {
        self.consumer.release(self.lane);
        self.side.base.wake_room(self.side.desk.slot(self.slot).look().tag());
    }
}
