//! `Subscriber`: gets the samples of a topic.

use std::sync::Arc;

use mapview::{Deadline, Name, ToName};

use super::intake::{Intake, Taken};
use super::{Policy, Sample, TopicOptions};
use crate::station::{Class, Station};
use crate::wait::{Awaited, Waiter};
use crate::{Payload, Result};

/// So many samples without a wait are a stream.
const STREAM: u32 = 4;

/// Gets the samples of all publishers of a topic.
///
/// ```
/// use mapview_channel::{Policy, Publisher, TopicOptions};
/// let name = format!("doc-subscriber-{}", std::process::id());
/// let mut publisher = Publisher::create(&name)?;
/// publisher.publish(b"early")?;
/// let mut late = TopicOptions::new().history(1).open_subscriber(&name)?;
/// publisher.publish(b"and later")?;
/// let (early, later) = (late.recv()?, late.recv()?); // both are held in place
/// assert_eq!((early.len(), later.len()), (5, 9));
/// assert!(late.try_recv()?.is_none());
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Debug)]
pub struct Subscriber {
    pub(super) intake: Intake,
    pub(super) waiter: Waiter,
    /// How many samples came without a wait, lately.
    streak: u32,
}

impl Subscriber {
    /// Becomes a subscriber of a topic with the default options; see [`TopicOptions::subscriber`].
    ///
    /// # Errors
    /// As for [`TopicOptions::subscriber`].
    pub fn create(name: &(impl ToName + ?Sized)) -> Result<Subscriber> {
        TopicOptions::new().subscriber(name)
    }

    /// Becomes a subscriber of a topic that is there; see [`TopicOptions::open_subscriber`].
    ///
    /// # Errors
    /// As for [`TopicOptions::open_subscriber`].
    pub fn open(name: &(impl ToName + ?Sized)) -> Result<Subscriber> {
        TopicOptions::new().open_subscriber(name)
    }

    pub(super) fn join(station: &Arc<Station>, policy: Policy, history: u32) -> Result<Subscriber> {
        let (intake, member) = Intake::join(station, policy, history)?;
        Ok(Subscriber { intake, waiter: Waiter::new(member), streak: 0 })
    }

    /// The topic's name.
    pub fn name(&self) -> &Name {
        self.waiter.member().station().name()
    }

    /// What happens when it does not keep up.
    pub fn policy(&self) -> Policy {
        self.intake.policy()
    }

    /// How many samples were overwritten before this took them, since it came.
    pub fn dropped(&self) -> u64 {
        self.intake.dropped()
    }

    /// How many samples were published, by all publishers, that this has not taken; in part they may be overwritten.
    pub fn lag(&self) -> u64 {
        self.intake.lag()
    }

    /// The next sample; waits while there is none.
    ///
    /// # Errors
    /// * [`Occupied`](crate::ErrorKind::Occupied): this holds as many as it can; drop some.
    /// * [`Corrupt`](crate::ErrorKind::Corrupt): a participant stored nonsense. The next call goes on after it.
    /// * [`Object`](crate::ErrorKind::Object): a publisher's memory cannot be mapped.
    #[inline]
    pub fn recv(&mut self) -> Result<Sample> {
        let sample = self.recv_until(Deadline::never())?;
        Ok(sample.expect("a wait without end does not time out"))
    }

    /// The next sample, if there is one.
    ///
    /// # Errors
    /// As for [`Subscriber::recv`].
    #[inline]
    pub fn try_recv(&mut self) -> Result<Option<Sample>> {
        self.recv_until(Deadline::now())
    }

    /// The next sample; `None` if there was none until the deadline.
    ///
    /// # Errors
    /// As for [`Subscriber::recv`].
    #[inline]
    pub fn recv_until(&mut self, deadline: impl Into<Deadline>) -> Result<Option<Sample>> {
        if let Some(taken) = self.intake.take()? {
            self.streak = self.streak.saturating_add(1);
            return Ok(Some(self.intake.hold(taken)));
        }
        self.recv_later(deadline.into())
    }

    #[inline(never)]
    fn recv_later(&mut self, deadline: Deadline) -> Result<Option<Sample>> {
        let streaming = self.streak > STREAM;
        self.streak = 0;
        let Subscriber { intake, waiter, .. } = self;
        let mut next = Next { intake, taken: None };
        waiter.until_awaited(Class::Messages, deadline, streaming, &mut next)?;
        Ok(next.taken.map(|taken| self.intake.hold(taken)))
    }

    /// Hands up to `most` samples that are there to `read`, one after the other, which costs less than one by one. Returns how many there
    /// were; waits for none.
    ///
    /// # Errors
    /// As for [`Subscriber::recv`].
    #[inline]
    pub fn read_batch(&mut self, most: usize, mut read: impl FnMut(Payload<'_>)) -> Result<usize> {
        let mut count = 0;
        while count < most && self.intake.read(&mut read)? {
            count += 1;
        }
        Ok(count)
    }
}

/// The next sample of a subscriber.
pub(super) struct Next<'a> {
    pub intake: &'a mut Intake,
    pub taken: Option<Taken>,
}

impl Awaited for Next<'_> {
    #[inline]
    fn ready(&mut self) -> Result<bool> {
        self.taken = self.intake.take()?;
        Ok(self.taken.is_some())
    }
}
