//! A call slot: the words by which one call goes from its client to one server and back. Each change is one store or one
//! compare-and-swap, so whoever is killed between two leaves a state that says what is to be done.
//!
//! ```text
//!   Idle, Done, Dropped --offer--> Ready --take--> Taken --finish--> Done, or Dropped if the server gave up
//!                          ^        |  |            |  |                ^
//!                          |  withdraw |       withdraw └-- server dead: retry (Ready again) or reclaim (Idle)
//!                          └- Idle <┘           Cancelled --finish-----┘, or server dead: reclaim (Idle)
//! ```

use super::state::{Stage, State};
use crate::prim::{AtomicU64, Ordering};

/// A server goes on at most twice while a call is withdrawn: from `Ready` to `Taken` to `Done`. One that breaks the rules may not keep
/// others at it for ever.
const MOST_CHANGES: u32 = 16;

/// The words of a slot that both sides look at: all in one cache line, beside the tail of its lane.
#[derive(Clone, Copy)]
pub(crate) struct Slot<'a> {
    pub state: &'a AtomicU64,
    /// `{number of the first reply, length of the request}`, written before the call is offered.
    pub request: &'a AtomicU64,
}

/// A call that a server took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The state as the server left it.
    pub state: State,
    /// Unchecked: the client may say anything.
    pub len: u32,
    /// The number of the first reply.
    pub first: u32,
}

/// What became of a slot whose client is no longer interested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Withdrawn {
    /// It can carry a new call.
    Free,
    /// The server with these tag bits has it until it is done or dead.
    With(u32),
}

impl<'a> Slot<'a> {
    /// How far the call is. What was stored before is seen.
    #[inline]
    pub(crate) fn look(self) -> State {
        State(self.state.load(Ordering::Acquire))
    }

    /// By the client, of a free slot: the request has been written.
    #[inline]
    pub(crate) fn offer(self, number: u32, len: u32, first: u32) -> State {
        self.request.store(u64::from(first) << 32 | u64::from(len), Ordering::Relaxed);
        let ready = State::ready(number, false);
        self.state.store(ready.0, Ordering::Release);
        ready
    }

    /// By the client: offers the call again, which its server gave up or, if it is `Taken`, died over. `None` if the slot says
    /// something else by now.
    pub(crate) fn retry(self, from: State, number: u32, len: u32, first: u32) -> Option<State> {
        self.request.store(u64::from(first) << 32 | u64::from(len), Ordering::Relaxed);
        let ready = State::ready(number, true);
        self.change(from, ready).then_some(ready)
    }

    /// By a server: takes the call if there is one to take.
    #[inline]
    pub(crate) fn take(self, ready: State, tag: u32) -> Option<Taken> {
        let state = ready.with_stage(Stage::Taken).with_tag(tag);
        if ready.stage() != Some(Stage::Ready) || !self.change(ready, state) {
            return None;
        }
        // Nobody writes it again before this server is done or dead.
        let request = self.request.load(Ordering::Relaxed);
        Some(Taken { state, len: request as u32, first: (request >> 32) as u32 })
    }

    /// By the server that took the call: there will be no more replies. `Dropped` tells the client that some are missing.
    #[inline]
    pub(crate) fn finish(self, taken: State, dropped: bool) {
        let stage = if dropped { Stage::Dropped } else { Stage::Done };
        self.state.store(taken.with_stage(stage).0, Ordering::Release);
    }

    /// By the server that took the call: whether nobody wants its replies.
    #[inline]
    pub(crate) fn is_cancelled(self, taken: State) -> bool {
        self.state.load(Ordering::Relaxed) != taken.0
    }

    /// For the client, by itself or by whoever saw that it is dead: the call is not wanted any more. `still` is asked after each
    /// look whether what was seen is the client's that is meant; if not, nothing is changed.
    pub(crate) fn withdraw(self, mut still: impl FnMut() -> bool) -> Withdrawn {
        for _ in 0..MOST_CHANGES {
            let state = self.look();
            if !still() {
                return Withdrawn::Free;
            }
            let next = match state.stage() {
                Some(Stage::Ready) => state.with_stage(Stage::Idle),
                Some(Stage::Taken) => state.with_stage(Stage::Cancelled),
                Some(Stage::Cancelled) => return Withdrawn::With(state.tag()),
                Some(Stage::Idle | Stage::Done | Stage::Dropped) => return Withdrawn::Free,
                None => state.with_stage(Stage::Idle), // somebody else's nonsense
            };
            if self.change(state, next) {
                return match next.stage() {
                    Some(Stage::Cancelled) => Withdrawn::With(state.tag()),
                    _ => Withdrawn::Free,
                };
            }
        }
        Withdrawn::With(0)
    }

    /// By the client, when the server that has the call is dead: the slot is free again.
    pub(crate) fn reclaim(self, from: State) -> bool {
        self.change(from, from.with_stage(Stage::Idle))
    }

    #[inline]
    fn change(self, from: State, to: State) -> bool {
        let order = (Ordering::AcqRel, Ordering::Relaxed);
        self.state.compare_exchange(from.0, to.0, order.0, order.1).is_ok()
    }
}
