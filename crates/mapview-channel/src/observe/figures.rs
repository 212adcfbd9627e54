//! What each kind of channel counts.

use crate::station::Tag;

/// The figures of a channel.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub depth: u64,
    pub messages: u64,
    pub bytes: u64,
    pub drops: u64,
    pub members: Vec<(Tag, Own)>,
}

/// The figures of one member.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Own {
    pub lag: Option<u64>,
    pub drops: Option<u64>,
}
