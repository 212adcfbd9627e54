//! When a sleep ends because a timer among the objects becomes due.

use std::time::Duration;

use super::os::clock;
use super::os::futex::{self, Sleep, Woken};
use super::wait::RESPECT;
use crate::state::timer::LATEST;
use crate::{Deadline, Result};

/// The kernel takes 128 words: what 64 objects, a word beside them and the bells of both namespaces leave.
const MOST_WORDS: usize = 128 - 64 - 1 - 4;
/// Who waits for more timers than that sees a change of the rest this much later.
const POLL: Duration = Duration::from_millis(10);

/// The time by the wall clock or the monotonic one, in 100 ns.
pub(super) fn now(wall: bool) -> u64 {
    if wall {
        clock::wall()
    } else {
        clock::monotonic()
    }
}

/// When a timer is due, in 100 ns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub due: u64,
    pub wall: bool,
}

impl Moment {
    fn left(self) -> Duration {
        clock::duration(self.due.saturating_sub(now(self.wall)))
    }
}

/// What the timers among the objects of a sleeper want. There need not be any.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    words: usize,
    /// The first moment by the monotonic clock, and the first by the wall clock.
    first: [Option<Moment>; 2],
    limit: Option<Duration>,
}

impl Alarm {
    /// Adds a timer, which may have nothing planned. `changing`: its plan is being changed, and whoever does it may be dead.
    /// Returns whether there is room for the word that counts its changes.
    pub(super) fn add(&mut self, moment: Option<Moment>, changing: bool) -> bool {
        if let Some(moment) = moment.filter(|moment| moment.due < LATEST) {
            let first = &mut self.first[usize::from(moment.wall)];
            if first.is_none_or(|first| moment.due < first.due) {
                *first = Some(moment);
            }
        }
        self.words += 1;
        let room = self.words <= MOST_WORDS;
        let limits = [changing.then_some(RESPECT), (!room).then_some(POLL), self.limit];
        self.limit = limits.into_iter().flatten().min();
        room
    }

    /// As [`futex::sleep`], but [`Woken::LookAgain`] when a timer is due.
    pub(super) fn sleep(
        &self,
        words: &[Sleep],
        deadline: Deadline,
        limit: Option<Duration>,
    ) -> Result<Woken> {
        let moments = self.first.into_iter().flatten().map(|moment| (moment.left(), Some(moment)));
        let limits = self.limit.map(|limit| (limit, None));
        let Some((left, moment)) = moments.chain(limits).min_by_key(|(left, _)| *left) else {
            return futex::sleep(words, deadline, limit);
        };
        let others = deadline.remaining().into_iter().chain(limit).min();
        if others.is_some_and(|others| others <= left) {
            return futex::sleep(words, deadline, limit);
        }
        // By the clock that the timer goes by, so that the kernel sees to it when that clock is set.
        let slept = match moment {
            Some(Moment { due, wall: true }) => {
                futex::sleep_until_wall(words, clock::duration(due))
            }
            _ => futex::sleep(words, Deadline::never(), Some(left)),
        };
        slept.map(|woken| if woken == Woken::TimedOut { Woken::LookAgain } else { woken })
    }
}
