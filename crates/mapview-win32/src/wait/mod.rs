//! Waiting for objects by their handles.

mod alertable;
mod multiple;
mod signal;
mod single;
mod sleep;

use std::time::Duration;

use mapview::{Deadline, Signaled};

use crate::abi::DWORD;

const INFINITE: DWORD = 0xFFFF_FFFF;
const WAIT_OBJECT_0: DWORD = 0;
const WAIT_ABANDONED: DWORD = 0x80;
const WAIT_IO_COMPLETION: DWORD = 0xC0;
const WAIT_TIMEOUT: DWORD = 258;
const WAIT_FAILED: DWORD = 0xFFFF_FFFF;

/// How a wait ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// The index of the object, and whether it is a mutex that was abandoned.
    Object(u32, bool),
    /// Calls were run that had been queued to the thread.
    Apc,
    TimedOut,
}

impl Ended {
    fn one(signaled: bool) -> Ended {
        if signaled {
            Ended::Object(0, false)
        } else {
            Ended::TimedOut
        }
    }

    fn value(self) -> DWORD {
        match self {
            Ended::Object(index, false) => WAIT_OBJECT_0 + index,
            Ended::Object(index, true) => WAIT_ABANDONED + index,
            Ended::Apc => WAIT_IO_COMPLETION,
            Ended::TimedOut => WAIT_TIMEOUT,
        }
    }
}

impl From<Option<Signaled>> for Ended {
    fn from(signaled: Option<Signaled>) -> Ended {
        signaled.map_or(Ended::TimedOut, |signaled| {
            Ended::Object(signaled.index() as u32, signaled.abandoned())
        })
    }
}

/// When a wait of so many milliseconds gives up.
pub(crate) fn deadline(milliseconds: DWORD) -> Deadline {
    match milliseconds {
        0 => Deadline::now(),
        INFINITE => Deadline::never(),
        milliseconds => Deadline::after(Duration::from_millis(milliseconds.into())),
    }
}
