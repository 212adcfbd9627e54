//! Topics in `wait_any`.

use super::publisher::Room;
use super::{Publisher, Subscriber};
use crate::station::Class;
use crate::wait::{Awaited, Waiter};
use crate::wait_any::Source;
use crate::{Result, Waitable};

impl Subscriber {
    /// For [`wait_any`](crate::wait_any): ready while there is a sample. Nothing is taken.
    ///
    /// ```
    /// use mapview_channel::{wait_any, Publisher, Subscriber};
    /// let name = format!("doc-topic-waitable-{}", std::process::id());
    /// let (mut publisher, mut subscriber) = (Publisher::create(&name)?, Subscriber::create(&name)?);
    /// assert!(wait_any(&mut [subscriber.waitable()], mapview::Deadline::now())?.is_none());
    /// publisher.publish(b"hello")?;
    /// assert!(wait_any(&mut [subscriber.waitable()], mapview::Deadline::never())?.is_some());
    /// assert!(subscriber.try_recv()?.is_some());
    /// # Ok::<(), mapview_channel::Error>(())
    /// ```
    pub fn waitable(&mut self) -> Waitable<'_> {
        Waitable::channel(Samples(self))
    }
}

impl Publisher {
    /// For [`wait_any`](crate::wait_any): ready while no [blocking](crate::Policy::Block) subscriber is behind. Nothing is loaned.
    pub fn waitable(&mut self) -> Waitable<'_> {
        Waitable::channel(Free(self))
    }
}

#[derive(Debug)]
struct Samples<'a>(&'a mut Subscriber);

impl Awaited for Samples<'_> {
    fn ready(&mut self) -> Result<bool> {
        Ok(self.0.intake.has_news())
    }
}

impl Source for Samples<'_> {
    fn class(&self) -> Class {
        Class::Messages
    }

    fn waiter(&self) -> &Waiter {
        &self.0.waiter
    }
}

#[derive(Debug)]
struct Free<'a>(&'a mut Publisher);

impl Free<'_> {
    fn room(&mut self) -> Room<'_> {
        let Publisher { area, writer, .. } = &mut *self.0;
        Room { area, writer }
    }
}

impl Awaited for Free<'_> {
    fn ready(&mut self) -> Result<bool> {
        self.room().ready()
    }

    fn watched(&mut self) -> Result<u64> {
        self.room().watched()
    }
}

impl Source for Free<'_> {
    fn class(&self) -> Class {
        Class::Room
    }

    fn waiter(&self) -> &Waiter {
        &self.0.waiter
    }
}
