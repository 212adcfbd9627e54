//! A station: what every kind of channel is built on. One named mapping, whose first pages say what it is, who takes part, and who
//! sleeps.
//!
//! ```text
//! 0     header     what the channel is; agreed by its first participants
//! 512   sleepers   a bit for each member who sleeps until there are messages
//! 640   sleepers   a bit for each member who sleeps until there is room
//! 4096  roster     64 members
//! 8192  what the kind of channel needs
//! ```

mod agree;
mod bell;
mod header;
mod life;
mod look;
mod member;
mod owner;
mod roster;
pub(crate) mod sleepers;

use std::sync::atomic::AtomicU64;
use std::sync::Arc;

use mapview::{Access, Advice, Composite, Mapping, MappingOptions, Name, Security, ToName, View};
use mapview::{ViewAccess, ViewOptions};

use crate::area::Word;
use crate::{Error, ErrorKind, Result};

pub(crate) use bell::hang;
use bell::Bells;
pub use header::Kind;
pub(crate) use header::{parameter_names, Header, Schema, PARAMETERS};
pub(crate) use look::{Look, Seen};
pub(crate) use member::{seated, Member, Tag};
pub(crate) use owner::Owner;
pub use owner::Role;
pub(crate) use roster::Roster;

/// Where a kind's own area begins.
pub(crate) const KIND_AT: usize = 8192;
const SLEEPERS_AT: [usize; 2] = [512, 640];
/// Bytes of a huge page, where there are such.
pub(crate) const HUGE_PAGE: usize = 1 << 21;

/// What somebody sleeps for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Messages = 0,
    Room = 1,
}

/// How the memory is divided, from the parameters alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Measures {
    /// Bytes from the start that hold control words, a multiple of 64 KiB.
    pub control: usize,
    /// All bytes.
    pub total: u64,
}

/// A channel that this process has open.
#[derive(Debug)]
pub(crate) struct Station {
    name: Name,
    mapping: Mapping,
    header: Header,
    control: Arc<View>,
    roster: Roster,
    sleepers: [Word<AtomicU64>; 2],
    bells: Bells,
}

impl Station {
    /// Creates the channel, or takes part in one with exactly these parameters.
    pub(crate) fn create(
        name: &(impl ToName + ?Sized),
        security: &Security,
        wanted: &Header,
        measures: Measures,
    ) -> Result<Arc<Station>> {
        let name = named(name)?;
        header::patiently(&name, || {
            let mut options = MappingOptions::new();
            options.name(&name).size(measures.total).reserve(true).security(security.clone());
            let mapping = options.create()?;
            if mapping.size() < measures.total {
                let (_, found) = Station::look(&name, &mapping)?;
                return match found {
                    Some(found) => Err(wanted.mismatch(&name, &found)),
                    None => Ok(None),
                };
            }
            let control = Arc::new(control(&mapping, measures.control)?);
            control.commit(0, KIND_AT)?;
            match wanted.agree(&name, &control)? {
                Some(header) => Station::assemble(&name, mapping, header, control).map(Some),
                None => Ok(None),
            }
        })
    }

    /// Takes part in a channel that is there. `measure` checks the parameters and says how its memory is divided.
    pub(crate) fn open(
        name: &(impl ToName + ?Sized),
        kind: Kind,
        schema: &Schema,
        measure: impl Fn(&Header) -> Option<Measures>,
    ) -> Result<Arc<Station>> {
        let name = named(name)?;
        header::patiently(&name, || {
            let access = Access::READ | Access::WRITE;
            let mapping = MappingOptions::new().name(&name).open(access)?;
            let (_, Some(header)) = Station::look(&name, &mapping)? else { return Ok(None) };
            header.check(&name, kind, schema)?;
            let measures = measure(&header).filter(|measures| measures.total <= mapping.size());
            let Some(measures) = measures else {
                let why = "its parameters contradict each other or its size";
                return Err(Error::new(ErrorKind::Corrupt, &name, why));
            };
            let control = Arc::new(control(&mapping, measures.control)?);
            Station::assemble(&name, mapping, header, control).map(Some)
        })
    }

    /// The header of a mapping, `None` while it is being made.
    fn look(name: &Name, mapping: &Mapping) -> Result<(View, Option<Header>)> {
        if mapping.size() < KIND_AT as u64 {
            let why = "the name belongs to a mapping that is no channel";
            return Err(Error::new(ErrorKind::NotSuchAChannel, name, why));
        }
        let view = ViewOptions::new().len(KIND_AT).map(mapping)?;
        let header = Header::read(name, &view)?;
        Ok((view, header))
    }

