//! `Server`: takes requests.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use mapview::{Deadline, Name, ToName};

use super::base::Base;
use super::desk::{Desk, Table};
use super::layout::CLIENTS;
use super::round::Round;
use super::slot::Taken;
use super::state::{Stage, State};
use super::waiting::Waiting;
use super::{Request, ServiceOptions};
use crate::lane::Shared;
use crate::station::{Class, Role, Station};
use crate::wait::Waiter;
use crate::Result;

/// Takes the requests of a service's clients, and replies. Any number of servers share the work; each request goes to one.
///
/// ```
/// use mapview_channel::{Client, Server};
/// let name = format!("doc-server-{}", std::process::id());
/// let (client, mut server) = (Client::create(&name)?, Server::create(&name)?);
/// assert!(server.try_recv()?.is_none());
/// let mut call = client.call(&7_u64.to_le_bytes())?;
/// let mut request = server.recv()?;
/// let number: u64 = request.read(0)?; // in place, where the client wrote it
/// let mut reply = request.reserve(8)?.expect("the client still waits");
/// reply.write(0, &(number * 6))?; // and where the client will read it
/// reply.commit();
/// request.finish();
/// assert_eq!(call.recv()?.expect("a reply").read::<u64>(0)?, 42);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
pub struct Server {
    side: Arc<ServerSide>,
    round: Round,
    /// The clients that were alive when their first call came, by the generation of their places.
    met: [Option<u8>; CLIENTS],
    last: Option<Last>,
}

/// Where the last request came from: the next of a client that asks one after the other comes there too, and is the oldest if its
/// number says that it is the next.
#[derive(Clone, Copy)]
struct Last {
    client: usize,
    slot: usize,
    number: u32,
    /// How often in a row; others must have a turn.
    streak: u32,
}

/// After so many requests from one client the others are looked at.
const STREAK: u32 = 8;

/// What a server and its requests share.
pub(super) struct ServerSide {
    pub base: Base,
    pub waiting: Waiting,
    index: usize,
    bit: u64,
    tag: u32,
    desks: Box<[OnceLock<Desk>]>,
}

impl Server {
    /// Becomes a server of a service with the default options; see [`ServiceOptions::server`].
    ///
    /// # Errors
    /// As for [`ServiceOptions::client`].
    pub fn create(name: &(impl ToName + ?Sized)) -> Result<Server> {
        ServiceOptions::new().server(name)
    }

    /// Becomes a server of a service that is there; see [`ServiceOptions::open_server`].
    ///
    /// # Errors
    /// As for [`ServiceOptions::open_client`].
    pub fn open(name: &(impl ToName + ?Sized)) -> Result<Server> {
        ServiceOptions::new().open_server(name)
    }

    pub(super) fn join(station: Arc<Station>) -> Result<Server> {
        let base = Base::new(&station)?;
        let member = base.join(Role::Server)?;
        station.roster().words(member.index()).iter().for_each(|word| {
            word.store(0, Ordering::Relaxed);
        });
        let (index, bit, tag) = (member.index(), member.bit(), member.tag().bits());
        let waiting = Waiting::new(Waiter::new(member));
        let desks = (0..CLIENTS).map(|_| OnceLock::new()).collect();
        let side = Arc::new(ServerSide { base, waiting, index, bit, tag, desks });
        Ok(Server { side, round: Round::new(), met: [None; CLIENTS], last: None })
    }

    /// The service's name.
    pub fn name(&self) -> &Name {
        self.side.base.station.name()
    }

    /// The longest reply in bytes.
    pub fn longest_reply(&self) -> usize {
        self.side.base.layout.shape.longest() as usize
    }

    /// The next request; waits while there is none. It is this server's from now on, and may be worked on while others are taken, also
    /// by other threads.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt): a client stored nonsense; the next call goes on with other requests.
    /// [`Object`](crate::ErrorKind::Object): no memory.
    #[inline]
    pub fn recv(&mut self) -> Result<Request> {
        let request = self.recv_until(Deadline::never())?;
        Ok(request.expect("a wait without end does not time out"))
    }

    /// The next request, if there is one.
    ///
    /// # Errors
    /// As for [`Server::recv`].
    #[inline]
    pub fn try_recv(&mut self) -> Result<Option<Request>> {
        self.recv_until(Deadline::now())
    }

    /// The next request; `None` if there was none until the deadline.
    ///
    /// # Errors
    /// As for [`Server::recv`].
    #[inline]
    pub fn recv_until(&mut self, deadline: impl Into<Deadline>) -> Result<Option<Request>> {
        let mut found = self.look()?;
        if found.is_none() {
            let side = self.side.clone();
            side.waiting.until(Class::Messages, deadline.into(), || {
                found = self.look()?;
                Ok(found.is_some())
            })?;
        }
        let Some((client, slot, taken)) = found else { return Ok(None) };
        Request::new(self.side.clone(), client, slot, taken).map(Some)
    }

