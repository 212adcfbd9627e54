//! `Server`: takes requests.

use std::fmt;
use std::sync::{Arc, OnceLock};

use mapview::{Deadline, Name, ToName};

use super::base::Base;
use super::desk::{Desk, Table};
use super::layout::CLIENTS;
use super::lookout::{Lookout, Next};
use super::waiting::{Borrowed, Waiting};
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
    pub(super) side: Arc<ServerSide>,
    pub(super) lookout: Lookout,
    /// While it is waited for together with others.
    pub(super) borrowed: Option<Borrowed>,
}

/// What a server and its requests share.
pub(super) struct ServerSide {
    pub base: Base,
    pub waiting: Arc<Waiting>,
    bit: u64,
    pub tag: u32,
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
        let (bit, tag) = (member.bit(), member.tag().bits());
        let waiting = Waiting::new(Waiter::new(member));
        let desks = (0..CLIENTS).map(|_| OnceLock::new()).collect();
        let side = Arc::new(ServerSide { base, waiting, bit, tag, desks });
        // Clients that sleep are woken, and watch this one too from now on.
        station.wake(Class::Messages, side.base.clients());
        Ok(Server { side, lookout: Lookout::new(), borrowed: None })
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
        let Server { side, lookout, .. } = self;
        let deadline = deadline.into();
        let mut found = lookout.look(side, deadline == Deadline::now())?;
        if found.is_none() {
            let mut next = Next { lookout, side, found, thorough: false };
            side.waiting.until(Class::Messages, deadline, &mut next)?;
            found = next.found;
        }
        found.map(|found| Request::new(side.clone(), found)).transpose()
    }

    /// As [`Server::recv`], in an async function. Dropped before it is done, it has taken nothing.
    ///
    /// # Errors
    /// As for [`Server::recv`].
    pub async fn recv_async(&mut self) -> Result<Request> {
        let Server { side, lookout, .. } = self;
        loop {
            if let Some(found) = lookout.look(side, true)? {
                return Request::new(side.clone(), found);
            }
            let mut next = Next { lookout, side, found: None, thorough: true };
            side.waiting.until_async(Class::Messages, &mut next).await?;
            if let Some(found) = next.found {
                return Request::new(side.clone(), found);
            }
        }
    }
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
}

impl Drop for ServerSide {
    fn drop(&mut self) {
        self.base.leave(self.bit);
    }
}
