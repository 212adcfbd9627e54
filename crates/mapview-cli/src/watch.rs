//! `mapview watch`: what goes on in a channel, again and again.

use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use mapview_channel::ChannelInfo;
use serde::Serialize;

use crate::channel::Channel;
use crate::failure::Failure;
use crate::screen::{self, Screen};
use crate::{out, seconds, size};

const EXAMPLES: &str = "\
Examples:
  mapview watch prices                     until Ctrl-C, or until the channel ends (exit code 3)
  mapview watch prices --interval 0.2
  mapview watch prices --count 2 --json | tail -n 1 | jq .messages_per_second

--json prints one object for each look:
  name, kind     ring, topic or service
  id             tells it from other channels that have or had the name
  schema         what its messages are, as the first participant said
  size           bytes of address space
  parameters     what it was created with
  channel
    depth        messages that somebody may still get: of a ring not yet released, of a
                 topic before the slowest subscriber, of a service not yet answered
    messages, bytes, drops                    so far
    participants role, pid, alive, ready (gets all from now on), asleep, lag (messages
                 before it), drops; null where it does not apply
  seconds        since the look before
  messages_per_second, bytes_per_second, drops_per_second    since then; null in the first look";

/// Show depth, rates, drops and participants of a ring, topic or service, every second
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of a channel in which somebody takes part
    name: String,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds::parse)]
    interval: Duration,
    /// End after so many looks
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// Print one JSON object for each look
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Seen {
    name: String,
    kind: &'static str,
    id: String,
    schema: String,
    size: u64,
    parameters: serde_json::Map<String, serde_json::Value>,
    channel: Channel,
    #[serde(flatten)]
    rates: Rates,
}

/// What happened since the look before.
#[derive(Default, Serialize)]
struct Rates {
    seconds: Option<f64>,
    messages_per_second: Option<f64>,
    bytes_per_second: Option<f64>,
    drops_per_second: Option<f64>,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let screen = if args.json { Screen::programs() } else { Screen::people()? };
    let mut before = None;
    screen::watch(args.interval, args.count, screen, |_| {
        let info = mapview_channel::observe(&args.name)?;
        let now = Instant::now();
        let rates = before.as_ref().map_or(Rates::default(), |(at, last)| {
            Rates::between(last, &info, now.duration_since(*at))
        });
        let seen = Seen::new(&info, rates);
        before = Some((now, info));
        Ok(if args.json { out::json_line(&seen) } else { frame(&seen) })
    })
}

impl Rates {
    fn between(last: &ChannelInfo, info: &ChannelInfo, time: Duration) -> Rates {
        if last.id != info.id || time.is_zero() {
            return Rates::default();
        }
        let seconds = time.as_secs_f64();
        // What others store may also become less.
        let rate = |last: u64, now: u64| Some(now.saturating_sub(last) as f64 / seconds);
        Rates {
            seconds: Some(seconds),
            messages_per_second: rate(last.messages, info.messages),
            bytes_per_second: rate(last.bytes, info.bytes),
            drops_per_second: rate(last.drops, info.drops),
        }
    }
}

impl Seen {
    fn new(info: &ChannelInfo, rates: Rates) -> Seen {
        let parameters = info.parameters.iter();
        Seen {
            name: out::whole(&info.name),
            kind: info.kind.as_str(),
            id: format!("{:016x}", info.id), // more than JSON's readers can count to
            schema: info.schema.clone(),
            size: info.size,
            parameters: parameters.map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            channel: Channel::new(info),
            rates,
        }
    }
}

fn frame(seen: &Seen) -> String {
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    let Seen { kind, channel, rates, .. } = seen;
    let mut text = format!("{bold}{kind} `{}`{bold:#}", out::printable(&seen.name));
    text += &format!(", {}", size::human(seen.size));
    for (name, value) in &seen.parameters {
        text += &format!(", {name} {value}");
    }
    if !seen.schema.is_empty() {
        text += &format!(", `{}`", seen.schema);
    }
    let rate =
        |rate: Option<f64>| rate.map_or("-".into(), |rate| format!("{}/s", size::amount(rate)));
    let row = |word: &str, total: u64, per_second: Option<f64>| {
        format!("{dim}{word:<9}{dim:#}{total:>20}  {:>10}\n", rate(per_second))
    };
    text += &format!("\n\n{dim}{:<9}{dim:#}{:>20}\n", "depth", channel.depth);
    text += &row("messages", channel.messages, rates.messages_per_second);
    text += &row("bytes", channel.bytes, rates.bytes_per_second);
    text += &row("drops", channel.drops, rates.drops_per_second);
    text += "\n";
    text + &participants(channel)
}

fn participants(channel: &Channel) -> String {
    let bold = Style::new().bold();
    let line = |role: &str, pid: &str, state: &str, lag: &str, drops: &str| {
        format!("{role:<10}  {pid:>10}  {state:<6}  {lag:>12}  {drops:>12}")
    };
    let head = line("ROLE", "PID", "STATE", "LAG", "DROPS");
    let mut text = format!("{bold}{head}{bold:#}\n");
    for who in &channel.participants {
        let (state, style) = match (who.alive, who.asleep) {
            (false, _) => ("dead", AnsiColor::Red.on_default()),
            (true, true) => ("asleep", Style::new().dimmed()),
            (true, false) => ("alive", Style::new()),
        };
        let number = |number: Option<u64>| number.map_or("-".into(), |number| number.to_string());
        let (lag, drops) = (number(who.lag), number(who.drops));
        let line = line(who.role, &who.pid.to_string(), state, &lag, &drops);
        text += &format!("{style}{line}{style:#}\n");
    }
    text
}
