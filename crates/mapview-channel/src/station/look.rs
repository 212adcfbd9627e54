//! `Look`: a channel seen from outside. Nothing of it is written, and no place in it is taken.

use std::sync::atomic::{AtomicU64, Ordering};

use mapview::{Mapping, Name, ToName, View, ViewOptions};

use super::owner::Owner;
use super::roster::{MEMBERS, ROSTER_AT, WORDS};
use super::{header, life, named, Class, Header, Role, Station, Tag, KIND_AT, SLEEPERS_AT};
use crate::{Error, ErrorKind, Result};

/// A channel that is only looked at.
#[derive(Debug)]
pub(crate) struct Look {
    name: Name,
    mapping: Mapping,
    header: Header,
    /// The pages before the kind's own.
    station: View,
}

/// A member as it is seen at one instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub tag: Tag,
    pub role: Role,
    pub pid: u32,
    pub alive: bool,
    pub asleep: bool,
    /// The first of the words for its role.
    pub word: u64,
}

impl Look {
    /// Looks at the channel with this name; waits a moment for one that is being created.
    pub(crate) fn open(name: &(impl ToName + ?Sized)) -> Result<Look> {
        let name = named(name)?;
        header::patiently(&name, || Look::glance(&name))
    }

    /// Looks at the channel with this name; `None` if the mapping is not one yet.
    pub(crate) fn glance(name: &Name) -> Result<Option<Look>> {
        let mapping = Mapping::open_read_only(name)?;
        let (station, Some(header)) = Station::look(name, &mapping)? else { return Ok(None) };
        Ok(Some(Look { name: name.clone(), mapping, header, station }))
    }

    pub(crate) fn name(&self) -> &Name {
        &self.name
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// The bytes of the channel's mapping.
    pub(crate) fn size(&self) -> u64 {
        self.mapping.size()
    }

    /// The kind's own words, of which there must be `len` bytes.
    pub(crate) fn area(&self, len: usize) -> Result<View> {
        if (KIND_AT as u64).saturating_add(len as u64) > self.size() {
            return Err(self.corrupt("its parameters contradict its size"));
        }
        // The offset of a view is a multiple of 64 KiB, so the station's pages come first.
        Ok(ViewOptions::new().len(KIND_AT + len).map(&self.mapping)?)
    }

    /// A part of the mapping; the offset is a multiple of 64 KiB.
    pub(crate) fn part(&self, offset: u64, len: usize) -> Result<View> {
        if offset.saturating_add(len as u64) > self.size() {
            return Err(self.corrupt("its parameters contradict its size"));
        }
        Ok(ViewOptions::new().offset(offset).len(len).map(&self.mapping)?)
    }

    /// The members, by index. Whoever died and was not cleaned up after is among them.
    pub(crate) fn members(&self) -> Result<Vec<Seen>> {
        let word = |at| self.station.load::<AtomicU64>(at, Ordering::Acquire);
        let mut seen = Vec::new();
        for index in 0..MEMBERS {
            let at = ROSTER_AT + index * WORDS * 8;
            let owner = Owner::from_bits(word(at)?);
            if owner.is_free() {
                continue;
            }
            let role = owner.role().ok_or_else(|| self.corrupt("a participant has no role"))?;
            let alive = life::is_seen(self.name.namespace(), owner.life())?;
            let asleep = [Class::Messages, Class::Room].map(|class| SLEEPERS_AT[class as usize]);
            let asleep = word(asleep[0])? | word(asleep[1])?;
            seen.push(Seen {
                tag: Tag::new(index, owner.generation()),
                role,
                pid: word(at + 8)? as u32,
                word: word(at + 16)?,
                alive,
                asleep: alive && asleep >> index & 1 == 1,
            });
        }
        Ok(seen)
    }

    /// The places that somebody has or had, by index, and who was last.
    pub(crate) fn ever_taken(&self) -> Result<Vec<(usize, Tag)>> {
        let mut places = Vec::new();
        for index in 0..MEMBERS {
            let at = ROSTER_AT + index * WORDS * 8;
            let owner = Owner::from_bits(self.station.load::<AtomicU64>(at, Ordering::Acquire)?);
            if owner != Owner::from_bits(0) {
                places.push((index, Tag::new(index, owner.generation())));
            }
        }
        Ok(places)
    }

    #[cold]
    pub(crate) fn corrupt(&self, what: &'static str) -> Error {
        Error::new(ErrorKind::Corrupt, &self.name, what)
    }
}
