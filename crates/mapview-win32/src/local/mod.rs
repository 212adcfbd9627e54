//! What stays inside a process: heaps, storage of threads, and the locks that are a few bytes of the program's memory.
//!
//! The locks are those of `parking_lot`: one word each that is zero when nobody holds it, so that the static initialisers
//! of Windows hold, and threads wait by address, so that a condition variable needs no memory of its own.

mod address;
mod barrier;
mod condition;
mod critical_section;
mod fls;
mod global;
pub(crate) mod heap;
mod heap_functions;
mod once;
pub(crate) mod os;
mod slist;
mod srw;
mod tls;

pub(crate) use global::allocate;
