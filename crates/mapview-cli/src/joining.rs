//! How `pub` and `sub` come to their channel: whoever is first creates it, the others take it as it is.

use mapview_channel::{Error, ErrorKind, RingOptions};

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
}

/// Joins a ring.
pub fn ring<T>(
    name: &str,
    joining: &Joining,
    open: impl Fn(&RingOptions, &str) -> Result<T, Error>,
    create: impl Fn(&RingOptions, &str) -> Result<T, Error>,
) -> Result<T, Failure> {
    let mut options = RingOptions::new();
    options.capacity(joining.longest.saturating_mul(4));
    join(|| open(&options, name), || create(&options, name))
}

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
