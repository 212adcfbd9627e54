//! `Policy`: what happens to a subscriber that does not keep up.

/// What happens when a subscriber does not keep up with a publisher. Each subscriber chooses for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Publishers go on, and the oldest samples that this subscriber has not taken are overwritten;
    /// [`Subscriber::dropped`](crate::Subscriber::dropped) counts them. Whatever this subscriber does, it holds up nobody.
    #[default]
    Overwrite,
    /// Publishers wait for this subscriber when it is [`depth`](crate::TopicOptions::depth) samples behind. It misses none that is
    /// published after it came.
    Block,
}
