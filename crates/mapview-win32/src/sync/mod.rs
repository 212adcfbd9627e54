//! The objects that threads wait for: creating, opening and changing them.

mod event;
mod mutex;
mod semaphore;
mod timer;

pub(crate) use timer::Timer;
