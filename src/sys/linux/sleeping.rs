//! What a sleeping thread needs: the words on which it sleeps, the bells, and a line in the ledger for others to see.

use std::sync::atomic::AtomicU64;
use std::sync::Arc;
use std::time::Duration;

use super::alarm::{Alarm, Moment};
use super::bell::Bells;
use super::ledger::{self, Entry, Ledger};
use super::object::Kind;
use super::os::futex::{self, Sleep, Woken};
use super::robust::Thread;
use super::wait::{namespace_of, Item};
use crate::state::parts::listens;
use crate::state::timer::is_changing;
use crate::{Deadline, Namespace, Result};

/// A thread that sleeps, or is about to.
pub(super) struct Sleeping {
    /// The objects' words, then the bells.
    words: Vec<Sleep>,
    objects: usize,
    namespace: Namespace,
    /// Of `Local\` and, if an object of `Global\` is among those waited for, of that too; once they are needed.
    bells: Option<[Option<Arc<Bells>>; 2]>,
    /// Of the timers among the objects.
    alarm: Alarm,
    _entry: Option<Entry>,
}

impl Sleeping {
    pub(super) fn of(items: &[Item<'_>], thread: Thread) -> Sleeping {
        let namespace = namespace_of(items);
        let records = items.iter().map(|item| ledger::record_number(item.object.page.identity()));
        // Without a ledger it sleeps all the same, only unseen.
        let entry = Ledger::of(namespace).ok().and_then(|ledger| ledger.enter(thread.tid, records));
        let words = Vec::with_capacity(items.len() + 6);
        let alarm = Alarm::default();
        Sleeping { words, objects: 0, namespace, bells: None, alarm, _entry: entry }
    }

    /// Has the kernel ring the first bell if this thread dies.
    pub(super) fn announce(&mut self, thread: Thread) {
        if let [_, Some(bells)] | [Some(bells), None] = self.bells() {
            thread.begin(bells.entry());
        }
    }

    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.alarm = Alarm::default();
    }

    /// Sleeps on this word too, while its low half is `low`.
    pub(super) fn push(&mut self, word: &AtomicU64, low: u32) {
        self.words.push(futex::while_low(word, low));
        self.objects = self.words.len();
    }

    /// After the word of a timer: wakes when it is due, and when its plan is changed. `noted` is from before the look at the
    /// plan.
    pub(super) fn push_timer(&mut self, changes: &AtomicU64, noted: u64, moment: Option<Moment>) {
        if self.alarm.add(moment, is_changing(noted)) {
            self.push(changes, noted as u32);
        }
    }

    /// Listens for the bells too, behind the last word. `only`: it sleeps for one such object alone; then it need not if
    /// nobody sleeps for that object among others.
    pub(super) fn listen(&mut self, only: Option<Kind>) {
        let alone = match only {
            Some(Kind::AutoEvent | Kind::Semaphore { .. }) => !listens(self.words[0].val as u32),
            _ => false,
        };
        if alone {
            return;
        }
        self.bells();
        let Sleeping { words, bells, .. } = self;
        let all = || bells.iter().flatten().flatten();
        // Of several words that were woken the kernel tells the last: the first bells, which must be answered.
        words.extend(all().map(|bells| futex::sleep_while(bells.second(), 0)));
        words.extend(all().map(|bells| futex::sleep_while(bells.first(), 0)));
    }

    pub(super) fn listens(&self) -> bool {
        self.words.len() > self.objects
    }

    pub(super) fn sleep(&self, deadline: Deadline, limit: Option<Duration>) -> Result<Woken> {
        self.alarm.sleep(&self.words, deadline, limit)
    }

    /// What a sleeper that was woken on word `index` owes the others.
    pub(super) fn answer(&mut self, index: usize) {
        // Behind the objects come the second bells, and behind those as many first ones.
        if index >= self.objects + (self.words.len() - self.objects) / 2 && self.listens() {
            self.bells().iter().flatten().for_each(|bells| bells.ring_second());
        }
    }

    /// The bells' file is not what it was: does without.
    pub(super) fn deafen(&mut self) {
        self.bells = Some([None, None]);
    }

    fn bells(&mut self) -> &[Option<Arc<Bells>>; 2] {
        let namespace = self.namespace;
        self.bells.get_or_insert_with(|| {
            let global = (namespace == Namespace::Global).then(|| Bells::of(Namespace::Global));
            [Bells::of(Namespace::Local), global.flatten()]
        })
    }
}
