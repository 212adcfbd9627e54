//! The calls that one timer or wait has made, and who wants to know when the last of them is over.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::Function;
use crate::abi::{right, HANDLE, INVALID_HANDLE_VALUE};
use crate::code::{Code, Result};
use crate::object::Object;
use crate::table;

pub(super) struct Calls {
    function: Function,
    argument: usize,
    state: Mutex<State>,
    over: Condvar,
}

#[derive(Default)]
struct State {
    /// Calls that are queued or run.
    open: usize,
    /// No more calls begin.
    ended: bool,
    /// Set when the last call is over.
    tell: Option<Arc<Object>>,
}

/// What the one who ends a timer or wait wants.
pub(super) enum Wish {
    /// Not to wait.
    Nothing,
    /// To wait for the calls that run.
    Wait,
    /// To have an event set when they are over.
    Tell(Arc<Object>),
}

impl Wish {
    /// NULL, `INVALID_HANDLE_VALUE` or an event.
    pub(super) fn new(event: HANDLE) -> Result<Wish> {
        if event.is_null() {
            return Ok(Wish::Nothing);
        }
        if event == INVALID_HANDLE_VALUE {
            return Ok(Wish::Wait);
        }
        let entry = table::get(event)?;
        let Object::Event(_) = &*entry.object else { return Err(Code::INVALID_HANDLE) };
        entry.need(right::MODIFY_STATE)?;
        Ok(Wish::Tell(entry.object))
    }
}

fn set(event: &Object) {
    if let Object::Event(event) = event {
        let _ = event.set(); // fails if somebody truncated its memory, and then so do the waits
    }
}

impl Calls {
    pub(super) fn new(function: Function, argument: usize) -> Calls {
        Calls { function, argument, state: Mutex::default(), over: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a call, `here` or in a worker.
    pub(super) fn make(self: &Arc<Self>, by_time: bool, here: bool) {
        {
            let mut state = self.state();
            if state.ended {
                return;
            }
            state.open += 1;
        }
        let calls = self.clone();
        let call = move || {
            (calls.function)(calls.argument, by_time.into());
            calls.close();
        };
        if here {
            call();
        } else if super::workers::submit(Box::new(call)).is_err() {
            self.close(); // there is no thread for it; the next one may be luckier
        }
    }

    fn close(&self) {
        let mut state = self.state();
        state.open -= 1;
        if state.open == 0 && state.ended {
            if let Some(event) = state.tell.take() {
                set(&event);
            }
            self.over.notify_all();
        }
    }

    /// No call begins after this, except those that are queued.
    ///
    /// # Errors
    /// 997 if calls are still to come or run, and the wish was not to wait.
    pub(super) fn end(&self, wish: Wish) -> Result<()> {
        let mut state = self.state();
        state.ended = true;
        match wish {
            Wish::Wait => {
                while state.open > 0 {
                    state = self.over.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                return Ok(());
            }
            Wish::Tell(event) if state.open == 0 => set(&event),
            Wish::Tell(event) => state.tell = Some(event),
            Wish::Nothing => {}
        }
        match state.open {
            0 => Ok(()),
            _ => Err(Code::IO_PENDING),
        }
    }
}

/// Ends several at once: the wish is about the calls of all.
pub(super) fn end_all<'a>(all: impl Iterator<Item = &'a Arc<Calls>>, wish: Wish) -> Result<()> {
    let all: Vec<&Arc<Calls>> = all.collect();
    let mut pending = false;
    for calls in &all {
        let wish = if matches!(wish, Wish::Wait) { Wish::Wait } else { Wish::Nothing };
        pending |= calls.end(wish).is_err();
    }
    if let Wish::Tell(event) = wish {
        if pending {
            let all: Vec<Arc<Calls>> = all.into_iter().cloned().collect();
            // One that waits for all of them and then tells.
            super::workers::submit(Box::new(move || {
                for calls in &all {
                    let _ = calls.end(Wish::Wait); // which does not fail
                }
                set(&event);
            }))?;
        } else {
            set(&event);
        }
    }
    match pending {
        true => Err(Code::IO_PENDING),
        false => Ok(()),
    }
}
