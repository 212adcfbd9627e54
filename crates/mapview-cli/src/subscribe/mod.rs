//! `mapview sub`: messages of a topic, or of a ring, to stdout.

mod inlet;
mod output;

use std::time::{Duration, Instant};

use mapview::{Deadline, Event};
use mapview_channel::{observe, ChannelInfo, Role};

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::framing::Format;
use crate::joining::Joining;
use crate::{interrupt, out, seconds};
use inlet::Inlet;
use output::Output;

const EXAMPLES: &str = "\
Examples:
  mapview sub numbers                      every message on a line, until Ctrl-C
  mapview sub numbers --count 10           ten of them
  mapview sub numbers --until-end | sort   until those who publish have gone
  mapview sub docs --format raw --until-end | tar x
  mapview sub jobs --ring --count 1        one job, which nobody else gets

With --ring a message counts as received when it was written to stdout; if this process is
killed before, another receiver gets it again.

--json prints one object for each message: number (from 0, of those this program got),
sequence and publisher (null with --ring), redelivered (null without), len, and text, or hex
where it is no text.";

/// Print the messages of a topic
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of the topic; created if it is not there
    name: String,
    #[command(flatten)]
    joining: Joining,
    /// When this does not keep up: make the publishers wait, or lose the oldest messages
    #[arg(long, value_enum, default_value = "wait", conflicts_with = "ring")]
    policy: Slow,
    /// Begin with so many messages of the past of each publisher, as far as they are there
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "ring")]
    history: u32,
    /// How messages follow each other on stdout
    #[arg(long, value_enum, default_value = "lines", conflicts_with = "json")]
    format: Format,
    /// End after so many messages
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// End when somebody has published and all who did have gone
    #[arg(long)]
    until_end: bool,
    /// Give up when there was no message for so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds::parse)]
    timeout: Option<Duration>,
    /// Print one JSON object for each message
    #[arg(long)]
    json: bool,
}

/// What happens when a subscriber does not keep up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Slow {
    Wait,
    Overwrite,
}

/// So often it is looked at whether somebody is there who could publish.
const PATIENCE: Duration = Duration::from_millis(100);

pub fn run(args: &Args) -> Result<(), Failure> {
    let stop = interrupt::event()?;
    // Who waits for this to come may have gone by the next look.
    let began = observe(&args.name).is_ok_and(|info| sends(args, &info));
    let mut inlet = Inlet::open(args)?;
    let mut output = Output::new(args);
    let done = receive(args, &mut inlet, &mut output, &stop, began);
    let flushed = output.flush();
    if let lost @ 1.. = inlet.lost() {
        out::note(&format!("{lost} messages were overwritten before they were read"));
    }
    done.and(flushed)
}

fn receive(
    args: &Args,
    inlet: &mut Inlet,
    output: &mut Output,
    stop: &Event,
    mut began: bool,
) -> Result<(), Failure> {
    let mut last = Instant::now();
    while args.count != Some(output.count) {
        if interrupt::wanted() {
            return match args.count {
                Some(_) => Err(Failure::quiet(Exit::Interrupted)),
                None => Ok(()),
            };
        }
        if inlet.next(Deadline::now(), output)? {
            last = Instant::now();
            continue;
        }
        output.flush()?;
        // Without any cost, unless there is something else to look after.
        let patience = args.timeout.map(|timeout| timeout.saturating_sub(last.elapsed()));
        let patience = match (args.until_end, patience) {
            (true, patience) => Some(patience.unwrap_or(PATIENCE).min(PATIENCE)),
            (false, patience) => patience,
        };
        if inlet.wait(stop, patience.map_or(Deadline::never(), Deadline::after))? {
            continue;
        }
        if args.until_end
            && ended(args, output.count, &mut began)?
            && !inlet.next(Deadline::now(), output)?
        {
            return Ok(());
        }
        if args.timeout.is_some_and(|timeout| last.elapsed() >= timeout) {
            return Err(Failure::new(Exit::TimedOut, "the time is over"));
        }
    }
    Ok(())
}

/// Whether somebody has sent, to whomever, and nobody does any more.
fn ended(args: &Args, count: u64, began: &mut bool) -> Result<bool, Failure> {
    let info = observe(&args.name)?;
    let here = sends(args, &info);
    *began |= here || count > 0 || info.messages > 0;
    Ok(*began && !here)
}

/// Whether somebody is there who could send.
fn sends(args: &Args, info: &ChannelInfo) -> bool {
    let role = if args.joining.ring { Role::Sender } else { Role::Publisher };
    info.participants.iter().any(|who| who.role == role && who.alive)
}
