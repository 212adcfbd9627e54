//! Who has a place of the roster: one word that says all that matters, so that it changes at one instant.

use crate::prim::{AtomicU64, Ordering};

/// The bits of a life's number.
pub(super) const LIFE_BITS: u32 = 52;

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
    /// Who has the place of this word.
    pub(super) fn look(place: &AtomicU64) -> Owner {
        Owner(place.load(Ordering::Acquire))
    }

    /// Takes the place of this word, if it is free, for a process with this life.
    pub(super) fn take(place: &AtomicU64, role: Role, life: u64) -> Option<Owner> {
        let free = Owner::look(place);
        let generation = u64::from(free.generation().wrapping_add(1));
        let mine = Owner((role as u64) << 60 | generation << LIFE_BITS | life);
        (free.is_free() && change(place, free, mine)).then_some(mine)
    }

    /// Gives up the place of this word, unless somebody else has it by now.
    pub(super) fn leave(self, place: &AtomicU64) {
        change(place, self, Owner(u64::from(self.generation()) << LIFE_BITS));
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
}

fn change(place: &AtomicU64, from: Owner, to: Owner) -> bool {
    place.compare_exchange(from.0, to.0, Ordering::SeqCst, Ordering::SeqCst).is_ok()
}
