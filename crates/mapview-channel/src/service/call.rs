//! `Call`: one question, and its replies.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::Instant;

use mapview::{Deadline, Name};

use super::client::ClientSide;
use super::reply::{Held, Reply};
use super::slot::{Slot, Withdrawn};
use super::state::{Stage, State};
use super::waiting::Borrowed;
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
    pub(super) side: Arc<ClientSide>,
    slot: usize,
    /// As it was offered.
    offered: State,
    len: u32,
    consumer: Consumer,
    /// Whether a reply was got.
    answered: bool,
    /// When it was last made sure that the server lives, and whether it was found dead without having finished.
    doubted: Option<Instant>,
    is_lost: bool,
    /// While it is waited for together with others.
    pub(super) borrowed: Option<Borrowed>,
    end: Option<End>,
}

/// How a call came to its end.
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
        Call {
            side,
            slot,
            offered,
            len,
            consumer,
            answered: false,
            doubted: None,
            is_lost: false,
            borrowed: None,
            end: None,
        }
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
        match self.next(deadline.into())? {
            Some((at, len)) => self.take(at, len).map(Some),
            None => Ok(None),
        }
    }

    /// As [`Call::recv`], in an async function. Dropped before it is done, it has taken nothing. The first future of a client that sleeps
    /// does so without cost; others of the same client look twice in a millisecond meanwhile.
    ///
    /// # Errors
    /// As for [`Call::recv`].
    pub async fn recv_async(&mut self) -> Result<Option<Reply<'_>>> {
        loop {
            let found = match self.found()? {
                Found::Nothing(_) => {
                    let waiting = self.side.waiting.clone();
                    waiting.until_async(Class::Messages, &mut NextReply(self)).await?;
                    self.found()?
                }
                found => found,
            };
            match self.conclude(found)? {
                Some(Some((at, len))) => return self.take(at, len).map(Some),
                Some(None) => return Ok(None),
                None => {}
            }
        }
    }

    /// Takes the reply that was found.
    #[inline]
    fn take(&mut self, at: Place, len: u32) -> Result<Reply<'_>> {
        self.consumer.advance(len);
        self.answered = true;
        let table = self.side.table(self.slot)?;
        let (view, at) = table.find(at);
        let payload = Payload::new(view, at, len as usize);
        let lane = self.side.desk.lane(table, self.slot);
        let held = Held { consumer: &mut self.consumer, lane, side: &self.side, slot: self.slot };
        Ok(Reply::new(held, payload))
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
            Some(offered) => {
                (self.offered, self.consumer) = (offered, consumer);
                (self.end, self.is_lost) = (None, false);
            }
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
            let found = match self.found()? {
                Found::Nothing(state) if deadline == Deadline::now() => {
                    self.doubt_sometimes(state)?
                }
                Found::Nothing(state) => {
                    let waiting = self.side.waiting.clone();
                    match waiting.until(Class::Messages, deadline, &mut NextReply(self))? {
                        true => self.found()?,
                        false => Found::Nothing(state),
                    }
                }
                found => found,
            };
            if let Some(next) = self.conclude(found)? {
                return Ok(next);
            }
        }
    }

    /// What is to be done about what was found; `None` if the call was offered again.
    #[inline]
    fn conclude(&mut self, found: Found) -> Result<Option<Option<(Place, u32)>>> {
        let end = match found {
            Found::Reply(at, len) => return Ok(Some(Some((at, len)))),
            Found::Nothing(_) => return Ok(Some(None)),
            Found::End(end) => end,
        };
        self.end = Some(end);
        match end {
            End::Finished => Ok(Some(None)),
            End::Abandoned(_) if self.side.redeliver && !self.answered => {
                self.retry().map(|()| None)
            }
            End::Abandoned(_) => Err(self.abandoned()),
        }
    }

    /// Whether there is a reply, or the end. Nothing is taken.
    #[inline]
    pub(super) fn has_news(&mut self) -> Result<bool> {
        Ok(!matches!(self.found()?, Found::Nothing(_)))
    }

    /// The server that has the call, which is doubted; before, all of them, because nobody tells when one takes it.
    pub(super) fn watch(&mut self) -> Result<u64> {
        let state = self.state();
        if self.end.is_none() {
            self.doubt(state)?;
        }
        let server = Tag::from_bits(state.tag()).index();
        match (state.stage(), server) {
            (Some(Stage::Taken), Some(server)) => Ok(1 << server),
            _ => Ok(self.side.base.servers()),
        }
    }

    #[inline]
    fn found(&mut self) -> Result<Found> {
        match self.end {
            Some(end) => Ok(Found::End(end)),
            None => self.look(),
        }
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
            Some(Stage::Taken) if self.is_lost => End::Abandoned(state),
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
        if state.stage() == Some(Stage::Taken) && !self.side.base.is_alive(state.tag())? {
            self.is_lost = true;
        }
        self.look()
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
struct NextReply<'a>(&'a mut Call);

impl Awaited for NextReply<'_> {
    #[inline]
    fn ready(&mut self) -> Result<bool> {
        self.0.has_news()
    }

    fn watched(&mut self) -> Result<u64> {
        self.0.watch()
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
