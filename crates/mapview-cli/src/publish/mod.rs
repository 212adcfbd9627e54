//! `mapview pub`: messages from stdin into a topic, or into a ring.

mod input;
mod outlet;

use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use mapview_channel::Role;
use serde::Serialize;

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::framing::{Format, Splitter};
use crate::joining::Joining;
use crate::{interrupt, out, size};
use input::Input;
use outlet::Outlet;

const EXAMPLES: &str = "\
Examples:
  seq 10 | mapview pub numbers                  as soon as somebody runs `mapview sub numbers`
  tail -f log | mapview pub log --wait-for 0    whether anybody listens or not
  tar c docs | mapview pub docs --format raw    for `mapview sub docs --format raw --until-end | tar x`
  seq 1000 | mapview pub jobs --ring            each job to one of those who run `mapview sub jobs --ring`

A message that is published while nobody subscribes is lost, but for --history of later
subscribers. So `pub` first waits until somebody does; --wait-for says until how many. A
subscriber that keeps up gets all; one that does not either loses the oldest or makes `pub`
wait, as it chose (`mapview sub --policy`). A ring loses nothing: `pub --ring` waits while
it is full, and at the end until everything was received. What was lost is told on stderr.

Exit code 130 if it was interrupted before the end of the input.";

/// Publish the lines of stdin as messages of a topic
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of the topic; created if it is not there
    name: String,
    #[command(flatten)]
    joining: Joining,
    /// How messages follow each other on stdin
    #[arg(long, value_enum, default_value = "lines")]
    format: Format,
    /// With `--format raw`: bytes of each message but the last
    #[arg(long, value_name = "BYTES", value_parser = size::parse_some, default_value = "4K")]
    chunk: u64,
    /// Do not begin before so many subscribers (with --ring: receivers) are there
    #[arg(long, value_name = "N", default_value_t = 1)]
    wait_for: usize,
    /// Print one JSON object at the end
    #[arg(long)]
    json: bool,
}

/// What happened.
#[derive(Default, Serialize)]
struct Summary {
    published: u64,
    bytes: u64,
    /// Published while nobody subscribed.
    unheard: u64,
    /// Lost by subscribers that did not keep up, meanwhile.
    lost: u64,
    complete: bool,
}

/// After so long people are told what is waited for.
const SILENCE: Duration = Duration::from_secs(1);
/// So often somebody who waits looks whether to go on.
const PATIENCE: Duration = Duration::from_millis(100);

pub fn run(args: &Args) -> Result<(), Failure> {
    interrupt::watch()?;
    let mut outlet = Outlet::open(args)?;
    let before = mapview_channel::observe(&args.name)?.drops;
    let mut summary = Summary::default();
    let done = wait_for(args).and_then(|ready| match ready {
        true => publish(args, &mut outlet, &mut summary),
        false => Ok(false),
    });
    summary.lost = mapview_channel::observe(&args.name)?.drops.saturating_sub(before);
    summary.complete = matches!(done, Ok(true));
    tell(args, &summary)?;
    match done? {
        true => Ok(()),
        false => Err(Failure::quiet(Exit::Interrupted)),
    }
}

fn tell(args: &Args, summary: &Summary) -> Result<(), Failure> {
    let Summary { published, unheard, lost, complete, .. } = *summary;
    if !complete {
        out::note(&format!("{published} messages were published, and not all of the input"));
    }
    if unheard > 0 {
        out::note(&format!(
            "{unheard} of {published} messages were published while nobody subscribed"
        ));
    }
    if lost > 0 {
        out::note(&format!("subscribers that did not keep up lost {lost} messages meanwhile"));
    }
    if args.json {
        out::print_json(summary)?;
    }
    Ok(())
}

/// Waits for those who listen; `false` if somebody wants the end.
fn wait_for(args: &Args) -> Result<bool, Failure> {
    let role = if args.joining.ring { Role::Receiver } else { Role::Subscriber };
    let start = Instant::now();
    let mut told = false;
    loop {
        let here = here(&args.name, role)?;
        if here >= args.wait_for {
            return Ok(true);
        }
        if interrupt::wanted() {
            return Ok(false);
        }
        if !told && start.elapsed() > SILENCE {
            told = true;
            let (role, name) = (role.as_str(), out::printable(&args.name));
            out::note(&format!(
                "waiting until `{name}` has {} {role}s; it has {here}",
                args.wait_for
            ));
        }
        std::thread::sleep(PATIENCE / 4);
    }
}

/// How many of those who listen get everything from now on.
fn here(name: &str, role: Role) -> Result<usize, Failure> {
    let info = mapview_channel::observe(name)?;
    Ok(info.participants.iter().filter(|who| who.role == role && who.ready).count())
}

/// Everything from stdin; `false` if somebody wants the end before.
fn publish(args: &Args, outlet: &mut Outlet, summary: &mut Summary) -> Result<bool, Failure> {
    let (sender, inputs) = sync_channel(4);
    let splitter = Splitter::new(args.format, args.chunk as usize, outlet.longest());
    std::thread::spawn(move || input::read(splitter, &sender));
    loop {
        match inputs.recv_timeout(PATIENCE) {
            Ok(Input::Messages(messages)) => {
                for message in messages {
                    if !outlet.put(&args.name, &message, summary)? {
                        return Ok(false);
                    }
                }
            }
            Ok(Input::End) => return outlet.finish(args),
            Ok(Input::Failed(failure)) => return Err(failure),
            Err(_) if interrupt::wanted() => return Ok(false),
            Err(_) => {}
        }
    }
}
