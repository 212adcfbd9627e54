//! What a topic's words say, to somebody who only looks.

use std::sync::atomic::{AtomicU64, Ordering};

use mapview::View;

use super::flow::{bits, Owner};
use super::plan::{self, Plan};
use super::Policy;
use crate::station::{Header, Tag};
use crate::Result;

/// A topic as it is seen from outside. Others go on meanwhile, so figures need not fit together to the last sample.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    /// Of all publishers' places that were ever taken.
    pub publishers: Vec<ObservedPublisher>,
    /// Those who have a seat.
    pub subscribers: Vec<ObservedSubscriber>,
}

/// A publisher's place.
#[derive(Clone, Debug)]
pub(crate) struct ObservedPublisher {
    pub place: usize,
    /// Samples and bytes so far, by all who had the place.
    pub samples: u64,
    pub bytes: u64,
}

/// A subscriber.
#[derive(Clone, Debug)]
pub(crate) struct ObservedSubscriber {
    pub member: Tag,
    pub policy: Policy,
    /// How many samples were overwritten before it took them.
    pub drops: u64,
    /// For each of [`Observed::publishers`], how many samples it has not taken; in part they may be overwritten.
    pub lags: Vec<u64>,
}

/// So many bytes of the mapping [`observe`] looks at; `None` if these are no parameters of a topic.
pub(crate) fn observed_len(header: &Header) -> Option<usize> {
    Some(Plan::of(header)?.control)
}

/// How many samples of each publisher can be got; `None` if these are no parameters of a topic.
pub(crate) fn depth(header: &Header) -> Option<u64> {
    Some(u64::from(Plan::of(header)?.shape.depth))
}

/// Looks at a topic, through a view of [`observed_len`] bytes from the start of its mapping, which may be read-only. `None` if these
/// are no parameters of a topic.
pub(crate) fn observe(header: &Header, view: &View) -> Result<Option<Observed>> {
    let Some(plan) = Plan::of(header) else { return Ok(None) };
    let shape = plan.shape;
    let word = |at: usize| view.load::<AtomicU64>(at, Ordering::Acquire);
    let mut seen = Observed::default();
    for place in bits(word(plan::PUBLISHERS_TAKEN_AT)?) {
        if place >= shape.publishers as usize {
            break;
        }
        let at = plan.publisher_at(place);
        seen.publishers.push(ObservedPublisher {
            place,
            samples: word(at + plan::TAIL * 8)?,
            bytes: word(at + plan::BYTES * 8)?,
        });
    }
    for seat in bits(word(plan::SEATS_TAKEN_AT)?) {
        if seat >= shape.subscribers as usize {
            break;
        }
        let owner = Owner(word(plan::SEAT_OWNERS_AT + seat * 8)?);
        if owner.member() == 0 {
            continue;
        }
        let of_seat = |index: usize| word(plan.seats_at() + index * 8);
        let mut lags = Vec::new();
        for publisher in &seen.publishers {
            let cursor = of_seat(shape.cursor(seat, publisher.place))?;
            lags.push(publisher.samples.saturating_sub(cursor));
        }
        let policy = if owner.is_blocking() { Policy::Block } else { Policy::Overwrite };
        let drops = of_seat(shape.drops(seat))?;
        seen.subscribers.push(ObservedSubscriber { member: tag(owner), policy, drops, lags });
    }
    Ok(Some(seen))
}

fn tag(owner: Owner) -> Tag {
    Tag::from_bits(owner.member())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Publisher, TopicOptions};
    use mapview::{Mapping, ViewOptions};

    #[test]
    fn what_is_seen_is_what_happened() {
        let name = format!("mapview-test-observe-topic-{}", std::process::id());
        let options = TopicOptions::new().depth(4).clone();
        let mut fast = options.publisher(&name).unwrap();
        let mut slow = options.publisher(&name).unwrap();
        let mut keen = options.clone().policy(Policy::Block).subscriber(&name).unwrap();
        let mut lazy = options.subscriber(&name).unwrap();
        for _ in 0..7 {
            fast.publish(b"seven").unwrap();
            keen.recv().unwrap();
        }
        slow.publish(b"one").unwrap();
        lazy.recv().unwrap();
        drop(slow);

        let mapping = Mapping::open_read_only(&name).unwrap();
        let station = crate::station::Station::open(
            &name,
            crate::station::Kind::Topic,
            &crate::station::Schema::new(""),
            |header| Plan::of(header)?.measures(),
        );
        let header = station.unwrap().header().clone();
        let len = observed_len(&header).unwrap();
        let view = ViewOptions::new().len(len).map(&mapping).unwrap();
        let seen = observe(&header, &view).unwrap().unwrap();
        let published: Vec<_> =
            seen.publishers.iter().map(|p| (p.place, p.samples, p.bytes)).collect();
        assert_eq!(published, [(0, 7, 35), (1, 1, 3)]);
        let subscribed: Vec<_> =
            seen.subscribers.iter().map(|s| (s.policy, s.drops, s.lags.clone())).collect();
        // `lazy` missed three of seven and took the fourth.
        assert_eq!(
            subscribed,
            [(Policy::Block, 0, vec![0, 1]), (Policy::Overwrite, 3, vec![3, 1])]
        );
        assert!(Publisher::open(&name).is_ok());
    }
}
