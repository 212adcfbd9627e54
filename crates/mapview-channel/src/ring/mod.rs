//! Rings: messages from senders to receivers, in order.

mod batch;
mod draft;
mod message;
mod options;
mod receiver;
mod sender;
mod track;

pub use batch::Batch;
pub use draft::Draft;
pub use message::Message;
pub use options::RingOptions;
pub(crate) use options::{shape, PARAMETER_NAMES};
pub use receiver::Receiver;
pub use sender::Sender;
pub(crate) use track::{control_len, place};
