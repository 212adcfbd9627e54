//! `mapview demo`: three processes, one counter, one lock, and one of them dies holding it.

mod board;
mod cow;
mod director;
mod event;
mod lesson;
mod paging;
mod peer;
mod role;
mod stage;

use crate::failure::Failure;
use event::Role;
pub use peer::{obey, PeerArgs};

const EXAMPLES: &str = "\
Examples:
  mapview demo
  mapview demo --count 1000 --interval 0
  mapview demo paging      when memory is really taken, page by page
  mapview demo cow         two processes write to one file, and it does not change
  mapview demo --json | jq -c 'select(.event == \"took_over\")'

Without a command, three processes start from this program. The creator makes a
named mapping and a named mutex; the producer adds to a counter in the mapping, and
the consumer adds up what it finds there, each under the mutex. Half-way the creator takes
the lock, leaves a change half-done, and is killed. The others are told that
the lock was abandoned, undo the change, and go on to the end. The exit code is
0 only if the count is right and nothing is left behind.";

/// Watch three processes share memory, and one of them die
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    lesson: Option<Lesson>,
    /// How far to count
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u64).range(1..=1 << 31))]
    count: u64,
    /// Milliseconds between two rounds, for people who want to follow
    #[arg(long, value_name = "MS", default_value = "150")]
    interval: u64,
    /// Name of the mapping, and with `-lock` behind it of the mutex [default: mapview-demo-PID]
    #[arg(long)]
    name: Option<String>,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum Lesson {
    Paging(paging::Args),
    Cow(cow::Args),
}

/// One of the three processes
#[derive(clap::Args)]
pub struct RoleArgs {
    role: Role,
    #[arg(allow_hyphen_values = true)]
    name: String,
    count: u64,
}

/// Runs the whole demo.
pub fn run(args: &Args) -> Result<(), Failure> {
    match &args.lesson {
        Some(Lesson::Paging(args)) => return paging::run(args),
        Some(Lesson::Cow(args)) => return cow::run(args),
        None => {}
    }
    let name = args.name.clone();
    let name = name.unwrap_or_else(|| format!("mapview-demo-{}", std::process::id()));
    director::direct(args, &name)
}

/// Plays one part in it.
pub fn play(args: &RoleArgs) -> Result<(), Failure> {
    role::play(args.role, &args.name, args.count)
}

/// The name of the mutex that goes with a mapping.
fn lock_name(name: &str) -> String {
    format!("{name}-lock")
}
