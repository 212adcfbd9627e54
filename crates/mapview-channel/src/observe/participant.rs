//! `Participant`: one of those who take part in a channel.

use super::Figures;
use crate::station::{Role, Seen};

/// A participant, as [`observe`](super::observe) sees it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Participant {
    /// What it does.
    pub role: Role,
    /// Its process, as it told itself; in its own PID namespace.
    pub pid: u32,
    /// Whether its process has not ended.
    pub alive: bool,
    /// Whether it gets everything from now on; a subscriber that is only just coming does not.
    pub ready: bool,
    /// Whether it sleeps until there are messages or room.
    pub asleep: bool,
    /// Messages that it has before it, as far as they are there; of a client, calls not yet answered; of a server, those it works on.
    /// `None` for those who only send, and where receivers share what is there.
    pub lag: Option<u64>,
    /// Messages that it did not get because it was too slow; `None` where nobody counts them.
    pub drops: Option<u64>,
}

impl Participant {
    pub(super) fn new(member: &Seen, figures: &Figures) -> Participant {
        let Seen { role, pid, alive, asleep, tag, word } = *member;
        let ready = alive && (role != Role::Subscriber || word == u64::from(tag.bits()));
        let own = figures.members.iter().find(|(of, _)| *of == tag).map(|(_, own)| *own);
        let own = own.unwrap_or_default();
        Participant { role, pid, alive, ready, asleep, lag: own.lag, drops: own.drops }
    }
}
