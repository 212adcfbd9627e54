//! `mapview wait`: until an event, semaphore, timer or mutex can be taken, or all of several.

use std::time::Duration;

use mapview::{wait_all, wait_any, Deadline, Wait};
use serde::Serialize;

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::objects::Object;
use crate::{out, seconds};

const EXAMPLES: &str = "\
Examples:
  mapview wait --event ready               until somebody runs `mapview signal ready`
  mapview wait stop work --timeout 5       the first of two, which is printed; exit code 5 after five seconds
  mapview wait --all fork knife

What is waited for is taken: an auto-reset event is reset, a semaphore counted down. A mutex ends up abandoned,
because this program ends as its owner.";

/// Wait for events, semaphores, timers or mutexes, and print which one it was
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Names of 1 to 64 objects
    #[arg(required = true)]
    names: Vec<String>,
    /// Wait for all at once instead of the first
    #[arg(long)]
    all: bool,
    /// Make an auto-reset event of each name that nobody has
    #[arg(long)]
    event: bool,
    /// Give up after so many seconds, like 0 or 2.5
    #[arg(long, value_name = "SECONDS", value_parser = seconds::parse)]
    timeout: Option<Duration>,
    /// Print one JSON object when it waits, and one when it is done
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Waiting<'a> {
    waiting: &'a [String],
    pid: u32,
}

#[derive(Serialize)]
struct Done<'a> {
    signaled: &'a [String],
    abandoned: bool,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let open = |name: &String| Object::open(name, args.event);
    let objects: Vec<Object> = args.names.iter().map(open).collect::<Result<_, _>>()?;
    let objects: Vec<&dyn Wait> = objects.iter().map(Object::as_wait).collect();
    let deadline = args.timeout.map_or(Deadline::never(), Deadline::after);
    if args.json {
        out::print_json(&Waiting { waiting: &args.names, pid: std::process::id() })?;
    }
    let got = match args.all {
        true => wait_all(&objects, deadline)?,
        false => wait_any(&objects, deadline)?,
    };
    let Some(got) = got else {
        return Err(Failure::new(Exit::TimedOut, "the time is over"));
    };
    let signaled = match args.all {
        true => args.names.as_slice(),
        false => std::slice::from_ref(&args.names[got.index()]),
    };
    match args.json {
        true => out::print_json(&Done { signaled, abandoned: got.abandoned() }),
        false => signaled.iter().try_for_each(|name| out::print(&format!("{name}\n"))),
    }
}
