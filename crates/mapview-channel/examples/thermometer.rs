//! A topic with one publisher and any number of subscribers, each a process of its own.
//!
//! ```sh
//! cargo run -p mapview-channel --example thermometer -- measure &
//! cargo run -p mapview-channel --example thermometer -- show
//! cargo run -p mapview-channel --example thermometer -- record
//! ```

use std::time::Duration;

use mapview_channel::{Policy, Result, TopicOptions};
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// What is published: plain bytes, the same in every process.
#[derive(FromBytes, IntoBytes, Immutable)]
#[repr(C)]
struct Reading {
    second: u64,
    celsius: f64,
}

const NAME: &str = "thermometer";
const SECONDS: u64 = 20;

fn main() -> Result<()> {
    let mut options = TopicOptions::new();
    options.depth(8).schema("reading: second, degrees Celsius");
    match std::env::args().nth(1).as_deref() {
        Some("measure") => measure(&options),
        // Begins with what was measured last, and loses the oldest if it is too slow.
        Some("show") => read(options.history(1), "now"),
        // Misses none; `measure` waits for it when it is 8 readings behind, unless it has ended.
        Some("record") => read(options.history(8).policy(Policy::Block), "recorded"),
        _ => {
            eprintln!("say `measure`, `show` or `record`");
            std::process::exit(2);
        }
    }
}

fn measure(options: &TopicOptions) -> Result<()> {
    let mut publisher = options.typed_publisher::<Reading>(NAME)?;
    for second in 0..SECONDS {
        let celsius = 20.0 + (second as f64 / 3.0).sin();
        publisher.publish(&Reading { second, celsius })?;
        std::thread::sleep(Duration::from_secs(1));
    }
    Ok(())
}

fn read(options: &TopicOptions, what: &str) -> Result<()> {
    let mut subscriber = options.typed_subscriber::<Reading>(NAME)?;
    while let Some(sample) = subscriber.recv_until(Duration::from_secs(5))? {
        let Reading { second, celsius } = sample.value();
        println!("{what}: {celsius:.1} °C in second {second}");
    }
    Ok(())
}
