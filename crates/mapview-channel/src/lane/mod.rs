//! A lane: messages from one producer to one consumer, contiguous, in order.
//!
//! ```text
//! tail   {count, last length}   stored by the producer: the commit
//! head   {count, position}      stored by the consumer: the release
//! lengths [u32]                 of each message that is under way
//! hot    4 x 64 bytes           where small messages lie while the consumer keeps up
//! data                          mapped twice in a row, so no message is ever in two pieces
//! ```
//!
//! Positions are not stored with the messages: both sides add up lengths. So a message that arrives alone costs two cache lines, the
//! tail's and its own, and one of many costs its own and four bytes.
//!
//! A lane may have several consumers instead. Then they claim its messages, one at a time: each has an entry that says whose it is.
//!
//! ```text
//! tail    {count, position}     stored by the producer: the commit
//! head    {count, position}     stored by the producer: what is done and taken back
//! entries [{count, offers, state, owner}, {position, length}]
//! ```

mod claimed_consumer;
mod claimed_producer;
mod consumer;
mod entry;
mod producer;
mod shape;

pub(crate) use claimed_consumer::{Claim, ClaimedConsumer};
pub(crate) use claimed_producer::ClaimedProducer;
pub(crate) use consumer::Consumer;
pub(crate) use entry::{Claimed, Entry, State};
pub(crate) use producer::Producer;
pub(crate) use shape::{Broken, Place, Shape, Shared, HOT_PLACES, HOT_SIZE};
