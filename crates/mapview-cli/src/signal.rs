//! `mapview signal`: sets an event, or adds to a semaphore.

use serde::Serialize;

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::objects::Object;
use crate::out;

const EXAMPLES: &str = "\
Examples:
  mapview signal ready               set the event `ready`, which somebody holds
  mapview signal ready --reset       the opposite
  mapview signal slots --count 3     add 3 to the semaphore `slots`";

/// Set an event, or add to a semaphore, that somebody holds
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of the event or semaphore
    name: String,
    /// Add so many to a semaphore
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(i32::MAX)))]
    count: u32,
    /// Reset the event
    #[arg(long, conflicts_with_all = ["pulse", "count"])]
    reset: bool,
    /// Let those through who wait for the event now, and leave it not set
    #[arg(long, conflicts_with = "count")]
    pulse: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Signaled<'a> {
    name: &'a str,
    kind: &'static str,
    /// The count of a semaphore before.
    before: Option<u32>,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let wrong = |what: &str| {
        let name = out::printable(&args.name);
        Err(Failure::new(Exit::Failed, format!("`{name}` is {what}")))
    };
    let (kind, before) = match Object::open(&args.name, false)? {
        Object::Event(event) if args.reset => (event.reset().map(|()| "event")?, None),
        Object::Event(event) if args.pulse => (event.pulse().map(|()| "event")?, None),
        Object::Event(_) if args.count > 1 => return wrong("an event and counts nothing"),
        Object::Event(event) => (event.set().map(|()| "event")?, None),
        Object::Semaphore(_) if args.reset || args.pulse => {
            return wrong("a semaphore, which cannot be reset or pulsed");
        }
        Object::Semaphore(semaphore) => ("semaphore", Some(semaphore.release(args.count)?)),
        Object::Timer(_) => return wrong("a timer, which is signaled when it is due"),
        Object::Mutex(_) => return wrong("a mutex, which only its owner can unlock"),
    };
    match args.json {
        true => out::print_json(&Signaled { name: &args.name, kind, before }),
        false => Ok(()),
    }
}
