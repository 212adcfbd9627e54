//! Who takes part: a table of places, each with one word that says all that matters, so that it changes at one instant.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use mapview::{Namespace, View};

use super::life::{self, LIFE_BITS};
use super::member::Tag;
use crate::area::Words;
use crate::Result;

/// Places for participants.
pub(crate) const MEMBERS: usize = 64;
pub(super) const ROSTER_AT: usize = 4096;
/// Words of a place: the owner, its process, and six for what its role needs.
pub(super) const WORDS: usize = 8;

/// What a participant does. Each kind of channel has some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sends into a ring.
    Sender = 1,
    /// Receives from a ring.
    Receiver = 2,
    /// Publishes samples in a topic.
    Publisher = 3,
    /// Reads the samples of a topic.
    Subscriber = 4,
    /// Calls a service.
    Client = 5,
    /// Answers calls of a service.
    Server = 6,
}

impl Role {
    fn of(word: u64) -> Option<Role> {
        let roles = [
            Role::Sender,
            Role::Receiver,
            Role::Publisher,
            Role::Subscriber,
            Role::Client,
            Role::Server,
        ];
        roles.into_iter().find(|role| *role as u64 == word >> 60)
    }

    /// The word for messages and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Sender => "sender",
            Role::Receiver => "receiver",
            Role::Publisher => "publisher",
            Role::Subscriber => "subscriber",
            Role::Client => "client",
            Role::Server => "server",
        }
    }
}

/// A place's owner at one instant: `role (4) | generation (8) | life (52)`; without a life the place is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner(u64);

impl Owner {
    fn of(role: Role, generation: u8, life: u64) -> Owner {
        Owner((role as u64) << 60 | u64::from(generation) << LIFE_BITS | life)
    }

    /// From a word of shared memory.
    pub(super) fn from_bits(bits: u64) -> Owner {
        Owner(bits)
    }

    pub(super) fn life(self) -> u64 {
        self.0 & ((1 << LIFE_BITS) - 1)
    }

    pub(crate) fn is_free(self) -> bool {
        self.life() == 0
    }

    /// How often the place was taken, modulo 256.
    pub(crate) fn generation(self) -> u8 {
        (self.0 >> LIFE_BITS) as u8
    }

    pub(crate) fn role(self) -> Option<Role> {
        Role::of(self.0)
    }

    fn freed(self) -> Owner {
        Owner(u64::from(self.generation()) << LIFE_BITS)
    }
}

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
        Owner(self.word(index).load(Ordering::Acquire))
    }

    /// The process of a member as it gave it: for people, and to be watched; not for deciding who is alive.
    pub(crate) fn pid(&self, index: usize) -> u32 {
        self.words[index * WORDS + 1].load(Ordering::Relaxed) as u32
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
            let free = self.owner(index);
            if !free.is_free() {
                continue;
            }
            let mine = Owner::of(role, free.generation().wrapping_add(1), life);
            if self.change(index, free, mine) {
                let pid = u64::from(std::process::id());
                self.words[index * WORDS + 1].store(pid, Ordering::Relaxed);
                return Ok(Some((index, mine)));
            }
        }
        Ok(None)
    }

    /// Gives up a place, unless somebody else has it by now.
    pub(crate) fn free(&self, index: usize, owner: Owner) {
        self.change(index, owner, owner.freed());
    }

    /// Whether this owner's process has not ended.
    pub(crate) fn is_alive(&self, owner: Owner) -> Result<bool> {
        Ok(!owner.is_free() && life::is_alive(self.namespace, owner.life())?)
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

    fn change(&self, index: usize, from: Owner, to: Owner) -> bool {
        let (word, order) = (self.word(index), Ordering::SeqCst);
        word.compare_exchange(from.0, to.0, order, order).is_ok()
    }
}
