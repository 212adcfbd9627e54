//! Where the words and the data of a lane lie.
//!
//! ```text
//! 0     tail, and nothing else: receivers look at it
//! 128   head, attempted: the line of one receiver; of the sender, if there are several
//! 256   messages and bytes so far, for whoever is curious
//! ```

use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::Arc;

use mapview::View;

use super::hub::{words_at, Hub};
use crate::area::{Word, Words};
use crate::lane::{Claimed, Place, Shape, Shared};
use crate::Result;

/// Where the words are.
pub(crate) mod place {
    pub(crate) const TAIL: usize = 0;
    pub(crate) const HEAD: usize = 128;
    pub(super) const ATTEMPTED: usize = 136;
    pub(crate) const MESSAGES: usize = 256;
    pub(crate) const BYTES: usize = 264;
}

/// Bytes of words of a lane.
pub(super) const WORDS_LEN: usize = 384;

/// One lane of a ring, in this process.
#[derive(Debug)]
pub(super) struct Track {
    /// Its number.
    pub lane: usize,
    pub shape: Shape,
    tail: Word<AtomicU64>,
    head: Word<AtomicU64>,
    /// One more than the number of the last message that a receiver began to read, if there is one receiver at a time.
    pub attempted: Word<AtomicU32>,
    pub messages: Word<AtomicU64>,
    pub bytes: Word<AtomicU64>,
    /// The index, the hot places, and then the data twice in a row.
    pub view: Arc<View>,
    hot: usize,
    data: usize,
}

impl Track {
    /// Maps a lane; memory is taken for it.
    pub(super) fn new(hub: &Hub, lane: usize) -> Result<Track> {
        let (station, plan) = (&hub.station, hub.plan);
        let (shape, data) = (plan.shape(), plan.index());
        let view =
            station.mirrored_with(plan.lane_at(lane), data, shape.capacity as usize, plan.huge)?;
        view.commit(0, plan.index_used())?;
        let (words, at) = (station.control(), words_at(lane));
        let word = |offset| Word::new(words, at + offset);
        Ok(Track {
            lane,
            shape,
            tail: word(place::TAIL)?,
            head: word(place::HEAD)?,
            attempted: Word::new(words, at + place::ATTEMPTED)?,
            messages: word(place::MESSAGES)?,
            bytes: word(place::BYTES)?,
            view,
            hot: plan.hot(),
            data,
        })
    }

    /// How many bytes of data lie in huge pages.
    pub(super) fn huge_bytes(&self) -> Result<u64> {
        let residency = self.view.residency_range(self.data, self.shape.capacity as usize)?;
        Ok(residency.bytes(|run| run.huge))
    }

    /// Where in the view a place is.
    #[inline]
    pub(super) fn find(&self, place: Place) -> usize {
        match place {
            Place::Data(at) => self.data + at as usize,
            Place::Hot(at) => self.hot + at as usize,
        }
    }

    /// The index of a lane with one receiver at a time.
    pub(super) fn lengths(&self) -> Result<Words<AtomicU32>> {
        Words::new(&self.view, 0, self.shape.entries as usize)
    }

    /// The index of a lane whose messages are claimed.
    pub(super) fn entries(&self) -> Result<Words<AtomicU64>> {
        Words::new(&self.view, 0, self.shape.entries as usize * 2)
    }

    #[inline]
    pub(super) fn shared<'a>(&'a self, lengths: &'a [AtomicU32]) -> Shared<'a> {
        Shared { tail: &self.tail, head: &self.head, lengths }
    }

    #[inline]
    pub(super) fn claimed<'a>(&'a self, entries: &'a [AtomicU64]) -> Claimed<'a> {
        Claimed { tail: &self.tail, head: &self.head, entries }
    }
}
