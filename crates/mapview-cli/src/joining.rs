//! How `pub` and `sub` come to their channel: whoever is first creates it, the others take it as it is.

use mapview_channel::{Error, ErrorKind, Policy, RingOptions, TopicOptions};
use mapview_channel::{Publisher, Receiver, Sender, Subscriber};

use crate::failure::Failure;
use crate::size;

/// What both say about the channel.
#[derive(clap::Args)]
pub struct Joining {
    /// A ring instead of a topic: each message goes to one receiver
    #[arg(long)]
    pub ring: bool,
    /// When this creates the channel: bytes of the longest message
    #[arg(long, value_name = "BYTES", value_parser = size::parse_some, default_value = "64K")]
    pub longest: u64,
    /// When this creates the topic: how many messages of each publisher can be got
    #[arg(long, value_name = "N", default_value_t = 256, conflicts_with = "ring", value_parser = clap::value_parser!(u32).range(1..=8191))]
    pub depth: u32,
}

impl Joining {
    pub fn publisher(&self, name: &str) -> Result<Publisher, Failure> {
        let options = self.topic();
        join(|| options.open_publisher(name), || options.publisher(name))
    }

    pub fn subscriber(
        &self,
        name: &str,
        policy: Policy,
        history: u32,
    ) -> Result<Subscriber, Failure> {
        let options = self.topic().policy(policy).history(history).clone();
        join(|| options.open_subscriber(name), || options.subscriber(name))
    }

    pub fn sender(&self, name: &str) -> Result<Sender, Failure> {
        let options = self.ring();
        join(|| options.open_sender(name), || options.sender(name))
    }

    pub fn receiver(&self, name: &str) -> Result<Receiver, Failure> {
        let options = self.ring();
        join(|| options.open_receiver(name), || options.receiver(name))
    }

    fn topic(&self) -> TopicOptions {
        let mut options = TopicOptions::new();
        // One message at a time is held, while it is written to stdout.
        options.longest(self.longest).depth(self.depth).held(1);
        options.publishers(MANY as u32).subscribers(3 * MANY as u32).clone()
    }

    fn ring(&self) -> RingOptions {
        let capacity = self.longest.saturating_mul(4);
        RingOptions::new().capacity(capacity).senders(MANY).receivers(MANY).clone()
    }
}

/// So many can put messages into a channel at once, or take them out of a ring; more can subscribe.
const MANY: usize = 16;

/// Opens, or creates if there is none; again if somebody else was quicker, with other options.
fn join<T>(
    open: impl Fn() -> Result<T, Error>,
    create: impl Fn() -> Result<T, Error>,
) -> Result<T, Failure> {
    const TRIES: usize = 3;
    for _ in 0..TRIES {
        match open() {
            Err(error) if error.kind() == ErrorKind::Object(mapview::ErrorKind::NotFound) => {}
            joined => return Ok(joined?),
        }
        match create() {
            Err(error) if error.kind() == ErrorKind::Mismatch => {}
            joined => return Ok(joined?),
        }
    }
    Ok(open()?)
}
