//! What clients and servers of a service have in common.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use super::desk::Desk;
use super::layout::{Layout, CLIENTS};
use super::slot::Withdrawn;
use crate::area::Words;
use crate::station::{Member, Owner, Role, Station, Tag, KIND_AT};
use crate::Result;

/// A service that this process has open.
#[derive(Debug)]
pub(super) struct Base {
    pub station: Arc<Station>,
    pub layout: Layout,
    /// A bit for each client, and for each server, in one line that is seldom written. Each is set and cleared by whoever has the
    /// place, so that of one that was killed stays until the place is taken again: it costs a look, and nothing else.
    bits: Words<AtomicU64>,
}

const CLIENTS_WORD: usize = 0;
const SERVERS_WORD: usize = 1;

impl Base {
    pub(super) fn new(station: &Arc<Station>) -> Result<Base> {
        let Some(layout) = Layout::of(station.header()) else {
            return Err(station.corrupt("its parameters are none of a service"));
        };
        station.control().commit(KIND_AT, size_of::<u64>() * 2)?;
        let bits = Words::new(station.control(), KIND_AT, 2)?;
        Ok(Base { station: station.clone(), layout, bits })
    }

    /// Takes a place as a client or as a server.
    pub(super) fn join(&self, role: Role) -> Result<Member> {
        let bury = |_: &Station, tag: Tag| match tag.index() {
            Some(index) => self.withdraw_all(index, self.station.roster().owner(index)),
            None => Ok(()),
        };
        let member = Member::join(&self.station, role, bury)?;
        let words = [CLIENTS_WORD, SERVERS_WORD];
        let (mine, other) = match role {
            Role::Client => (words[0], words[1]),
            _ => (words[1], words[0]),
        };
        self.bits[other].fetch_and(!member.bit(), Ordering::SeqCst);
        self.bits[mine].fetch_or(member.bit(), Ordering::SeqCst);
        Ok(member)
    }

    /// Before this member's place is given up.
    pub(super) fn leave(&self, bit: u64) {
        self.bits[CLIENTS_WORD].fetch_and(!bit, Ordering::SeqCst);
        self.bits[SERVERS_WORD].fetch_and(!bit, Ordering::SeqCst);
    }

    #[inline]
    pub(super) fn clients(&self) -> u64 {
        self.bits[CLIENTS_WORD].load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn servers(&self) -> u64 {
        self.bits[SERVERS_WORD].load(Ordering::Relaxed)
    }

    /// Whether the member with these tag bits takes part and its process has not ended.
    pub(super) fn is_alive(&self, tag: u32) -> Result<bool> {
        self.station.roster().has(Tag::from_bits(tag))
    }

    /// If this member's process has ended: ends its calls and gives its place back. Returns whether it has.
    pub(super) fn bury_if_dead(&self, index: usize) -> Result<bool> {
        let roster = self.station.roster();
        let owner = roster.owner(index);
        if owner.is_free() {
            return Ok(true);
        }
        if roster.is_alive(owner)? {
            return Ok(false);
        }
        self.withdraw_all(index, owner)?;
        roster.free(index, owner);
        Ok(true)
    }

    /// Ends the calls of a client that is dead or leaves. Whoever comes late changes nothing for the next client in its place: each
    /// step is a compare-and-swap from a word that was read while the place was this owner's.
    pub(super) fn withdraw_all(&self, index: usize, owner: Owner) -> Result<()> {
        if owner.role() != Some(Role::Client) || index >= CLIENTS {
            return Ok(());
        }
        let desk = Desk::new(&self.station, &self.layout, index)?;
        for (_, slot) in desk.slots() {
            let still = || self.station.roster().owner(index) == owner;
            if let Withdrawn::With(tag) = slot.withdraw(still) {
                self.wake_room(tag);
            }
        }
        Ok(())
    }

    /// Wakes a server that waits for room for replies.
    #[inline]
    pub(super) fn wake_room(&self, tag: u32) {
        if let Some(index) = Tag::from_bits(tag).index() {
            self.station.wake(crate::station::Class::Room, 1 << index);
        }
    }
}
