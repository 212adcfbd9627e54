//! Members whose death must wake a sleeper: their processes, which are waited for together with the bell.

use mapview::Process;

use crate::station::{Owner, Station};
use crate::Result;

/// The members that are watched.
#[derive(Debug, Default)]
pub(crate) struct Watch(Vec<Watched>);

#[derive(Debug)]
struct Watched {
    index: usize,
    owner: Owner,
    state: State,
}

#[derive(Debug)]
enum State {
    Process(Process),
    /// It lives where its process cannot be seen: in another pid namespace, or as another user. Only asking tells of its end.
    Unseen,
    /// It ended, or cannot end without this process.
    Settled,
}

impl Watch {
    /// Watches the members of `mask` and no others; whether one of them was found dead for the first time.
    pub(crate) fn update(&mut self, station: &Station, mask: u64) -> Result<bool> {
        let roster = station.roster();
        self.0.retain(|watched| {
            mask >> watched.index & 1 == 1 && roster.owner(watched.index) == watched.owner
        });
        let known = self.0.iter().fold(0, |known, watched| known | 1 << watched.index);
        let (mut new, mut died) = (mask & !known, false);
        while new != 0 {
            let index = new.trailing_zeros() as usize;
            new &= new - 1;
            let owner = roster.owner(index);
            let process = roster.process(index).and_then(|pid| Process::open(pid).ok());
            // Alive after its number was looked up, so the number was still its own.
            let state = if !roster.is_alive(owner)? {
                died |= !owner.is_free();
                State::Settled
            } else if roster.is_mine(owner)? {
                State::Settled
            } else {
                process.map_or(State::Unseen, State::Process)
            };
            self.0.push(Watched { index, owner, state });
        }
        Ok(died)
    }

    /// Whether somebody has to be asked for now and then.
    pub(crate) fn must_ask(&self) -> bool {
        self.0.iter().any(|watched| matches!(watched.state, State::Unseen))
    }

    /// What to wait for.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Process> {
        self.0.iter().filter_map(|watched| match &watched.state {
            State::Process(process) => Some(process),
            _ => None,
        })
    }

    /// Takes note of those who ended.
    pub(crate) fn refresh(&mut self, station: &Station) -> Result<()> {
        for watched in &mut self.0 {
            let ended = match &watched.state {
                State::Process(process) => !process.is_alive(),
                State::Unseen => true,
                State::Settled => false,
            };
            if ended {
                // A process may be seen to have ended a moment before what it held is gone.
                let alive = station.roster().is_alive(watched.owner)?;
                watched.state = if alive { State::Unseen } else { State::Settled };
            }
        }
        Ok(())
    }
}
