//! `mapview ls`: what is there, and who holds it.

use anstyle::{AnsiColor, Style};
use mapview::{Name, Namespace, ObjectInfo, ObjectKind, ObjectState};
use serde::Serialize;

use crate::failure::Failure;
use crate::{out, size};

const EXAMPLES: &str = "\
Examples:
  mapview ls
  mapview ls --json | jq -r 'select(.kind == \"mapping\") | .name'";

/// List every named object: kind, size, memory in use, state, processes that hold it
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    kind: &'static str,
    name: String,
    size: Option<u64>,
    allocated: Option<u64>,
    state: &'static str,
    owner: Option<u32>,
    holders: Vec<u32>,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let rows: Vec<Row> = mapview::objects()?.into_iter().map(row).collect();
    match args.json {
        true => rows.iter().try_for_each(out::print_json),
        false => out::print(&table(&rows)),
    }
}

fn row(object: ObjectInfo) -> Row {
    let (state, owner) = match object.state {
        ObjectState::Memory => ("memory", None),
        ObjectState::Reserved => ("reserved", None),
        ObjectState::File => ("file", None),
        ObjectState::Free => ("free", None),
        ObjectState::Owned(thread) => ("owned", Some(thread)),
        ObjectState::Abandoned => ("abandoned", None),
        _ => ("unknown", None),
    };
    Row {
        kind: object.kind.as_str(),
        name: whole(&object.name),
        size: object.size,
        allocated: object.allocated,
        state,
        owner,
        holders: object.holders,
    }
}

/// The whole name, as it can be passed in again; `Display` cuts long ones.
fn whole(name: &Name) -> String {
    let prefix = if name.namespace() == Namespace::Global { r"Global\" } else { "" };
    format!("{prefix}{}", String::from_utf16_lossy(name.units()))
}

/// The name comes last: it may be of any length and in any script, and nothing needs to line up behind it.
fn table(rows: &[Row]) -> String {
    let cells: Vec<[String; 6]> = rows.iter().map(cells).collect();
    let head = ["KIND", "SIZE", "USED", "STATE", "HOLDERS", "NAME"].map(String::from);
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

fn cells(row: &Row) -> [String; 6] {
    let bytes = |bytes: Option<u64>| bytes.map_or("-".into(), size::human);
    let holders: Vec<String> = row.holders.iter().map(u32::to_string).collect();
    let state = match row.owner {
        Some(thread) => format!("{} by {thread}", row.state),
        None => row.state.into(),
    };
    [
        row.kind.into(),
        bytes(row.size),
        bytes(row.allocated),
        state,
        if holders.is_empty() { "-".into() } else { holders.join(",") },
        out::printable(&row.name),
    ]
}

fn line(cells: &[String; 6], widths: &[usize; 6]) -> String {
    let [kind, size, used, state, holders, name] = cells;
    let [a, b, c, d, e, _] = widths;
    format!("{kind:a$}  {size:>b$}  {used:>c$}  {state:d$}  {holders:e$}  {name}")
}

fn style(row: &Row) -> Style {
    match row.state {
        "abandoned" => AnsiColor::Red.on_default(),
        "owned" => AnsiColor::Yellow.on_default(),
        _ if row.kind == ObjectKind::Mapping.as_str() => Style::new(),
        _ => Style::new().dimmed(),
    }
}
