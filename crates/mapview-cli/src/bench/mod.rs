//! `mapview bench`: how fast channels are on this machine.

mod lines;
mod measure;
mod peer;
mod pipe;
mod ring;
mod service;
mod table;
mod topic;

use std::time::Duration;

use crate::failure::Failure;
use crate::{os, out, seconds, size};
use measure::Latency;
pub use peer::{obey, PeerArgs};

const EXAMPLES: &str = "\
Examples:
  mapview bench channel
  mapview bench channel --size 4K --json | jq '{what, p50_ns}'";

/// Measure on this machine
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    Channel(ChannelArgs),
}

const ABOUT_CHANNEL: &str = "\
Examples:
  mapview bench channel
  mapview bench channel --size 4K --seconds 2

Two processes, each on a processor of its own where the system can be told so. One way is
half of a round trip. What they are compared with: `lines` is the limit, two cache lines
that two processes write in turn, without any message; `pipe` is one of the system's. Every
message is written and read where it lies, but through the pipe, which copies. A service has
no rate of its own: the next call goes out when the answer is there.

--json prints one object for each: what, size (bytes), samples, p50_ns, p99_ns, p999_ns,
max_ns (one way), messages_per_second (null where there is none), processors (null if they
were not chosen).";

/// Measure rings, topics and services beside a pipe and beside what the processor allows
#[derive(clap::Args)]
#[command(after_help = ABOUT_CHANNEL)]
pub struct ChannelArgs {
    /// Bytes in each message, 8 to 16M
    #[arg(long, value_name = "BYTES", value_parser = message_size, default_value = "64")]
    size: usize,
    /// How long each of the measurements takes
    #[arg(long, value_name = "SECONDS", value_parser = seconds::parse, default_value = "0.3")]
    seconds: Duration,
    /// Print one JSON object for each
    #[arg(long)]
    json: bool,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Subject {
    Lines,
    Ring,
    Topic,
    Service,
    Pipe,
}

impl Subject {
    const ALL: [Subject; 5] =
        [Subject::Lines, Subject::Ring, Subject::Topic, Subject::Service, Subject::Pipe];

    fn as_str(self) -> &'static str {
        match self {
            Subject::Lines => "lines",
            Subject::Ring => "ring",
            Subject::Topic => "topic",
            Subject::Service => "service",
            Subject::Pipe => "pipe",
        }
    }
}

/// One measurement.
pub struct Job {
    /// The beginning of the names of channels that it uses.
    name: String,
    size: usize,
    time: Duration,
    /// Where the peer shall run.
    processor: Option<usize>,
}

/// What was measured.
pub struct Result {
    subject: Subject,
    latency: Latency,
    rate: Option<f64>,
}

fn message_size(text: &str) -> std::result::Result<usize, String> {
    match size::parse(text)? {
        size @ 8..=0x100_0000 => Ok(size as usize),
        _ => Err("a message has 8 bytes to 16M".into()),
    }
}

pub fn run(args: &Args) -> std::result::Result<(), Failure> {
    let What::Channel(args) = &args.what;
    let size = args.size;
    let processors = match os::processors().as_slice() {
        [ours, .., theirs] if os::run_on(*ours) => Some((*ours, *theirs)),
        _ => None,
    };
    if !args.json {
        out::print(&table::head(size, processors))?;
    }
    for subject in Subject::ALL {
        let name = format!("mapview-bench-{}-{}", subject.as_str(), std::process::id());
        let processor = processors.map(|(_, theirs)| theirs);
        let job = Job { name, size, time: args.seconds, processor };
        let (latency, rate) = match subject {
            Subject::Lines => (lines::latency(&job)?, None),
            Subject::Ring => (ring::latency(&job)?, Some(ring::rate(&job)?)),
            Subject::Topic => (topic::latency(&job)?, Some(topic::rate(&job)?)),
            Subject::Service => (service::latency(&job)?, None),
            Subject::Pipe => (pipe::latency(&job)?, Some(pipe::rate(&job)?)),
        };
        let result = Result { subject, latency, rate };
        match args.json {
            true => out::print_json(&table::Row::new(&result, size, processors))?,
            false => out::print(&table::line(&result, size))?,
        }
    }
    Ok(())
}
