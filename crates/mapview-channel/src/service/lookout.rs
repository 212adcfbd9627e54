//! Looking for calls: what one server does until it finds one.

use std::sync::atomic::Ordering;

use super::desk::Desk;
use super::layout::CLIENTS;
use super::round::Round;
use super::server::ServerSide;
use super::slot::Taken;
use super::state::{Stage, State};
use crate::wait::Awaited;
use crate::Result;

/// After so many requests in a row from one client the others are looked at.
const STREAK: u32 = 8;
/// Another server may be faster so many times before this one looks at other clients.
const MOST_ATTEMPTS: usize = 64;

/// A call that this server took, and whose it is.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub client: usize,
    pub slot: usize,
    pub taken: Taken,
}

/// What one server knows about where calls may be.
pub(super) struct Lookout {
    round: Round,
    /// The clients that were alive when their first call came, by the generation of their places.
    met: [Option<u8>; CLIENTS],
    last: Option<Last>,
    looks: u32,
}

/// Every so many looks is thorough.
const THOROUGH: u32 = 8;

/// Where the last request came from: the next of a client that asks one after the other comes there too, and is the oldest if its
/// number says that it is the next.
#[derive(Clone, Copy)]
struct Last {
    client: usize,
    slot: usize,
    number: u32,
    /// How often in a row.
    streak: u32,
}

enum Oldest {
    Taken(usize, Taken),
    None,
    /// Other servers were faster each time.
    Contended,
}

impl Lookout {
    pub(super) fn new() -> Lookout {
        Lookout { round: Round::new(), met: [None; CLIENTS], last: None, looks: 0 }
    }

    /// Takes a call, if there is one. A look that is not `thorough` is followed by others soon: it leaves the last client's count of
    /// calls alone, because that client writes it while it is about to be answered.
    #[inline]
    pub(super) fn look(&mut self, side: &ServerSide, thorough: bool) -> Result<Option<Found>> {
        if let Some(last) = self.last.filter(|last| last.streak < STREAK) {
            let slot = side.desk(last.client)?.slot(last.slot);
            let state = slot.look();
            let is_next = state.number() == last.number.wrapping_add(1);
            if is_next && state.stage() == Some(Stage::Ready) {
                if let Some(taken) = slot.take(state, side.tag) {
                    let (number, streak) = (state.number(), last.streak + 1);
                    self.last = Some(Last { number, streak, ..last });
                    return Ok(Some(Found { client: last.client, slot: last.slot, taken }));
                }
            }
        }
        self.look_round(side, thorough)
    }

    /// Takes a call of the next client that has one.
    fn look_round(&mut self, side: &ServerSide, thorough: bool) -> Result<Option<Found>> {
        let clients = side.base.clients();
        self.looks = self.looks.wrapping_add(1);
        let thorough = thorough || self.looks.is_multiple_of(THOROUGH);
        let mut left = clients;
        if let Some(last) = &mut self.last {
            if !thorough {
                left &= !(1 << last.client);
            }
            last.streak = 0;
        }
        self.note(side, left)?;
        while let Some(client) = self.round.pick(clients) {
            match self.take_oldest(side, client)? {
                Oldest::Taken(slot, taken) => {
                    self.round.served(client);
                    let number = taken.state.number();
                    self.last = Some(Last { client, slot, number, streak: 0 });
                    return Ok(Some(Found { client, slot, taken }));
                }
                Oldest::None => self.round.close(client),
                Oldest::Contended => {
                    self.round.served(client);
                    break;
                }
            }
        }
        Ok(None)
    }

    /// Whether there is a call to take.
    pub(super) fn has_request(&mut self, side: &ServerSide) -> Result<bool> {
        let clients = side.base.clients();
        self.note(side, clients)?;
        while let Some(client) = self.round.pick(clients) {
            if oldest(side.desk(client)?).is_some() && self.is_met(side, client)? {
                return Ok(true);
            }
            self.round.close(client);
        }
        Ok(false)
    }

    #[inline]
    fn note(&mut self, side: &ServerSide, mut clients: u64) -> Result<()> {
        while clients != 0 {
            let client = clients.trailing_zeros() as usize;
            clients &= clients - 1;
            self.round.note(client, side.desk(client)?.calls.load(Ordering::Acquire));
        }
        Ok(())
    }

    /// Takes the client's oldest call.
    fn take_oldest(&mut self, side: &ServerSide, client: usize) -> Result<Oldest> {
        let desk = side.desk(client)?;
        for _ in 0..MOST_ATTEMPTS {
            if oldest(desk).is_none() || !self.is_met(side, client)? {
                return Ok(Oldest::None);
            }
            // Once more: while the first one was looked for, an older one may have appeared where had been looked already.
            // What was committed before that one is seen now.
            let Some((slot, state)) = oldest(desk) else { continue };
            if let Some(taken) = desk.slot(slot).take(state, side.tag) {
                return Ok(Oldest::Taken(slot, taken));
            }
        }
        Ok(Oldest::Contended)
    }

    /// Whether the client was alive when this server met it. Calls of dead ones are not answered.
    fn is_met(&mut self, side: &ServerSide, client: usize) -> Result<bool> {
        let generation = side.base.station.roster().owner(client).generation();
        if self.met[client] == Some(generation) {
            return Ok(true);
        }
        if side.base.bury_if_dead(client)? {
            return Ok(false);
        }
        self.met[client] = Some(generation);
        Ok(true)
    }
}

/// The ready call with the lowest number.
fn oldest(desk: &Desk) -> Option<(usize, State)> {
    let states = desk.slots().map(|(index, slot)| (index, slot.look()));
    let ready = states.filter(|(_, state)| state.stage() == Some(Stage::Ready));
    ready.reduce(|oldest, one| {
        let is_older = (one.1.number().wrapping_sub(oldest.1.number()) as i32) < 0;
        if is_older {
            one
        } else {
            oldest
        }
    })
}

/// The wait for a call.
pub(super) struct Next<'a> {
    pub lookout: &'a mut Lookout,
    pub side: &'a ServerSide,
    pub found: Option<Found>,
    /// Whether the next look is the last one before a sleep.
    pub thorough: bool,
}

impl Awaited for Next<'_> {
    #[inline]
    fn ready(&mut self) -> Result<bool> {
        self.found = self.lookout.look(self.side, self.thorough)?;
        Ok(self.found.is_some())
    }

    fn watched(&mut self) -> Result<u64> {
        self.thorough = true;
        Ok(0)
    }
}
