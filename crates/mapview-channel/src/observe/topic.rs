//! A look at a topic.

use super::figures::Own;
use super::Figures;
use crate::station::{Look, KIND_AT};
use crate::topic::{self, Policy};
use crate::Result;

pub(super) fn figures(look: &Look) -> Result<Figures> {
    let header = look.header();
    let wrong = || look.corrupt("its parameters are none of a topic");
    let len = topic::observed_len(header).and_then(|len| len.checked_sub(KIND_AT));
    let area = look.area(len.ok_or_else(wrong)?)?;
    let seen = topic::observe(header, &area)?.ok_or_else(wrong)?;
    let depth = topic::depth(header).ok_or_else(wrong)?;
    let mut figures = Figures::default();
    for publisher in &seen.publishers {
        figures.messages = figures.messages.wrapping_add(publisher.samples);
        figures.bytes = figures.bytes.wrapping_add(publisher.bytes);
    }
    for subscriber in &seen.subscribers {
        // Of what it is behind, only so many are still there.
        let there = |lags: &[u64]| lags.iter().fold(0_u64, |sum, lag| sum + (*lag).min(depth));
        let behind = subscriber.lags.iter().fold(0_u64, |sum, lag| sum.saturating_add(*lag));
        let lag = there(&subscriber.lags);
        let overwritten = match subscriber.policy {
            Policy::Overwrite => behind - lag,
            Policy::Block => 0,
        };
        let drops = subscriber.drops.saturating_add(overwritten);
        figures.depth = figures.depth.max(lag);
        figures.drops = figures.drops.saturating_add(drops);
        figures.members.push((subscriber.member, Own { lag: Some(lag), drops: Some(drops) }));
    }
    Ok(figures)
}
