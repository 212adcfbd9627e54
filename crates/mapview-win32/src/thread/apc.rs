//! Asynchronous procedure calls: functions that a thread runs when it next waits alertably, in the order they came.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use mapview::{Deadline, Event, EventOptions, Reset};

use super::alarm::Alarm;
use super::lock;
use crate::abi::{DWORD, HANDLE, TRUE};
use crate::code::{Code, Result};
use crate::last_error;

const THREAD_SET_CONTEXT: u32 = 0x10;

type Function = extern "C" fn(usize);

/// What a thread is to run.
#[derive(Debug)]
enum Call {
    User(Function, usize),
    Alarm(Arc<Alarm>),
}

#[derive(Debug, Default)]
pub(crate) struct Apcs {
    waiting: Mutex<Waiting>,
    /// Set while there are calls; made when the thread first waits for one.
    event: OnceLock<Event>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// With the moments from which on they wait, in that order.
    calls: VecDeque<(Instant, Call)>,
    /// The timers that will make calls.
    alarms: Vec<Arc<Alarm>>,
}

impl Waiting {
    /// Queues the calls of timers that are due.
    fn collect(&mut self) {
        if self.alarms.is_empty() {
            return;
        }
        let now = Instant::now();
        for alarm in &self.alarms {
            if let Some(due) = alarm.has_come(now) {
                let place = self.calls.partition_point(|(since, _)| *since <= due);
                self.calls.insert(place, (due, Call::Alarm(alarm.clone())));
            }
        }
        self.alarms.retain(|alarm| !alarm.is_over());
    }
}

impl Apcs {
    fn push(&self, function: Function, data: usize) -> Result<()> {
        let mut waiting = lock(&self.waiting);
        waiting.calls.push_back((Instant::now(), Call::User(function, data)));
        self.event.get().map_or(Ok(()), |event| Ok(event.set()?))
    }

    pub(super) fn watch(&self, alarm: Arc<Alarm>) {
        lock(&self.waiting).alarms.push(alarm);
    }

    /// What is set while there is something to run. Only for the thread itself.
    pub(crate) fn event(&self) -> Result<&Event> {
        if self.event.get().is_none() {
            let event = EventOptions::new(Reset::Manual).create()?;
            let waiting = lock(&self.waiting);
            if !waiting.calls.is_empty() {
                event.set()?;
            }
            let _ = self.event.set(event); // nobody else makes one
        }
        self.event.get().ok_or(Code::NOT_ENOUGH_MEMORY)
    }

    /// This deadline, or the moment when a timer has a call, if that is sooner.
    pub(crate) fn sooner(&self, deadline: Deadline) -> Deadline {
        let next = lock(&self.waiting).alarms.iter().filter_map(|alarm| alarm.next()).min();
        match (next, deadline.remaining()) {
            (Some(next), left)
                if left
                    .is_none_or(|left| next.saturating_duration_since(Instant::now()) < left) =>
            {
                Deadline::at(next)
            }
            _ => deadline,
        }
    }

    /// Runs what is there, and what comes meanwhile. Returns whether there was anything. Only for the thread itself.
    pub(crate) fn run(&self) -> bool {
        let mut ran = false;
        while let Some(call) = self.next() {
            ran |= match call {
                Call::User(function, data) => {
                    function(data);
                    true
                }
                Call::Alarm(alarm) => alarm.call(),
            };
        }
        ran
    }

    fn next(&self) -> Option<Call> {
        let mut waiting = lock(&self.waiting);
        waiting.collect();
        let call = waiting.calls.pop_front().map(|(_, call)| call);
        if let (true, Some(event)) = (waiting.calls.is_empty(), self.event.get()) {
            let _ = event.reset(); // fails if somebody truncated its memory, and then so do the waits
        }
        call
    }
}

/// Fails with 31 if the thread has ended.
#[no_mangle]
extern "C" fn QueueUserAPC(function: Option<Function>, handle: HANDLE, data: usize) -> DWORD {
    let queue = || {
        let thread = super::handle::get(handle, THREAD_SET_CONTEXT)?;
        let function = function.ok_or(Code::INVALID_PARAMETER)?;
        if thread.has_ended() {
            return Err(Code::GEN_FAILURE);
        }
        thread.apcs.push(function, data)?;
        Ok(TRUE as DWORD)
    };
    last_error::or(queue(), 0)
}
