//! Where the words and the data of a ring's lane lie.
//!
//! ```text
//! 0     tail, and nothing else: the receiver looks at it
//! 128   head, attempted: the receiver's line
//! 256   messages and bytes so far, for whoever is curious
//! 384   who sends, who receives
//! 512   lengths, and behind them the hot places
//! ```

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::Arc;

use mapview::View;

use super::options::{measure, shape};
use crate::area::{Word, Words};
use crate::lane::{Place, Shape, Shared, HOT_PLACES, HOT_SIZE};
use crate::station::{Member, Station, Tag, KIND_AT};
use crate::{Error, ErrorKind, Result};

/// Where the words are.
pub(crate) mod place {
    pub(crate) const TAIL: usize = 0;
    pub(crate) const HEAD: usize = 128;
    pub(super) const ATTEMPTED: usize = 136;
    pub(crate) const MESSAGES: usize = 256;
    pub(crate) const BYTES: usize = 264;
    pub(super) const SENDER: usize = 384;
    pub(crate) const RECEIVER: usize = 392;
    pub(super) const LENGTHS: usize = 512;
}

/// Bytes of control words that a lane needs.
pub(crate) fn control_len(shape: Shape) -> usize {
    hot_at(shape) + (HOT_PLACES * HOT_SIZE) as usize
}

/// Multiples of a hot place's size, because messages may have to be aligned to that.
fn hot_at(shape: Shape) -> usize {
    (place::LENGTHS + shape.entries as usize * 4).next_multiple_of(HOT_SIZE as usize)
}

/// One lane of a ring, in this process.
#[derive(Debug)]
pub(super) struct Track {
    pub shape: Shape,
    tail: Word<AtomicU64>,
    head: Word<AtomicU64>,
    /// One more than the number of the last message that a receiver began to read.
    pub attempted: Word<AtomicU32>,
    pub messages: Word<AtomicU64>,
    pub bytes: Word<AtomicU64>,
    sender: Word<AtomicU64>,
    receiver: Word<AtomicU64>,
    lengths: Words<AtomicU32>,
    control: Arc<View>,
    hot_at: usize,
    /// Twice in a row.
    data: Arc<View>,
}

impl Track {
    pub(super) fn new(station: &Station) -> Result<Track> {
        let header = station.header();
        let (Some(shape), Some(measures)) = (shape(header), measure(header)) else {
            return Err(station.corrupt("its parameters are none of a ring"));
        };
        let (view, at) = (station.control(), KIND_AT);
        view.commit(at, control_len(shape))?;
        let word = |offset| Word::new(view, at + offset);
        Ok(Track {
            shape,
            tail: word(place::TAIL)?,
            head: word(place::HEAD)?,
            attempted: Word::new(view, at + place::ATTEMPTED)?,
            messages: word(place::MESSAGES)?,
            bytes: word(place::BYTES)?,
            sender: word(place::SENDER)?,
            receiver: word(place::RECEIVER)?,
            lengths: Words::new(view, at + place::LENGTHS, shape.entries as usize)?,
            control: view.clone(),
            hot_at: at + hot_at(shape),
            data: station.mirrored(measures.control as u64, shape.capacity as usize)?,
        })
    }

    #[inline]
    pub(super) fn shared(&self) -> Shared<'_> {
        Shared { tail: &self.tail, head: &self.head, lengths: &self.lengths }
    }

    /// The view and the offset in it of a place.
    #[inline]
    pub(super) fn find(&self, place: Place) -> (&View, usize) {
        match place {
            Place::Data(at) => (&self.data, at as usize),
            Place::Hot(at) => (&self.control, self.hot_at + at as usize),
        }
    }

    /// Becomes the lane's only sender.
    pub(super) fn seize_sending(&self, member: &Member) -> Result<()> {
        seize(&self.sender, member, "sender")
    }

    /// Becomes the lane's only receiver.
    pub(super) fn seize_receiving(&self, member: &Member) -> Result<()> {
        seize(&self.receiver, member, "receiver")
    }
}

/// Puts the member into a word of which one member at a time is the owner. A dead one is replaced.
fn seize(word: &AtomicU64, member: &Member, role: &str) -> Result<()> {
    let station = member.station();
    loop {
        let found = word.load(Ordering::Acquire);
        if station.roster().has(Tag::from_bits(found as u32))? {
            let why = format!("it has a living {role}, and takes one at a time");
            return Err(Error::new(ErrorKind::Occupied, station.name(), why));
        }
        let mine = u64::from(member.tag().bits());
        if word.compare_exchange(found, mine, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            return Ok(());
        }
    }
}
