//! `Member`: a place in the roster, held as long as this exists.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::owner::{Owner, Role};
use super::roster::MEMBERS;
use super::{sleepers, Class, Station};
use crate::{Error, ErrorKind, Result};

/// Names a member in words of other tables: index and generation, and a bit that makes it differ from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag(u32);

impl Tag {
    pub(super) fn new(index: usize, generation: u8) -> Tag {
        Tag(1 << 16 | u32::from(generation) << 8 | index as u32)
    }

    /// From a word of shared memory; 0 and nonsense give a tag of nobody.
    pub(crate) fn from_bits(bits: u32) -> Tag {
        Tag(bits)
    }

    /// 17 bits, never 0.
    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    /// The member's index; `None` for nobody.
    pub(crate) fn index(self) -> Option<usize> {
        let index = (self.0 & 0xff) as usize;
        (self.0 >> 16 == 1 && index < MEMBERS).then_some(index)
    }

    pub(crate) fn generation(self) -> u8 {
        (self.0 >> 8) as u8
    }
}

/// How long those who seem to live are doubted before somebody is turned away for them.
const DOUBT: Duration = Duration::from_millis(100);

/// Tries until there is a place, or nobody who has one is dead for sure. Whoever looks whether a process lives holds, for that moment, what
/// tells it; so another who looks at the same time may find a dead one alive.
pub(crate) fn seated<T>(mut attempt: impl FnMut() -> Result<Option<T>>) -> Result<Option<T>> {
    let begin = Instant::now();
    loop {
        match attempt()? {
            None if begin.elapsed() < DOUBT => std::thread::sleep(Duration::from_millis(1)),
            done => return Ok(done),
        }
    }
}

/// This participant.
#[derive(Debug)]
pub(crate) struct Member {
    station: Arc<Station>,
    index: usize,
    owner: Owner,
}

impl Member {
    /// Takes a place. When all are taken, dead members are buried with `bury`, which may be called twice for the same.
    pub(crate) fn join(
        station: &Arc<Station>,
        role: Role,
        bury: impl Fn(&Station, Tag) -> Result<()>,
    ) -> Result<Member> {
        let (station, roster) = (station.clone(), station.roster());
        if let Some((index, owner)) = roster.take(role)? {
            return Ok(Member::new(station, index, owner));
        }
        for (index, owner) in roster.members() {
            if !roster.is_alive(owner)? {
                bury(&station, Tag::new(index, owner.generation()))?;
                roster.free(index, owner);
            }
        }
        match roster.take(role)? {
            Some((index, owner)) => Ok(Member::new(station, index, owner)),
            None => {
                let why = format!("{MEMBERS} participants are alive; more cannot take part");
                Err(Error::new(ErrorKind::Occupied, station.name(), why))
            }
        }
    }

    fn new(station: Arc<Station>, index: usize, owner: Owner) -> Member {
        let member = Member { station, index, owner };
        // Who had the place before may have been killed asleep.
        for class in [Class::Messages, Class::Room] {
            sleepers::retire(member.station.sleepers(class), member.bit());
        }
        member
    }

    pub(crate) fn station(&self) -> &Arc<Station> {
        &self.station
    }

    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// This member's bit in words of bits.
    pub(crate) fn bit(&self) -> u64 {
        1 << self.index
    }

    pub(crate) fn tag(&self) -> Tag {
        Tag::new(self.index, self.owner.generation())
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.station.roster().free(self.index, self.owner);
    }
}
