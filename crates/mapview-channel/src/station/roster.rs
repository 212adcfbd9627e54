//! Who takes part: a table of places, each with one word that says all that matters, so that it changes at one instant.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use mapview::{Namespace, View};

use super::life;
use super::member::Tag;
use super::owner::{Owner, Role};
use crate::area::Words;
use crate::Result;

/// Places for participants.
pub(crate) const MEMBERS: usize = 64;
pub(super) const ROSTER_AT: usize = 4096;
/// Words of a place: the owner, its process, and six for what its role needs.
pub(super) const WORDS: usize = 8;

/// The table.
#[derive(Debug)]
pub(crate) struct Roster {
    words: Words<AtomicU64>,
    namespace: Namespace,
}

impl Roster {
    pub(super) fn new(view: &Arc<View>, namespace: Namespace) -> Result<Roster> {
        Ok(Roster { words: Words::new(view, ROSTER_AT, MEMBERS * WORDS)?, namespace })
    }

    pub(crate) fn owner(&self, index: usize) -> Owner {
        Owner::look(self.word(index))
    }

    /// The process of a member as it gave it, to be watched; not for deciding who is alive. `None` if that number means nothing here:
    /// each pid namespace has its own.
    pub(crate) fn process(&self, index: usize) -> Option<u32> {
        let word = self.words[index * WORDS + 1].load(Ordering::Relaxed);
        (word >> 32 == u64::from(life::pid_namespace())).then_some(word as u32)
    }

    /// The six words for a member's role, which everybody may write.
    pub(crate) fn words(&self, index: usize) -> &[AtomicU64] {
        &self.words[index * WORDS + 2..(index + 1) * WORDS]
    }

    /// The members, by index.
    pub(crate) fn members(&self) -> impl Iterator<Item = (usize, Owner)> + '_ {
        (0..MEMBERS).map(|index| (index, self.owner(index))).filter(|(_, owner)| !owner.is_free())
    }

    /// Takes a free place; `None` if there is none.
    pub(super) fn take(&self, role: Role) -> Result<Option<(usize, Owner)>> {
        let life = life::mine(self.namespace)?.number;
        for index in 0..MEMBERS {
            if let Some(mine) = Owner::take(self.word(index), role, life) {
                let pid = u64::from(life::pid_namespace()) << 32 | u64::from(std::process::id());
                self.words[index * WORDS + 1].store(pid, Ordering::Relaxed);
                return Ok(Some((index, mine)));
            }
        }
        Ok(None)
    }

    /// Gives up a place, unless somebody else has it by now.
    pub(crate) fn free(&self, index: usize, owner: Owner) {
        owner.leave(self.word(index));
    }

    /// Whether this owner's process has not ended.
    pub(crate) fn is_alive(&self, owner: Owner) -> Result<bool> {
        Ok(!owner.is_free() && life::is_alive(self.namespace, owner.life())?)
    }

    /// Whether this owner is of this process.
    pub(crate) fn is_mine(&self, owner: Owner) -> Result<bool> {
        Ok(owner.life() == life::mine(self.namespace)?.number)
    }

    /// Whether the member with this tag still has its place, and lives.
    pub(crate) fn has(&self, tag: Tag) -> Result<bool> {
        let Some(index) = tag.index() else { return Ok(false) };
        let owner = self.owner(index);
        Ok(owner.generation() == tag.generation() && self.is_alive(owner)?)
    }

    fn word(&self, index: usize) -> &AtomicU64 {
        &self.words[index * WORDS]
    }
}
