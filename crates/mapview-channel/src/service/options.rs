//! `ServiceOptions`: everything a service can be asked for.

use std::sync::Arc;

use mapview::{Plain, Security, ToName};

use super::layout::{measure, Layout, GRANULE, LARGEST, MOST_CALLS};
use super::{Client, Server, TypedClient, TypedServer};
use crate::station::{Kind, Schema, Station};
use crate::{Error, ErrorKind, Result};

/// How to create or open a service.
///
/// ```
/// use mapview_channel::ServiceOptions;
/// let name = format!("doc-service-options-{}", std::process::id());
/// let options = ServiceOptions::new().longest_request(1 << 20).schema("picture -> text").clone();
/// let client = options.client(&name)?;
/// let mut server = options.server(&name)?; // whoever comes first creates the service
/// let call = client.call(b"...")?;
/// assert_eq!(server.recv()?.len(), 3);
/// # drop(call);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    calls: u64,
    request: u64,
    replies: u64,
    schema: String,
    security: Security,
    redeliver: bool,
}

impl Default for ServiceOptions {
    fn default() -> ServiceOptions {
        ServiceOptions::new()
    }
}

impl ServiceOptions {
    /// 8 calls of a client at once, requests of up to 64 KiB, 64 KiB of replies under way, for processes of the same user.
    pub fn new() -> ServiceOptions {
        ServiceOptions {
            calls: 8,
            request: GRANULE,
            replies: GRANULE,
            schema: String::new(),
            security: Security::default(),
            redeliver: false,
        }
    }

    /// How many calls a client can have under way at once, 1 to 64. Memory is taken for as many as are used.
    pub fn calls(&mut self, count: u64) -> &mut ServiceOptions {
        self.calls = count;
        self
    }

    /// The longest request in bytes, up to 1 GiB; rounded up to a multiple of 64 KiB.
    pub fn longest_request(&mut self, bytes: u64) -> &mut ServiceOptions {
        self.request = bytes;
        self
    }

    /// How many bytes of replies of one call can be under way, which is also the longest reply; rounded up to a power of two, 64 KiB to
    /// 1 GiB.
    pub fn reply_capacity(&mut self, bytes: u64) -> &mut ServiceOptions {
        self.replies = bytes;
        self
    }

    /// What requests and replies are; all must say the same.
    pub fn schema(&mut self, schema: &str) -> &mut ServiceOptions {
        schema.clone_into(&mut self.schema);
        self
    }

    /// Who may take part in a new service; only the creating user unless set.
    pub fn security(&mut self, security: Security) -> &mut ServiceOptions {
        self.security = security;
        self
    }

    /// Of a client: whether its calls are offered again by themselves when their server ended before it had replied at all. Then the
    /// next server does the work a second time, and is told: [`Request::redelivered`](super::Request::redelivered). Off unless set.
    pub fn redeliver(&mut self, yes: bool) -> &mut ServiceOptions {
        self.redeliver = yes;
        self
    }

