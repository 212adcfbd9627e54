//! Waiting: look, spin as long as it has paid lately, then sleep without any cost.
//!
//! Whoever stores what others wait for makes no fence before it looks for sleepers: that would cost every message more than all the rest.
//! So its look may come too early by the time its store takes to reach the other processors. The sleeper makes up for it: it
//! sleeps a few short times first and looks again after each. A store that is 100 ms old is everywhere: it left its processor
//! at the next interrupt at the latest.

mod future;
mod watch;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use mapview::{Deadline, Event, Wait};

use crate::station::{hang, sleepers, Class, Member, Station};
use crate::Result;
pub(crate) use future::until_async;
pub(crate) use watch::Watch;

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
/// When the most looks were in vain so often in a row, so many waits go without.
const MOST_VAIN: u32 = 8;
const REST: u32 = 1000;
/// A sleep shorter than this would have been worth spinning for.
const WORTH_IT: Duration = Duration::from_micros(100);
/// Hints to the processor between two looks of somebody who gets messages in a stream: time for the other side to put several into the
/// lines that a look takes away from it.
const STREAM_PAUSE: u32 = 16;

/// How often it is asked whether those live whose end nothing tells.
pub(crate) const ASK: Duration = Duration::from_micros(500);

/// How long somebody who was woken for little waits for more. Who waits for room has to wait anyway, and others need the processor to make it.
const GATHER: Duration = Duration::from_micros(50);

/// What somebody waits for.
pub(crate) trait Awaited {
    /// Whether it is there. Asked often.
    fn ready(&mut self) -> Result<bool>;

    /// The members, as bits, whose end has to end a sleep within a millisecond. Asked before each sleep, which follows if `ready` says
    /// that it is not there.
    fn watched(&mut self) -> Result<u64> {
        Ok(0)
    }

    /// Whether it is there, but so little of it that a sleep for each would cost more than all the rest.
    fn is_scarce(&self) -> bool {
        false
    }
}

/// How long to sleep: a few short times, and then for ever.
#[derive(Debug, Default)]
pub(crate) struct Settle(usize);

impl Settle {
    /// The end of the next sleep.
    pub(crate) fn next(&mut self, deadline: Deadline) -> Deadline {
        sooner(deadline, self.pause())
    }

    /// How long the next sleep is; `None`: for ever.
    fn pause(&mut self) -> Option<Duration> {
        let pause = SETTLE.get(self.0).copied();
        self.0 += 1;
        pause
    }

    /// Whether the next sleep is so short that nobody's end has to end it.
    pub(crate) fn is_first(&self) -> bool {
        self.0 == 0
    }
}

pub(crate) fn sooner(deadline: Deadline, pause: Option<Duration>) -> Deadline {
    match (pause, deadline.remaining()) {
        (Some(pause), Some(left)) => Deadline::after(left.min(pause)),
        (Some(pause), None) => Deadline::after(pause),
        (None, _) => deadline,
    }
}

/// What a member needs in order to wait.
#[derive(Debug)]
pub(crate) struct Waiter {
    member: Arc<Member>,
    bell: OnceLock<Event>,
    watch: Watch,
    looks: u32,
    /// How often in a row the most looks were in vain, although a short sleep did.
    vain: u32,
    /// So many waits do not look at all.
    rest: u32,
}

impl Waiter {
    pub(crate) fn new(member: impl Into<Arc<Member>>) -> Waiter {
        let (bell, watch) = (OnceLock::new(), Watch::default());
        Waiter { member: member.into(), bell, watch, looks: MOST_LOOKS / 2, vain: 0, rest: 0 }
    }

    pub(crate) fn member(&self) -> &Member {
        &self.member
    }

    /// Waits until it is there; `false` if the deadline passed. `streaming`: messages came without a wait lately.
    #[inline]
    pub(crate) fn until_awaited(
        &mut self,
        class: Class,
        deadline: Deadline,
        streaming: bool,
        awaited: &mut impl Awaited,
    ) -> Result<bool> {
        if deadline == Deadline::now() {
            return Ok(false);
        }
        if self.rest > 0 {
            self.rest -= 1;
            return self.sleep(class, deadline, awaited);
        }
        if streaming {
            (0..STREAM_PAUSE).for_each(|_| std::hint::spin_loop());
        }
        for _ in 0..self.looks {
            if awaited.ready()? {
                self.looks = (self.looks + self.looks / 8 + 1).min(MOST_LOOKS);
                self.vain = 0;
                return Ok(true);
            }
            std::hint::spin_loop();
        }
        self.park(class, deadline, awaited)
    }

    #[cold]
    fn park(
        &mut self,
        class: Class,
        deadline: Deadline,
        awaited: &mut dyn Awaited,
    ) -> Result<bool> {
        let start = Instant::now();
        let done = self.sleep(class, deadline, awaited)?;
        let worth_it = done && start.elapsed() < WORTH_IT;
        self.vain = if worth_it && self.looks == MOST_LOOKS { self.vain + 1 } else { 0 };
        if self.vain == MOST_VAIN {
            // Both sides run on one processor: the other one goes on only when this one sleeps.
            (self.vain, self.rest) = (0, REST);
        }
        let looks = if worth_it { self.looks * 2 } else { self.looks / 2 };
        self.looks = looks.clamp(FEWEST_LOOKS, MOST_LOOKS);
        Ok(done)
    }

    fn sleep(
        &mut self,
        class: Class,
        deadline: Deadline,
        awaited: &mut dyn Awaited,
    ) -> Result<bool> {
        self.bell()?;
        let Waiter { member, bell, watch, .. } = self;
        let bell = bell.get().expect("it was made above");
        let asleep = announce(member, class);
        let (mut settle, mut slept) = (Settle::default(), false);
        loop {
            let watched = awaited.watched()?;
            if awaited.ready()? {
                if slept && awaited.is_scarce() {
                    drop(asleep); // nobody needs to ring meanwhile
                    std::thread::sleep(GATHER.min(deadline.remaining().unwrap_or(GATHER)));
                    awaited.ready()?;
                }
                return Ok(true);
            }
            slept = true;
            if deadline.passed() {
                return Ok(false);
            }
            let plainly = watched == 0 || settle.is_first();
            if !plainly && watch.update(member.station(), watched)? {
                continue; // it may have died after `watched` looked
            }
            let until = settle.next(deadline);
            if plainly {
                bell.wait_until(until)?;
                continue;
            }
            let until = if watch.must_ask() { sooner(until, Some(ASK)) } else { until };
            let mut objects: Vec<&dyn Wait> = vec![bell];
            objects.extend(watch.objects().map(|process| process as &dyn Wait));
            mapview::wait_any(&objects, until)?;
            watch.refresh(member.station())?;
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
}

/// Says that a member is going to sleep; after it, it looks once more.
pub(crate) fn announce(member: &Member, class: Class) -> Announced {
    let (station, bit) = (member.station().clone(), member.bit());
    sleepers::announce(station.sleepers(class), bit);
    Announced { station, class, bit }
}

/// While this exists, the member is rung.
pub(crate) struct Announced {
    station: Arc<Station>,
    class: Class,
    bit: u64,
}

impl Drop for Announced {
    fn drop(&mut self) {
        sleepers::retire(self.station.sleepers(self.class), self.bit);
    }
}
