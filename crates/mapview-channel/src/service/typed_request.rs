//! `TypedRequest`: a request that is a value, and the way to reply with values.

use std::marker::PhantomData;

use mapview::{Deadline, Plain};

use super::Request;
use crate::Result;

/// A request that is a value of one type; see [`Request`].
#[derive(Debug)]
pub struct TypedRequest<Q, A> {
    request: Request,
    of: PhantomData<fn(A) -> Q>,
}

impl<Q: Plain, A: Plain> TypedRequest<Q, A> {
    /// The request has the size of the type.
    pub(super) fn new(request: Request) -> TypedRequest<Q, A> {
        TypedRequest { request, of: PhantomData }
    }

    /// A copy of the value.
    pub fn value(&self) -> Q {
        self.request.read(0).expect("the request has the size of the type")
    }

    /// See [`Request::redelivered`].
    pub fn redelivered(&self) -> bool {
        self.request.redelivered()
    }

    /// See [`Request::is_cancelled`].
    pub fn is_cancelled(&mut self) -> bool {
        self.request.is_cancelled()
    }

    /// Replies; waits while there is no room. `false` if the call is cancelled.
    ///
    /// # Errors
    /// As for [`Request::reply`].
    pub fn reply(&mut self, reply: &A) -> Result<bool> {
        self.reply_until(reply, Deadline::never())
    }

    /// Replies, if there is room: `false` if there is none, or the call is cancelled.
    ///
    /// # Errors
    /// As for [`Request::reply`].
    pub fn try_reply(&mut self, reply: &A) -> Result<bool> {
        self.reply_until(reply, Deadline::now())
    }

    /// Replies; `false` if there was no room until the deadline, or the call is cancelled.
    ///
    /// # Errors
    /// As for [`Request::reply`].
    pub fn reply_until(&mut self, reply: &A, deadline: impl Into<Deadline>) -> Result<bool> {
        let Some(mut draft) = self.request.reserve_until(size_of::<A>(), deadline)? else {
            return Ok(false);
        };
        draft.write(0, reply)?;
        draft.commit();
        Ok(true)
    }

    /// There are no more replies: the call is done.
    pub fn finish(self) {
        self.request.finish();
    }

    /// The only, or the last, reply, and the end. `false` if the call is cancelled.
    ///
    /// # Errors
    /// As for [`Request::reply`]; then the request is given up.
    pub fn answer(mut self, reply: &A) -> Result<bool> {
        let replied = self.reply(reply)?;
        self.finish();
        Ok(replied)
    }
}
