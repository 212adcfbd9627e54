//! The word that says all about a call slot at one instant.
//!
//! ```text
//! number of the call (32) | unused (7) | tag of the server (17) | unused (4) | redelivered (1) | stage (3)
//! ```

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// No call.
    Idle = 0,
    /// Committed by the client; whichever server comes first may take it.
    Ready = 1,
    /// A server has it, and is the only one who may write replies.
    Taken = 2,
    /// As `Taken`, but the client is no longer interested.
    Cancelled = 3,
    /// All replies are committed.
    Done = 4,
    /// The server gave up before it had answered.
    Dropped = 5,
}

const STAGES: [Stage; 6] =
    [Stage::Idle, Stage::Ready, Stage::Taken, Stage::Cancelled, Stage::Done, Stage::Dropped];
const STAGE_MASK: u64 = 7;
const REDELIVERED: u64 = 1 << 3;
const TAG_SHIFT: u32 = 8;
const TAG_MASK: u64 = (1 << 17) - 1;
const NUMBER_SHIFT: u32 = 32;

/// One value of the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State(pub(super) u64);

impl State {
    pub(crate) fn ready(number: u32, redelivered: bool) -> State {
        let flag = if redelivered { REDELIVERED } else { 0 };
        State(u64::from(number) << NUMBER_SHIFT | flag | Stage::Ready as u64)
    }

    /// `None` if it is no stage that there is.
    #[inline]
    pub(crate) fn stage(self) -> Option<Stage> {
        STAGES.get((self.0 & STAGE_MASK) as usize).copied()
    }

    /// The client's number of the call, modulo 2^32.
    #[inline]
    pub(crate) fn number(self) -> u32 {
        (self.0 >> NUMBER_SHIFT) as u32
    }

    /// The bits of the server's tag; 0 before one took the call.
    #[inline]
    pub(crate) fn tag(self) -> u32 {
        (self.0 >> TAG_SHIFT & TAG_MASK) as u32
    }

    /// Whether a server had the call before and ended.
    #[inline]
    pub(crate) fn redelivered(self) -> bool {
        self.0 & REDELIVERED != 0
    }

    /// Whether the slot can carry a new call.
    pub(crate) fn is_free(self) -> bool {
        matches!(self.stage(), Some(Stage::Idle | Stage::Done | Stage::Dropped))
    }

    #[inline]
    pub(super) fn with_stage(self, stage: Stage) -> State {
        State(self.0 & !STAGE_MASK | stage as u64)
    }

    #[inline]
    pub(super) fn with_tag(self, tag: u32) -> State {
        State(self.0 & !(TAG_MASK << TAG_SHIFT) | (u64::from(tag) & TAG_MASK) << TAG_SHIFT)
    }
}
