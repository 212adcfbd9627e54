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
        Waitable::channel(self)
    }
}

impl Publisher {
    /// For [`wait_any`](crate::wait_any): ready while no [blocking](crate::Policy::Block) subscriber is behind. Nothing is loaned.
    pub fn waitable(&mut self) -> Waitable<'_> {
        Waitable::channel(self)
    }

    fn waitable_room(&mut self) -> Room<'_> {
        let Publisher { area, writer, .. } = self;
        Room { area, writer }
    }
}

impl Awaited for Subscriber {
    fn ready(&mut self) -> Result<bool> {
        Ok(self.intake.has_news())
    }
}

impl Source for Subscriber {
    fn class(&self) -> Class {
        Class::Messages
    }

    fn waiter(&self) -> Option<&Waiter> {
        Some(&self.waiter)
    }
}

impl Awaited for Publisher {
    fn ready(&mut self) -> Result<bool> {
        self.waitable_room().ready()
    }

    fn watched(&mut self) -> Result<u64> {
        self.waitable_room().watched()
    }
}

impl Source for Publisher {
    fn class(&self) -> Class {
        Class::Room
    }

    fn waiter(&self) -> Option<&Waiter> {
        Some(&self.waiter)
    }
}
