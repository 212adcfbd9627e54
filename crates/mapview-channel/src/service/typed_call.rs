//! `TypedCall`: one question, and its replies as values.

use std::marker::PhantomData;

use mapview::{Deadline, Plain};

use super::Call;
use crate::{Error, ErrorKind, Result};

/// A call whose replies are values of one type; see [`Call`].
#[derive(Debug)]
pub struct TypedCall<A> {
    call: Call,
    of: PhantomData<fn() -> A>,
}

impl<A: Plain> TypedCall<A> {
    pub(super) fn new(call: Call) -> TypedCall<A> {
        TypedCall { call, of: PhantomData }
    }

    /// The next reply; waits while there is none. `None` when there will be no more.
    ///
    /// # Errors
    /// As for [`Call::recv`].
    pub fn recv(&mut self) -> Result<Option<A>> {
        self.recv_until(Deadline::never())
    }

    /// The next reply, if there is one: see [`Call::try_recv`].
    ///
    /// # Errors
    /// As for [`Call::recv`].
    pub fn try_recv(&mut self) -> Result<Option<A>> {
        self.recv_until(Deadline::now())
    }

    /// The next reply; `None` if there was none until the deadline, or will be no more: see [`TypedCall::is_finished`].
    ///
    /// # Errors
    /// As for [`Call::recv`].
    pub fn recv_until(&mut self, deadline: impl Into<Deadline>) -> Result<Option<A>> {
        let Some(reply) = self.call.recv_until(deadline)? else { return Ok(None) };
        if reply.len() != size_of::<A>() {
            drop(reply);
            let why = "a server replied with another length than its type's";
            return Err(Error::new(ErrorKind::Corrupt, self.call.service(), why));
        }
        reply.read(0).map(Some)
    }

    /// Whether all replies were got and there will be no more.
    pub fn is_finished(&self) -> bool {
        self.call.is_finished()
    }

    /// Offers the request again; see [`Call::retry`].
    ///
    /// # Errors
    /// As for [`Call::retry`].
    pub fn retry(&mut self) -> Result<()> {
        self.call.retry()
    }
}
