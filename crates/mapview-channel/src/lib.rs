//! Zero-copy channels between processes, on the shared memory of [`mapview`]: what is written once is read in place.
//!
//! ```
//! use mapview_channel::{Receiver, Sender};
//! let name = format!("doc-letters-{}", std::process::id());
//! let mut sender = Sender::create(&name)?; // usually in one process
//! let mut receiver = Receiver::open(&name)?; // and this in another
//!
//! sender.send(b"copied in")?;
//! let mut draft = sender.reserve(8)?; // or written where it will be read
//! draft.copy_in(0, b"in place")?;
//! draft.commit();
//!
//! assert_eq!(receiver.recv()?.to_vec()?, b"copied in");
//! assert_eq!(receiver.recv()?.to_vec()?, b"in place");
//! # Ok::<(), mapview_channel::Error>(())
//! ```
//!
//! A channel has a name and ends with its last participant, however that ends. A message exists from its commit on, whole, or not at
//! all: whoever is killed in the midst of writing leaves nothing behind. `docs/channels.md` tells the guarantees and how they are kept.

#![deny(unsafe_code)]

mod area;
mod error;
mod lane;
mod observe;
mod payload;
mod prim;
mod ring;
mod service;
mod station;
mod topic;
#[cfg(feature = "postcard")]
mod values;
mod wait;
mod wait_any;

pub use error::{Error, ErrorKind, Result};
pub use observe::{channels, observe, ChannelInfo, Participant};
pub use payload::{Payload, PayloadMut};
pub use ring::{Batch, Draft, Message, Receiver, RingOptions, Sender};
pub use ring::{TypedBatch, TypedDraft, TypedReceiver, TypedSender};
pub use service::{Call, Client, Reply, ReplyDraft, Request, RequestDraft, Server, ServiceOptions};
pub use service::{TypedCall, TypedClient, TypedRequest, TypedServer};
pub use station::{Kind as ChannelKind, Role};
pub use topic::{Loan, Policy, Publisher, Sample, Subscriber, TopicOptions};
pub use topic::{TypedLoan, TypedPublisher, TypedSample, TypedSubscriber};
pub use wait_any::{wait_any, Ready, Waitable};
