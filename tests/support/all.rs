//! Waits for all for loom: what `sys/linux/all.rs` does, for both of two objects.

use crate::count::{self, Look};
use crate::decision::{self, NUMBER_BITS};
use crate::kernel::{pause, Woken};
use crate::objects::{Announced, Objects};

/// Where somebody who attempts to take all is killed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dies {
    Never,
    AfterTheFirstClaim,
    Undecided,
    Committed,
    AfterTheFirstSettled,
}

/// Both objects, in the order in which they are looked at and claimed.
pub type Order = [usize; 2];

impl Objects {
    /// A wait for both with no time to wait.
    pub fn take_both(&self, slot: usize, order: Order) -> bool {
        loop {
            if !order.iter().all(|at| self.look(*at, false) == Look::Ready) {
                return false;
            }
            if self.attempt(slot, order, None, Dies::Never) {
                return true;
            }
            pause();
        }
    }

    /// `AllOf::attempt`. `owed`: the object that it was woken for. Returns whether it took
    /// both, also of one who is killed.
    pub fn attempt(&self, slot: usize, order: Order, owed: Option<usize>, dies: Dies) -> bool {
        let decision = &self.decisions[slot];
        let number = decision::begin(decision);
        let mark = (slot as u32) << NUMBER_BITS | number;
        let mut claimed = true;
        for at in order {
            let claim = || count::claim(&self.words[at], mark, owed == Some(at));
            claimed = claimed && claim() == Look::Ready;
            if dies == Dies::AfterTheFirstClaim {
                return self.die();
            }
        }
        if dies == Dies::Undecided {
            return self.die();
        }
        let taken = claimed && decision::commit(decision, number);
        if !taken {
            decision::call_off(decision, number);
        }
        if dies == Dies::Committed {
            self.die();
            return taken;
        }
        for at in order {
            self.settle(at, mark, taken);
            if dies == Dies::AfterTheFirstSettled {
                self.die();
                return taken;
            }
        }
        decision::end(decision);
        taken
    }

    /// See `claim::covered`.
    fn die(&self) -> bool {
        self.end(Announced::Bell);
        false
    }

    /// `AllOf::until`. Returns false when its time was over.
    pub fn wait_for_both(&self, me: u32, slot: usize, order: Order) -> bool {
        let mut owed = None;
        let got = loop {
            let is_missing = |at: &usize| self.look(*at, owed == Some(*at)) != Look::Ready;
            let Some(missing) = order.into_iter().find(is_missing) else {
                if self.attempt(slot, order, owed, Dies::Never) {
                    break true;
                }
                pause();
                continue;
            };
            if self.kernel.is_expired(me) {
                break false;
            }
            self.pay(&mut owed);
            let Some((mut beds, brief)) = self.lie_down(&[missing], false, true) else { continue };
            self.listen(&mut beds, true);
            match self.sleep(me, &beds, 1, brief) {
                Woken::ByWake(_) => owed = Some(missing),
                Woken::TimedOut if brief => owed = Some(missing),
                Woken::TimedOut | Woken::LookAgain => {}
            }
        };
        self.pay(&mut owed);
        got
    }

    /// `AllOf::pay`.
    fn pay(&self, owed: &mut Option<usize>) {
        if let Some(at) = owed.take() {
            self.pass_on(at);
        }
    }
}
