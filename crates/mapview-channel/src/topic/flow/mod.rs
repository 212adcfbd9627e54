//! How samples get from publishers to subscribers.
//!
//! ```text
//! tail, bytes     of each publisher: how far it is
//! entries         of each publisher, a ring: {tag, detail} of its last samples, for all subscribers
//! chunks          of each publisher: where the samples lie
//! owners          who sits where
//! cursors, pins   of each subscriber: how far it is with each publisher, and what it holds
//! ```
//!
//! Every word has one writer. A sample exists from the store of its tag on. A subscriber *pins* a sample before it reads it: it writes the
//! chunk's name down, and then looks whether the sample's entry is still the same. A publisher that wants to use a chunk again first
//! overwrites its entry, and then looks whether somebody wrote it down. One of the two sees the other. There are so many chunks that a
//! publisher always finds one, however many are held and however slow the subscribers are; so nobody waits for a pin.
//!
//! A subscriber for whom publishers wait says so in its owner word. A publisher may be `depth` samples ahead of the slowest of those, and
//! looks again how far they are only when it comes to the end of what it knew.

mod reader;
mod seats;
mod shape;
mod writer;

pub(crate) use reader::{Desk, Found, Reader};
pub(crate) use seats::{bits, Owner, Seats};
pub(crate) use shape::{Board, Broken, Shape};
pub(crate) use writer::Writer;
