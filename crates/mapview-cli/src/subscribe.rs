//! `mapview sub`: messages of a topic, or of a ring, to stdout.

use std::io::{self, BufWriter, Write};
use std::time::{Duration, Instant};

use mapview::Deadline;
use mapview_channel::{observe, Payload, Policy, Receiver, Role, Subscriber};
use serde::Serialize;

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::framing::Format;
use crate::joining::Joining;
use crate::{interrupt, out, seconds};

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

/// What is told about a message beside its bytes.
#[derive(Default, Serialize)]
struct About {
    number: u64,
    sequence: Option<u64>,
    publisher: Option<usize>,
    redelivered: Option<bool>,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    about: &'a About,
    len: usize,
    text: Option<&'a str>,
    hex: Option<String>,
}

/// So often somebody who waits looks whether to go on.
const PATIENCE: Duration = Duration::from_millis(100);

pub fn run(args: &Args) -> Result<(), Failure> {
    interrupt::watch()?;
    // Who waits for this to come may have gone by the next look.
    let began = sends(args).unwrap_or(false);
    let mut inlet = Inlet::open(args)?;
    let mut output = Output::new(args);
    let done = receive(args, &mut inlet, &mut output, began);
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
    mut began: bool,
) -> Result<(), Failure> {
    let mut last = Instant::now();
    while args.count != Some(output.count) {
        if inlet.next(Deadline::now(), output)? {
            last = Instant::now();
            continue;
        }
        output.flush()?;
        if inlet.next(Deadline::after(PATIENCE), output)? {
            last = Instant::now();
            continue;
        }
        if interrupt::wanted() {
            return match args.count {
                Some(_) => Err(Failure::quiet(Exit::Interrupted)),
                None => Ok(()),
            };
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

/// Whether somebody has sent, and nobody does any more.
fn ended(args: &Args, count: u64, began: &mut bool) -> Result<bool, Failure> {
    let here = sends(args)?;
    *began |= here || count > 0;
    Ok(*began && !here)
}

/// Whether somebody is there who could send.
fn sends(args: &Args) -> Result<bool, Failure> {
    let role = if args.joining.ring { Role::Sender } else { Role::Publisher };
    let info = observe(&args.name)?;
    Ok(info.participants.iter().any(|who| who.role == role && who.alive))
}

/// Where the messages come from.
enum Inlet {
    Ring(Receiver),
    Topic(Subscriber),
}

impl Inlet {
    fn open(args: &Args) -> Result<Inlet, Failure> {
        if args.joining.ring {
            return args.joining.receiver(&args.name).map(Inlet::Ring);
        }
        let policy = match args.policy {
            Slow::Wait => Policy::Block,
            Slow::Overwrite => Policy::Overwrite,
        };
        args.joining.subscriber(&args.name, policy, args.history).map(Inlet::Topic)
    }

    /// Writes the next message; `false` if there is none until the deadline.
    fn next(&mut self, deadline: Deadline, output: &mut Output) -> Result<bool, Failure> {
        match self {
            Inlet::Ring(receiver) => {
                let Some(message) = receiver.recv_until(deadline)? else { return Ok(false) };
                let redelivered = Some(message.redelivered());
                output.write(&message, About { redelivered, ..About::default() })?;
                // It is released only when it has arrived.
                output.flush()?;
            }
            Inlet::Topic(subscriber) => {
                let Some(sample) = subscriber.recv_until(deadline)? else { return Ok(false) };
                let (sequence, publisher) = (Some(sample.sequence()), Some(sample.publisher()));
                output
                    .write(&sample.payload(), About { sequence, publisher, ..About::default() })?;
            }
        }
        Ok(true)
    }

    /// Messages that were overwritten before we got them.
    fn lost(&self) -> u64 {
        match self {
            Inlet::Ring(_) => 0,
            Inlet::Topic(subscriber) => subscriber.dropped(),
        }
    }
}

/// Stdout, as it was asked for.
struct Output {
    stdout: BufWriter<io::StdoutLock<'static>>,
    format: Format,
    json: bool,
    bytes: Vec<u8>,
    count: u64,
}

impl Output {
    fn new(args: &Args) -> Output {
        let stdout = BufWriter::with_capacity(64 << 10, io::stdout().lock());
        Output { stdout, format: args.format, json: args.json, bytes: Vec::new(), count: 0 }
    }

    fn write(&mut self, message: &Payload<'_>, about: About) -> Result<(), Failure> {
        self.bytes.resize(message.len(), 0);
        message.copy_out(0, &mut self.bytes)?;
        let written = match self.json {
            true => self
                .stdout
                .write_all(line(&self.bytes, &About { number: self.count, ..about }).as_bytes()),
            false => self.format.write(&self.bytes, &mut self.stdout),
        };
        self.count += 1;
        written.map_err(Failure::stdout)
    }

    fn flush(&mut self) -> Result<(), Failure> {
        // Std's own buffer looks for newlines and keeps the rest.
        self.stdout.flush().map_err(Failure::stdout)
    }
}

fn line(bytes: &[u8], about: &About) -> String {
    let text = std::str::from_utf8(bytes).ok();
    let hex = text.is_none().then(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect());
    out::json_line(&Line { about, len: bytes.len(), text, hex })
}