    fn assemble(
        name: &Name,
        mapping: Mapping,
        header: Header,
        control: Arc<View>,
    ) -> Result<Arc<Station>> {
        let sleepers = [Word::new(&control, SLEEPERS_AT[0])?, Word::new(&control, SLEEPERS_AT[1])?];
        let roster = Roster::new(&control, name.namespace())?;
        let (name, bells) = (name.clone(), Bells::default());
        Ok(Arc::new(Station { name, mapping, header, control, roster, sleepers, bells }))
    }

    pub(crate) fn name(&self) -> &Name {
        &self.name
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// The view of the control words.
    pub(crate) fn control(&self) -> &Arc<View> {
        &self.control
    }

    pub(crate) fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Part of the mapping, twice in a row; both are multiples of 64 KiB. Memory is taken for it.
    pub(crate) fn mirrored(&self, offset: u64, len: usize) -> Result<Arc<View>> {
        let mut parts = Composite::new();
        let view = parts.part(&self.mapping, offset, len).part(&self.mapping, offset, len);
        let view = view.map(ViewAccess::ReadWrite)?;
        view.commit(0, len)?;
        Ok(Arc::new(view))
    }

    /// Two parts of the mapping that follow each other, the second twice in a row; multiples of 64 KiB. Memory is taken for the second.
    pub(crate) fn mirrored_after(
        &self,
        offset: u64,
        before: usize,
        len: usize,
    ) -> Result<Arc<View>> {
        self.mirrored_with(offset, before, len, false)
    }

    /// As [`Station::mirrored_after`], in huge pages if they are wanted and the system can.
    pub(crate) fn mirrored_with(
        &self,
        offset: u64,
        before: usize,
        len: usize,
        huge: bool,
    ) -> Result<Arc<View>> {
        let mut view = self.twice(offset, before, len, 0)?;
        if huge && view.advise(before, len * 2, Advice::HugePages)? {
            // Huge pages need addresses that are multiples of theirs. Views go below each other, so something behind shifts this one.
            let too_high = (view.as_ptr() as usize + before) % HUGE_PAGE;
            if too_high != 0 {
                drop(view);
                view = self.twice(offset, before, len, too_high)?;
                view.advise(before, len * 2, Advice::HugePages)?;
            }
        }
        view.commit(before, len)?;
        Ok(Arc::new(view))
    }

    /// The two parts, and so many bytes more.
    fn twice(&self, offset: u64, before: usize, len: usize, behind: usize) -> Result<View> {
        let (mut parts, data) = (Composite::new(), offset + before as u64);
        parts.part(&self.mapping, offset, before);
        parts.part(&self.mapping, data, len).part(&self.mapping, data, len);
        if behind > 0 {
            parts.part(&self.mapping, data, behind);
        }
        Ok(parts.map(ViewAccess::ReadWrite)?)
    }

    /// Part of the mapping, without memory until it is committed.
    pub(crate) fn part(&self, offset: u64, len: usize, access: ViewAccess) -> Result<Arc<View>> {
        let mut options = ViewOptions::new();
        Ok(Arc::new(options.offset(offset).len(len).access(access).map(&self.mapping)?))
    }

    /// An error about this channel's memory.
    #[cold]
    pub(crate) fn corrupt(&self, what: &'static str) -> Error {
        Error::new(ErrorKind::Corrupt, &self.name, what)
    }

    /// Who sleeps.
    pub(crate) fn sleepers(&self, class: Class) -> &AtomicU64 {
        &self.sleepers[class as usize]
    }

    /// Wakes whoever of `mask` sleeps, after something was stored that they wait for. Free of system calls and fences when nobody
    /// does.
    #[inline]
    pub(crate) fn wake(&self, class: Class, mask: u64) {
        self.wake_if(class, || mask);
    }

    /// As [`Station::wake`], with a mask that is only asked for when somebody sleeps.
    #[inline]
    pub(crate) fn wake_if(&self, class: Class, mask: impl FnOnce() -> u64) {
        let asleep = sleepers::asleep(self.sleepers(class));
        if asleep != 0 {
            self.ring(class, asleep & mask());
        }
    }

    #[cold]
    fn ring(&self, class: Class, mut asleep: u64) {
        while asleep != 0 {
            let index = asleep.trailing_zeros() as usize;
            asleep &= asleep - 1;
            loop {
                let owner = self.roster.owner(index);
                let rung = self.bells.ring(self, index, owner);
                // The bit of one who has ended would cost everybody this attempt again.
                let is_same = || self.roster.owner(index) == owner;
                if rung || sleepers::strike(self.sleepers(class), 1 << index, is_same) {
                    break;
                }
            }
        }
    }
}

fn named(name: &(impl ToName + ?Sized)) -> Result<Name> {
    match name.to_name()? {
        Some(name) => Ok(name),
        None => Err(Error::new(ErrorKind::InvalidParameter, "", "a channel needs a name")),
    }
}

fn control(mapping: &Mapping, len: usize) -> Result<View> {
    Ok(ViewOptions::new().len(len).access(ViewAccess::ReadWrite).map(mapping)?)
}
