//! Asynchronous procedure calls: functions that a thread runs when it next waits alertably, in the order they came.

use std::collections::VecDeque;
use std::sync::{Mutex, OnceLock};

use mapview::{Event, EventOptions, Reset};

use super::lock;
use crate::abi::{DWORD, HANDLE, TRUE};
use crate::code::{Code, Result};
use crate::last_error;

const THREAD_SET_CONTEXT: u32 = 0x10;

type Function = extern "C" fn(usize);

/// What a thread is to run.
#[derive(Debug)]
struct Call {
    function: Function,
    data: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Apcs {
    waiting: Mutex<VecDeque<Call>>,
    /// Set while there are any; made when the thread first waits for one.
    event: OnceLock<Event>,
}

impl Apcs {
    fn push(&self, call: Call) -> Result<()> {
        let mut waiting = lock(&self.waiting);
        waiting.push_back(call);
        self.event.get().map_or(Ok(()), |event| Ok(event.set()?))
    }

    /// What is set while there is something to run. Only for the thread itself.
    pub(crate) fn event(&self) -> Result<&Event> {
        if self.event.get().is_none() {
            let event = EventOptions::new(Reset::Manual).create()?;
            let waiting = lock(&self.waiting);
            if !waiting.is_empty() {
                event.set()?;
            }
            let _ = self.event.set(event); // nobody else makes one
        }
        self.event.get().ok_or(Code::NOT_ENOUGH_MEMORY)
    }

    /// Runs what is there, and what comes meanwhile. Returns whether there was anything. Only for the thread itself.
    pub(crate) fn run(&self) -> bool {
        let mut ran = false;
        while let Some(call) = self.next() {
            (call.function)(call.data);
            ran = true;
        }
        ran
    }

    fn next(&self) -> Option<Call> {
        let mut waiting = lock(&self.waiting);
        let call = waiting.pop_front();
        if let (true, Some(event)) = (waiting.is_empty(), self.event.get()) {
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
        thread.apcs.push(Call { function, data })?;
        Ok(TRUE as DWORD)
    };
    last_error::or(queue(), 0)
}
