//! `Client`: asks servers.

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::Arc;

use mapview::{Deadline, Name, ToName};

use super::base::Base;
use super::desk::{Desk, Table};
use super::state::Stage;
use super::waiting::Waiting;
use super::{Call, RequestDraft, ServiceOptions};
use crate::station::{Class, Role, Station};
use crate::wait::{Awaited, Waiter};
use crate::{Error, ErrorKind, Result};

/// Asks whichever server of a service comes first, and gets its replies.
///
/// A client has several calls under way at once, as many as [`ServiceOptions::calls`] says. Servers take a client's calls in the order
/// in which they were committed, and different clients' in turn. Threads may share a client; those that wait at the same time had
/// better have one each.
///
/// ```
/// use mapview_channel::{Client, Server};
/// let name = format!("doc-client-{}", std::process::id());
/// let client = Client::create(&name)?; // usually in one process
/// let mut server = Server::open(&name)?; // and this in another
///
/// let mut call = client.call(b"two words")?;
/// server.recv()?.answer(b"and an answer")?;
/// assert_eq!(call.recv()?.expect("one reply").to_vec()?, b"and an answer");
/// assert!(call.recv()?.is_none()); // that was all
/// # Ok::<(), mapview_channel::Error>(())
/// ```
pub struct Client {
    pub(super) side: Arc<ClientSide>,
}

/// What a client and its calls share.
pub(super) struct ClientSide {
    pub base: Base,
    pub desk: Desk,
    pub redeliver: bool,
    pub waiting: Arc<Waiting>,
    index: usize,
    bit: u64,
    /// The number of the last call.
    number: AtomicU32,
    /// A bit for each slot that a call or a draft has.
    held: AtomicU64,
}

impl Client {
    /// Becomes a client of a service with the default options; see [`ServiceOptions::client`].
    ///
    /// # Errors
    /// As for [`ServiceOptions::client`].
    pub fn create(name: &(impl ToName + ?Sized)) -> Result<Client> {
        ServiceOptions::new().client(name)
    }

    /// Becomes a client of a service that is there; see [`ServiceOptions::open_client`].
    ///
    /// # Errors
    /// As for [`ServiceOptions::open_client`].
    pub fn open(name: &(impl ToName + ?Sized)) -> Result<Client> {
        ServiceOptions::new().open_client(name)
    }

    pub(super) fn join(station: Arc<Station>, redeliver: bool) -> Result<Client> {
        let base = Base::new(&station)?;
        let member = base.join(Role::Client)?;
        let desk = Desk::new(&station, &base.layout, member.index())?;
        // Numbers go on behind all that a client in this place ever used: who looked at its calls long ago must not take a new one
        // for an old one.
        let calls = desk.calls.load(Ordering::Acquire) as u32;
        let last = desk.slots().map(|(_, slot)| slot.look().number());
        let number = last.fold(calls, |most, one| match one.wrapping_sub(most) as i32 {
            more if more > 0 => one,
            _ => most,
        });
        let (index, bit, number) = (member.index(), member.bit(), AtomicU32::new(number));
        let (waiting, held) = (Waiting::new(Waiter::new(member)), AtomicU64::new(0));
        let side = ClientSide { base, desk, redeliver, waiting, index, bit, number, held };
        Ok(Client { side: Arc::new(side) })
    }

    /// The service's name.
    pub fn name(&self) -> &Name {
        self.side.base.station.name()
    }

    /// The longest request in bytes.
    pub fn longest_request(&self) -> usize {
        self.side.base.layout.request
    }

    /// How many calls can be under way at once.
    pub fn calls(&self) -> usize {
        self.side.base.layout.calls
    }

    /// Copies a request in and offers it to the servers. Waits while all calls are taken up by cancelled ones that their servers have
    /// not ended.
    ///
    /// # Errors
    /// * [`Occupied`](ErrorKind::Occupied): as many calls as can be are under way.
    /// * [`TooLong`](ErrorKind::TooLong): longer than [`Client::longest_request`].
    /// * [`Object`](ErrorKind::Object): no memory.
    pub fn call(&self, request: &[u8]) -> Result<Call> {
        let mut draft = self.reserve(request.len())?;
        draft.copy_in(0, request)?;
        Ok(draft.commit())
    }

    /// As [`Client::call`]; `None` if there was no free call until the deadline.
    ///
    /// # Errors
    /// As for [`Client::call`].
    pub fn call_until(
        &self,
        request: &[u8],
        deadline: impl Into<Deadline>,
    ) -> Result<Option<Call>> {
        let Some(mut draft) = self.reserve_until(request.len(), deadline)? else {
            return Ok(None);
        };
        draft.copy_in(0, request)?;
        Ok(Some(draft.commit()))
    }

    /// Room for a request of `len` bytes, to be written where the server will read it. Waits as [`Client::call`] does.
    ///
    /// # Errors
    /// As for [`Client::call`].
    #[inline]
    pub fn reserve(&self, len: usize) -> Result<RequestDraft> {
        let draft = self.reserve_until(len, Deadline::never())?;
        Ok(draft.expect("a wait without end does not time out"))
    }