    /// Takes a call, if there is one.
    #[inline]
    fn look(&mut self) -> Result<Option<(usize, usize, Taken)>> {
        if let Some(last) = self.last.filter(|last| last.streak < STREAK) {
            let desk = self.side.desk(last.client)?;
            let state = desk.slot(last.slot).look();
            let is_next = state.number() == last.number.wrapping_add(1);
            if is_next && state.stage() == Some(Stage::Ready) {
                if let Some(taken) = desk.slot(last.slot).take(state, self.side.tag) {
                    let (number, streak) = (state.number(), last.streak + 1);
                    self.last = Some(Last { number, streak, ..last });
                    return Ok(Some((last.client, last.slot, taken)));
                }
            }
        }
        self.look_round()
    }

    /// Takes a call of the next client that has one.
    fn look_round(&mut self) -> Result<Option<(usize, usize, Taken)>> {
        let clients = self.side.base.clients();
        let mut left = clients;
        while left != 0 {
            let client = left.trailing_zeros() as usize;
            left &= left - 1;
            let calls = self.side.desk(client)?.calls.load(Ordering::Acquire);
            self.round.note(client, calls);
        }
        while let Some(client) = self.round.pick(clients) {
            match self.take_oldest(client)? {
                Oldest::Taken(slot, taken) => {
                    self.round.served(client);
                    let number = taken.state.number();
                    self.last = Some(Last { client, slot, number, streak: 0 });
                    return Ok(Some((client, slot, taken)));
                }
                Oldest::None => self.round.close(client),
                Oldest::Contended => {
                    self.round.served(client);
                    break;
                }
            }
        }
        if let Some(last) = &mut self.last {
            last.streak = 0;
        }
        Ok(None)
    }

    /// Takes the client's oldest call.
    fn take_oldest(&mut self, client: usize) -> Result<Oldest> {
        let side = self.side.clone();
        let desk = side.desk(client)?;
        for _ in 0..MOST_ATTEMPTS {
            if oldest(desk).is_none() || !self.is_met(client)? {
                return Ok(Oldest::None);
            }
            // Once more: while the first one was looked for, an older one may have appeared where had been looked already.
            // What was committed before that one is seen now.
            let Some((slot, state)) = oldest(desk) else { continue };
            if let Some(taken) = desk.slot(slot).take(state, side.tag) {
                return Ok(Oldest::Taken(slot, taken));
            }
        }
        Ok(Oldest::Contended)
    }

    /// Whether the client was alive when this server met it. Calls of dead ones are not answered.
    fn is_met(&mut self, client: usize) -> Result<bool> {
        let generation = self.side.base.station.roster().owner(client).generation();
        if self.met[client] == Some(generation) {
            return Ok(true);
        }
        if self.side.base.bury_if_dead(client)? {
            return Ok(false);
        }
        self.met[client] = Some(generation);
        Ok(true)
    }
}

/// Another server may be faster so many times before this one looks at other clients.
const MOST_ATTEMPTS: usize = 64;

enum Oldest {
    Taken(usize, Taken),
    None,
    /// Other servers were faster each time.
    Contended,
}

/// The ready call with the lowest number.
fn oldest(desk: &Desk) -> Option<(usize, State)> {
    let states = desk.slots().map(|(index, slot)| (index, slot.look()));
    let ready = states.filter(|(_, state)| state.stage() == Some(Stage::Ready));
    ready.reduce(|oldest, one| {
        let is_older = (one.1.number().wrapping_sub(oldest.1.number()) as i32) < 0;
        if is_older {
            one
        } else {
            oldest
        }
    })
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("name", self.name()).finish_non_exhaustive()
    }
}

impl ServerSide {
    #[inline]
    pub(super) fn desk(&self, client: usize) -> Result<&Desk> {
        if let Some(desk) = self.desks[client].get() {
            return Ok(desk);
        }
        let desk = Desk::new(&self.base.station, &self.base.layout, client)?;
        Ok(self.desks[client].get_or_init(|| desk))
    }

    /// A desk that a request came from.
    #[inline]
    pub(super) fn known_desk(&self, client: usize) -> &Desk {
        self.desks[client].get().expect("a request came from there")
    }

    #[inline]
    pub(super) fn table(&self, client: usize, slot: usize) -> Result<&Table> {
        self.known_desk(client).table(&self.base.station, &self.base.layout, slot)
    }

    #[inline]
    pub(super) fn lane(&self, client: usize, slot: usize) -> Result<Shared<'_>> {
        Ok(self.known_desk(client).lane(self.table(client, slot)?, slot))
    }

    /// Adds to one of this server's words, for whoever is curious. Its requests may be worked on by several threads.
    #[inline]
    pub(super) fn count(&self, word: usize, more: u64) {
        self.base.station.roster().words(self.index)[word].fetch_add(more, Ordering::Relaxed);
    }
}

/// A server's words in the roster.
pub(super) const REQUESTS: usize = 0;
pub(super) const REPLIES: usize = 1;

impl Drop for ServerSide {
    fn drop(&mut self) {
        self.base.leave(self.bit);
    }
}
