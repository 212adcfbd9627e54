//! `TypedClient`: asks with values of one type, and gets values of another.

use std::marker::PhantomData;

use mapview::{Deadline, Name, Plain};

use super::{Client, TypedCall};
use crate::{Error, ErrorKind, Result};

/// Asks with values of a plain type `Q`, and gets replies of a plain type `A`. Made by
/// [`ServiceOptions::typed_client`](super::ServiceOptions::typed_client).
///
/// ```
/// use mapview_channel::ServiceOptions;
/// let name = format!("doc-typed-client-{}", std::process::id());
/// let options = ServiceOptions::new().schema("number -> its square").clone();
/// let client = options.typed_client::<u32, u64>(&name)?;
/// let mut server = options.typed_server::<u32, u64>(&name)?;
/// let mut call = client.call(&7)?;
/// let request = server.recv()?;
/// let number = u64::from(request.value());
/// request.answer(&(number * number))?;
/// assert_eq!(call.recv()?, Some(49));
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Debug)]
pub struct TypedClient<Q, A> {
    client: Client,
    of: PhantomData<fn(Q) -> A>,
}

impl<Q: Plain, A: Plain> TypedClient<Q, A> {
    pub(super) fn new(client: Client) -> TypedClient<Q, A> {
        TypedClient { client, of: PhantomData }
    }

    /// The service's name.
    pub fn name(&self) -> &Name {
        self.client.name()
    }

    /// Offers a request to the servers; waits as [`Client::call`] does.
    ///
    /// # Errors
    /// As for [`Client::call`].
    pub fn call(&self, request: &Q) -> Result<TypedCall<A>> {
        let call = self.call_until(request, Deadline::never())?;
        Ok(call.expect("a wait without end does not time out"))
    }

    /// As [`TypedClient::call`]; `None` if there was no free call until the deadline.
    ///
    /// # Errors
    /// As for [`Client::call`].
    pub fn call_until(
        &self,
        request: &Q,
        deadline: impl Into<Deadline>,
    ) -> Result<Option<TypedCall<A>>> {
        let Some(mut draft) = self.client.reserve_until(size_of::<Q>(), deadline)? else {
            return Ok(None);
        };
        draft.write(0, request)?;
        Ok(Some(TypedCall::new(draft.commit())))
    }

    /// Asks, and waits for the first reply.
    ///
    /// # Errors
    /// As for [`Client::call`] and [`Call::recv`](super::Call::recv); and [`Abandoned`](ErrorKind::Abandoned) too if the server finished
    /// without a reply.
    pub fn ask(&self, request: &Q) -> Result<A> {
        let why = "the server finished without a reply";
        let none = || Error::new(ErrorKind::Abandoned, self.name(), why);
        self.call(request)?.recv()?.ok_or_else(none)
    }
}