    /// As [`Client::reserve`]; `None` if there was no free call until the deadline.
    ///
    /// # Errors
    /// As for [`Client::call`].
    #[inline]
    pub fn reserve_until(
        &self,
        len: usize,
        deadline: impl Into<Deadline>,
    ) -> Result<Option<RequestDraft>> {
        if len > self.longest_request() {
            return Err(self.too_long(len));
        }
        let slot = match self.side.seize(false)? {
            Some(slot) => slot,
            None => match self.side.seize_later(deadline.into())? {
                Some(slot) => slot,
                None => return Ok(None),
            },
        };
        // From here on the draft gives the slot back. Its number is taken now, because a locked instruction between writing a request
        // and offering it would have to wait for the first before it lets the second begin.
        let number = self.side.next_number();
        let draft = RequestDraft::new(self.side.clone(), slot, len, number);
        draft.side.table(slot)?;
        Ok(Some(draft))
    }

    #[cold]
    fn too_long(&self, len: usize) -> Error {
        let why = format!(
            "a request of {len} bytes; the service takes requests of up to {}",
            self.longest_request()
        );
        Error::new(ErrorKind::TooLong, self.name(), why)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("name", self.name()).finish_non_exhaustive()
    }
}

impl ClientSide {
    /// A slot that no call has; `None` if those that are left are cancelled calls which servers still have. `doubt`: whether to make
    /// sure that those servers live.
    fn seize(&self, doubt: bool) -> Result<Option<usize>> {
        let all = !0 >> (64 - self.base.layout.calls);
        let mut free = !self.held.load(Ordering::Relaxed) & all;
        if free == 0 {
            return Err(self.occupied());
        }
        while free != 0 {
            let slot = free.trailing_zeros() as usize;
            let bit = 1 << slot;
            free ^= bit;
            if self.held.fetch_or(bit, Ordering::Acquire) & bit != 0 {
                continue; // another thread was faster
            }
            if self.is_free(slot, doubt)? {
                return Ok(Some(slot));
            }
            self.give_back(slot);
        }
        Ok(None)
    }

    #[cold]
    fn seize_later(&self, deadline: Deadline) -> Result<Option<usize>> {
        let mut free = FreeSlot { side: self, seized: self.seize(true)?, doubt: false };
        if free.seized.is_none() {
            self.waiting.until(Class::Messages, deadline, &mut free)?;
        }
        Ok(free.seized)
    }

    /// Whether a slot that no call has can carry one: the server of a cancelled call may still write there.
    #[inline]
    fn is_free(&self, slot: usize, doubt: bool) -> Result<bool> {
        let slot = self.desk.slot(slot);
        let state = slot.look();
        match state.stage() {
            _ if state.is_free() => Ok(true),
            Some(Stage::Taken | Stage::Cancelled)
                if !doubt || self.base.is_alive(state.tag())? =>
            {
                Ok(false)
            }
            _ => Ok(slot.reclaim(state)),
        }
    }

    #[cold]
    fn occupied(&self) -> Error {
        let why = format!(
            "all {} calls of the client are under way; end one, or create the service with more",
            self.base.layout.calls
        );
        Error::new(ErrorKind::Occupied, self.base.station.name(), why)
    }

    pub(super) fn give_back(&self, slot: usize) {
        self.held.fetch_and(!(1 << slot), Ordering::Release);
    }

    #[inline]
    pub(super) fn table(&self, slot: usize) -> Result<&Table> {
        self.desk.table(&self.base.station, &self.base.layout, slot)
    }

    /// The number that was taken for a call which is offered now, if no other was taken since; or a later one, because servers take
    /// calls in the order of their numbers.
    #[inline]
    pub(super) fn number_now(&self, taken: u32) -> u32 {
        match self.number.load(Ordering::Relaxed) == taken {
            true => taken,
            false => self.next_number(),
        }
    }

    /// A number for a call.
    #[inline]
    pub(super) fn next_number(&self) -> u32 {
        self.number.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    /// After a call was offered: tells the servers.
    #[inline]
    pub(super) fn ring(&self) {
        self.desk.calls.fetch_add(1, Ordering::Release);
        self.base.station.wake(Class::Messages, self.base.servers());
    }
}

/// The wait for a free slot.
struct FreeSlot<'a> {
    side: &'a ClientSide,
    seized: Option<usize>,
    doubt: bool,
}

impl Awaited for FreeSlot<'_> {
    fn ready(&mut self) -> Result<bool> {
        self.seized = self.side.seize(std::mem::take(&mut self.doubt))?;
        Ok(self.seized.is_some())
    }

    fn watched(&mut self) -> Result<u64> {
        self.doubt = true;
        Ok(self.side.base.servers())
    }
}

impl Drop for ClientSide {
    fn drop(&mut self) {
        let owner = self.base.station.roster().owner(self.index);
        // What fails here is found again by whoever takes the place.
        let _ = self.base.withdraw_all(self.index, owner);
        self.base.leave(self.bit);
    }
}
