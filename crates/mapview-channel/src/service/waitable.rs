//! Services in `wait_any`.

use super::call::Call;
use super::server::Server;
use crate::station::Class;
use crate::wait::{Awaited, Waiter};
use crate::wait_any::Source;
use crate::{Result, Waitable};

impl Server {
    /// For [`wait_any`](crate::wait_any): ready while there is a request. Nothing is taken.
    pub fn waitable(&mut self) -> Waitable<'_> {
        self.borrowed = self.side.waiting.borrow();
        Waitable::channel(self)
    }
}

impl Call {
    /// For [`wait_any`](crate::wait_any): ready while there is a reply, or the call has come to its end. Nothing is taken. Of several
    /// calls of one client, all but one are looked at twice in a millisecond.
    pub fn waitable(&mut self) -> Waitable<'_> {
        self.borrowed = self.side.waiting.borrow();
        Waitable::channel(self)
    }
}

impl Awaited for Server {
    fn ready(&mut self) -> Result<bool> {
        self.lookout.has_request(&self.side)
    }
}

impl Source for Server {
    fn class(&self) -> Class {
        Class::Messages
    }

    fn waiter(&self) -> Option<&Waiter> {
        self.borrowed.as_deref()
    }

    fn done(&mut self) {
        self.borrowed = None;
    }
}

impl Awaited for Call {
    fn ready(&mut self) -> Result<bool> {
        self.has_news()
    }

    fn watched(&mut self) -> Result<u64> {
        self.watch()
    }
}

impl Source for Call {
    fn class(&self) -> Class {
        Class::Messages
    }

    fn waiter(&self) -> Option<&Waiter> {
        self.borrowed.as_deref()
    }

    fn done(&mut self) {
        self.borrowed = None;
    }
}