    /// Becomes a client of the service with this name, which is created if it is not there.
    ///
    /// # Errors
    /// * [`Occupied`](ErrorKind::Occupied): 64 clients and servers are alive.
    /// * [`Mismatch`](ErrorKind::Mismatch): the service is there with other options.
    /// * [`NotSuchAChannel`](ErrorKind::NotSuchAChannel): the name belongs to something else.
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): no name, an option out of range.
    /// * [`Busy`](ErrorKind::Busy): somebody stopped while creating it; [`Object`](ErrorKind::Object): no memory, no right.
    pub fn client(&self, name: &(impl ToName + ?Sized)) -> Result<Client> {
        Client::join(self.create(name, [0; 2])?, self.redeliver)
    }

    /// Becomes a server of the service with this name, which is created if it is not there.
    ///
    /// # Errors
    /// As for [`ServiceOptions::client`].
    pub fn server(&self, name: &(impl ToName + ?Sized)) -> Result<Server> {
        Server::join(self.create(name, [0; 2])?)
    }

    /// Becomes a client of a service that is there, whatever its options; the schema must be the same.
    ///
    /// # Errors
    /// As for [`ServiceOptions::client`], and [`Object`](ErrorKind::Object) with `NotFound`: there is none.
    pub fn open_client(&self, name: &(impl ToName + ?Sized)) -> Result<Client> {
        Client::join(self.open(name, [0; 2])?, self.redeliver)
    }

    /// Becomes a server of a service that is there, whatever its options; the schema must be the same.
    ///
    /// # Errors
    /// As for [`ServiceOptions::open_client`].
    pub fn open_server(&self, name: &(impl ToName + ?Sized)) -> Result<Server> {
        Server::join(self.open(name, [0; 2])?)
    }

    /// Becomes a client that asks with values of a plain type `Q` and gets values of a plain type `A`. The sizes must be the same for
    /// all; that the types are is for the [schema](ServiceOptions::schema) to say.
    ///
    /// # Errors
    /// As for [`ServiceOptions::client`].
    pub fn typed_client<Q: Plain, A: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
    ) -> Result<TypedClient<Q, A>> {
        let station = self.create(name, items::<Q, A>())?;
        Ok(TypedClient::new(Client::join(station, self.redeliver)?))
    }

    /// Becomes a server that takes values of a plain type `Q` and replies with values of a plain type `A`; see
    /// [`ServiceOptions::typed_client`].
    ///
    /// # Errors
    /// As for [`ServiceOptions::client`].
    pub fn typed_server<Q: Plain, A: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
    ) -> Result<TypedServer<Q, A>> {
        Ok(TypedServer::new(Server::join(self.create(name, items::<Q, A>())?)?))
    }

    /// Becomes a client of a typed service that is there, whatever its other options.
    ///
    /// # Errors
    /// As for [`ServiceOptions::open_client`].
    pub fn open_typed_client<Q: Plain, A: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
    ) -> Result<TypedClient<Q, A>> {
        let station = self.open(name, items::<Q, A>())?;
        Ok(TypedClient::new(Client::join(station, self.redeliver)?))
    }

    /// Becomes a server of a typed service that is there, whatever its other options.
    ///
    /// # Errors
    /// As for [`ServiceOptions::open_client`].
    pub fn open_typed_server<Q: Plain, A: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
    ) -> Result<TypedServer<Q, A>> {
        Ok(TypedServer::new(Server::join(self.open(name, items::<Q, A>())?)?))
    }

    /// `items`: the sizes of typed requests and replies.
    fn create(&self, name: &(impl ToName + ?Sized), items: [u64; 2]) -> Result<Arc<Station>> {
        let request = self.request.max(items[0]).max(1).checked_next_multiple_of(GRANULE);
        let replies = self.replies.max(items[1]).max(GRANULE).checked_next_power_of_two();
        let layout = match (request, replies) {
            (Some(request), Some(replies)) => Layout::new(self.calls, request, replies, items),
            _ => None,
        };
        let Some(layout) = layout else {
            let why = format!(
                "{} calls (1 to {MOST_CALLS}), requests of {} and replies of {} bytes (up to {LARGEST})",
                self.calls, self.request, self.replies
            );
            return Err(Error::new(ErrorKind::InvalidParameter, "", why));
        };
        Station::create(name, &self.security, &layout.header(&self.schema), layout.measures())
    }

    fn open(&self, name: &(impl ToName + ?Sized), items: [u64; 2]) -> Result<Arc<Station>> {
        let station = Station::open(name, Kind::Service, &Schema::new(&self.schema), measure)?;
        let found = Layout::of(station.header()).map(|layout| layout.items);
        if found != Some(items) {
            let why = format!(
                "its requests and replies are {}, not {}",
                describe(found.unwrap_or_default()),
                describe(items)
            );
            return Err(Error::new(ErrorKind::Mismatch, station.name(), why));
        }
        Ok(station)
    }
}

/// The sizes of the types, as the header has them: a value of no bytes is one more than none.
fn items<Q: Plain, A: Plain>() -> [u64; 2] {
    [size_of::<Q>() as u64 + 1, size_of::<A>() as u64 + 1]
}

fn describe(items: [u64; 2]) -> String {
    match items {
        [0, 0] => "bytes".into(),
        [request, reply] => {
            format!("values of {} and {} bytes", request.saturating_sub(1), reply.saturating_sub(1))
        }
    }
}
