//! `mapview ls`: what is there, and who holds it.

use std::collections::HashMap;

use anstyle::{AnsiColor, Style};
use mapview::{Name, ObjectInfo, ObjectKind, ObjectState};
use mapview_channel::ChannelInfo;
use serde::Serialize;

use crate::channel::Channel;
use crate::failure::Failure;
use crate::{out, size};

const EXAMPLES: &str = "\
Examples:
  mapview ls
  mapview ls --json | jq -r 'select(.kind == \"mapping\") | .name'

Channels are listed as ring, topic or service; --json tells more in `channel`, as `mapview watch --help` explains. A thread is shown as PROCESS/THREAD.";

/// List every named object: kind, size, memory in use, state, who holds it and who waits for it
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
    /// Also list the events that channels use inside
    #[arg(long)]
    all: bool,
}

#[derive(Serialize)]
struct Row {
    kind: &'static str,
    name: String,
    size: Option<u64>,
    allocated: Option<u64>,
    state: &'static str,
    count: Option<u32>,
    maximum: Option<u32>,
    owner: Option<u32>,
    owner_process: Option<u32>,
    holders: Vec<u32>,
    waiters: Vec<Thread>,
    channel: Option<Channel>,
}

#[derive(Serialize)]
struct Thread {
    process: u32,
    thread: u32,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let channels = mapview_channel::channels()?.into_iter();
    let mut channels: HashMap<Name, ChannelInfo> =
        channels.map(|channel| (channel.name.clone(), channel)).collect();
    let objects = mapview::objects()?.into_iter();
    let shown = objects.filter(|object| args.all || !is_inside_a_channel(object));
    let rows: Vec<Row> = shown
        .map(|object| {
            let channel = channels.remove(&object.name);
            row(object, channel)
        })
        .collect();
    match args.json {
        true => rows.iter().try_for_each(out::print_json),
        false => out::print(&table(&rows)),
    }
}

/// What channels make for themselves, and nobody else needs to know of.
fn is_inside_a_channel(object: &ObjectInfo) -> bool {
    let prefix = "mapview-channel.".encode_utf16();
    object.kind == ObjectKind::Event
        && prefix.eq(object.name.units().iter().copied().take("mapview-channel.".len()))
}

fn row(object: ObjectInfo, channel: Option<ChannelInfo>) -> Row {
    let (state, owner) = match object.state {
        ObjectState::Memory => ("memory", None),
        ObjectState::Reserved => ("reserved", None),
        ObjectState::File => ("file", None),
        ObjectState::Free => ("free", None),
        ObjectState::Owned(thread) => ("owned", Some(thread)),
        ObjectState::Abandoned => ("abandoned", None),
        ObjectState::Set => ("set", None),
        ObjectState::NotSet => ("not set", None),
        ObjectState::Count { .. } => ("count", None),
        _ => ("unknown", None),
    };
    let numbers = match object.state {
        ObjectState::Count { count, maximum } => Some((count, maximum)),
        _ => None,
    };
    let waiters = object.waiters.iter().map(|who| Thread { process: who.pid, thread: who.tid });
    Row {
        kind: channel.as_ref().map_or(object.kind.as_str(), |channel| channel.kind.as_str()),
        name: out::whole(&object.name),
        size: object.size,
        allocated: object.allocated,
        state,
        count: numbers.map(|(count, _)| count),
        maximum: numbers.map(|(_, maximum)| maximum),
        owner,
        owner_process: object.owner.map(|who| who.pid),
        holders: object.holders,
        waiters: waiters.collect(),
        channel: channel.as_ref().map(Channel::new),
    }
}

/// The name comes last: it may be of any length and in any script, and nothing needs to line up behind it.
fn table(rows: &[Row]) -> String {
    let cells: Vec<[String; 7]> = rows.iter().map(cells).collect();
    let head = ["KIND", "SIZE", "USED", "STATE", "HOLDERS", "WAITERS", "NAME"].map(String::from);
    let mut widths = head.each_ref().map(String::len);
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.len());
        }
    }
    let bold = Style::new().bold();
    let mut text = format!("{bold}{}{bold:#}\n", line(&head, &widths));
    for (cells, row) in cells.iter().zip(rows) {
        let style = style(row);
        text.push_str(&format!("{style}{}{style:#}\n", line(cells, &widths)));
    }
    text
}

fn cells(row: &Row) -> [String; 7] {
    let bytes = |bytes: Option<u64>| bytes.map_or("-".into(), size::human);
    let list = |of: Vec<String>| if of.is_empty() { "-".into() } else { of.join(",") };
    let holders = row.holders.iter().map(u32::to_string).collect();
    let waiters = row.waiters.iter().map(|who| format!("{}/{}", who.process, who.thread)).collect();
    let state = match (row.owner, row.owner_process, row.count, row.maximum) {
        (Some(thread), Some(process), ..) => format!("{} by {process}/{thread}", row.state),
        (Some(thread), ..) => format!("{} by {thread}", row.state),
        (_, _, Some(count), Some(maximum)) => format!("{count} of {maximum}"),
        _ => row.channel.as_ref().map_or(row.state.into(), Channel::summary),
    };
    [
        row.kind.into(),
        bytes(row.size),
        bytes(row.allocated),
        state,
        list(holders),
        list(waiters),
        out::printable(&row.name),
    ]
}

fn line(cells: &[String; 7], widths: &[usize; 7]) -> String {
    let [kind, size, used, state, holders, waiters, name] = cells;
    let [a, b, c, d, e, f, _] = widths;
    format!("{kind:a$}  {size:>b$}  {used:>c$}  {state:d$}  {holders:e$}  {waiters:f$}  {name}")
}

fn style(row: &Row) -> Style {
    match row.state {
        "abandoned" => AnsiColor::Red.on_default(),
        "owned" => AnsiColor::Yellow.on_default(),
        _ if row.channel.is_some() => AnsiColor::Cyan.on_default(),
        _ if row.kind == ObjectKind::Mapping.as_str() => Style::new(),
        _ => Style::new().dimmed(),
    }
}
