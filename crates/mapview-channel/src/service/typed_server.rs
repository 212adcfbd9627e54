//! `TypedServer`: takes values of one type, and replies with values of another.

use std::marker::PhantomData;

use mapview::{Deadline, Name, Plain};

use super::{Server, TypedRequest};
use crate::{Error, ErrorKind, Result};

/// Takes requests of a plain type `Q`, and replies with values of a plain type `A`; see [`TypedClient`](super::TypedClient). Made by
/// [`ServiceOptions::typed_server`](super::ServiceOptions::typed_server).
#[derive(Debug)]
pub struct TypedServer<Q, A> {
    server: Server,
    of: PhantomData<fn(Q) -> A>,
}

impl<Q: Plain, A: Plain> TypedServer<Q, A> {
    pub(super) fn new(server: Server) -> TypedServer<Q, A> {
        TypedServer { server, of: PhantomData }
    }

    /// The service's name.
    pub fn name(&self) -> &Name {
        self.server.name()
    }

    /// The next request; waits while there is none.
    ///
    /// # Errors
    /// As for [`Server::recv`].
    pub fn recv(&mut self) -> Result<TypedRequest<Q, A>> {
        let request = self.recv_until(Deadline::never())?;
        Ok(request.expect("a wait without end does not time out"))
    }

    /// The next request, if there is one.
    ///
    /// # Errors
    /// As for [`Server::recv`].
    pub fn try_recv(&mut self) -> Result<Option<TypedRequest<Q, A>>> {
        self.recv_until(Deadline::now())
    }

    /// The next request; `None` if there was none until the deadline.
    ///
    /// # Errors
    /// As for [`Server::recv`].
    pub fn recv_until(
        &mut self,
        deadline: impl Into<Deadline>,
    ) -> Result<Option<TypedRequest<Q, A>>> {
        let Some(request) = self.server.recv_until(deadline)? else { return Ok(None) };
        if request.len() != size_of::<Q>() {
            let why = "a client asked with another length than its type's";
            return Err(Error::new(ErrorKind::Corrupt, self.name(), why));
        }
        Ok(Some(TypedRequest::new(request)))
    }
}
