//! Waiting: look, spin as long as it has paid lately, then sleep without any cost.
//!
//! Whoever stores what others wait for makes no fence before it looks for sleepers: that would cost every message more than all the rest.
//! So its look may come too early by the time its store takes to reach the other processors. The sleeper makes up for it: it
//! sleeps a few short times first and looks again after each. A store that is 100 ms old is everywhere: it left its processor
//! at the next interrupt at the latest.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use mapview::{Deadline, Event};

use crate::station::{hang, sleepers, Class, Member};
use crate::Result;

/// How long the first sleeps last.
const SETTLE: [Duration; 4] = [
    Duration::from_micros(100),
    Duration::from_millis(1),
    Duration::from_millis(10),
    Duration::from_millis(100),
];
/// The bounds of how often a wait looks before it sleeps.
const FEWEST_LOOKS: u32 = 16;
const MOST_LOOKS: u32 = 2000;
/// A sleep shorter than this would have been worth spinning for.
const WORTH_IT: Duration = Duration::from_micros(100);
/// Hints to the processor between two looks of somebody who gets messages in a stream: time for the other side to put several into the
/// lines that a look takes away from it.
const STREAM_PAUSE: u32 = 16;

/// What a member needs in order to wait.
#[derive(Debug)]
pub(crate) struct Waiter {
    member: Arc<Member>,
    bell: OnceLock<Event>,
    looks: u32,
}

impl Waiter {
    pub(crate) fn new(member: impl Into<Arc<Member>>) -> Waiter {
        let looks = if alone() { 0 } else { MOST_LOOKS / 2 };
        Waiter { member: member.into(), bell: OnceLock::new(), looks }
    }

    pub(crate) fn member(&self) -> &Member {
        &self.member
    }

    /// Waits until `ready`; `false` if the deadline passed. `streaming`: messages came without a wait lately.
    #[inline]
    pub(crate) fn until(
        &mut self,
        class: Class,
        deadline: Deadline,
        streaming: bool,
        mut ready: impl FnMut() -> Result<bool>,
    ) -> Result<bool> {
        if deadline == Deadline::now() {
            return Ok(false);
        }
        if self.looks > 0 && streaming {
            (0..STREAM_PAUSE).for_each(|_| std::hint::spin_loop());
        }
        for _ in 0..self.looks {
            if ready()? {
                self.looks = (self.looks + self.looks / 8 + 1).min(MOST_LOOKS);
                return Ok(true);
            }
            std::hint::spin_loop();
        }
        self.park(class, deadline, &mut ready)
    }

    #[cold]
    fn park(
        &mut self,
        class: Class,
        deadline: Deadline,
        ready: &mut dyn FnMut() -> Result<bool>,
    ) -> Result<bool> {
        let start = Instant::now();
        let done = self.sleep(class, deadline, ready)?;
        if !alone() {
            let worth_it = done && start.elapsed() < WORTH_IT;
            let looks = if worth_it { self.looks * 2 } else { self.looks / 2 };
            self.looks = looks.clamp(FEWEST_LOOKS, MOST_LOOKS);
        }
        Ok(done)
    }

    fn sleep(
        &self,
        class: Class,
        deadline: Deadline,
        ready: &mut dyn FnMut() -> Result<bool>,
    ) -> Result<bool> {
        let bell = self.bell()?;
        let _asleep = self.announce(class);
        let mut settle = SETTLE.iter();
        loop {
            if ready()? {
                return Ok(true);
            }
            if deadline.passed() {
                return Ok(false);
            }
            let left = deadline.remaining();
            let until = match (settle.next(), left) {
                (Some(pause), Some(left)) => Deadline::after(left.min(*pause)),
                (Some(pause), None) => Deadline::after(*pause),
                (None, _) => deadline,
            };
            bell.wait_until(until)?;
        }
    }

    /// What the member sleeps on.
    pub(crate) fn bell(&self) -> Result<&Event> {
        if let Some(bell) = self.bell.get() {
            return Ok(bell);
        }
        let bell = hang(&self.member)?;
        Ok(self.bell.get_or_init(|| bell))
    }

    /// Says that this member is going to sleep; after it, it looks once more.
    pub(crate) fn announce(&self, class: Class) -> Announced<'_> {
        let member = &self.member;
        sleepers::announce(member.station().sleepers(class), member.bit());
        Announced { member, class }
    }
}

/// While this exists, the member is rung.
pub(crate) struct Announced<'a> {
    member: &'a Member,
    class: Class,
}

impl Drop for Announced<'_> {
    fn drop(&mut self) {
        let member = self.member;
        sleepers::retire(member.station().sleepers(self.class), member.bit());
    }
}

/// Whether there is one processor: then whom one waits for runs only when one sleeps.
fn alone() -> bool {
    static ALONE: OnceLock<bool> = OnceLock::new();
    *ALONE.get_or_init(|| std::thread::available_parallelism().is_ok_and(|count| count.get() == 1))
}
