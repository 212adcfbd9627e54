//! `ChannelInfo`: what a look at a channel shows.

use mapview::Name;

use super::{Figures, Participant};
use crate::station::{parameter_names, Kind, Look, Seen};

/// What [`observe`](super::observe) sees of a channel.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChannelInfo {
    /// The name, with its namespace.
    pub name: Name,
    /// The kind.
    pub kind: Kind,
    /// Tells this channel from others that had the name before or will have it.
    pub id: u64,
    /// What the messages are, as the first participant said; empty if it said nothing, and of long ones the beginning. Control characters
    /// are escaped.
    pub schema: String,
    /// What the channel was created with: names and values.
    pub parameters: Vec<(&'static str, u64)>,
    /// Bytes of address space; memory is taken for what was used.
    pub size: u64,
    /// Messages that somebody may still get: of a ring, not yet released; of a topic, as many as the slowest subscriber has before it;
    /// of a service, calls not yet answered.
    pub depth: u64,
    /// Messages so far, by all who ever sent; of a service, calls.
    pub messages: u64,
    /// Their bytes; a service does not count them.
    pub bytes: u64,
    /// Messages that those who subscribe now lost because they did not keep up and chose to lose the oldest.
    pub drops: u64,
    /// Who takes part. A participant that died is among them until another one needs its place.
    pub participants: Vec<Participant>,
}

impl ChannelInfo {
    pub(super) fn new(look: &Look, figures: &Figures, members: &[Seen]) -> ChannelInfo {
        let header = look.header();
        let names = parameter_names(header.kind).iter().map(|name| name.trim_start_matches("the "));
        ChannelInfo {
            name: look.name().clone(),
            kind: header.kind,
            id: header.id,
            schema: header.schema.text(),
            parameters: names.zip(header.parameters).collect(),
            size: look.size(),
            depth: figures.depth,
            messages: figures.messages,
            bytes: figures.bytes,
            drops: figures.drops,
            participants: members.iter().map(|member| Participant::new(member, figures)).collect(),
        }
    }
}
