//! The objects that threads wait for: creating, opening and changing them.

mod event;
mod mutex;
mod semaphore;
