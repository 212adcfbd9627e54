//! `mapview inspect`: which pages of a mapping, file or process are where, and who has them.

mod file;
mod frame;
mod os;
mod pages;
mod process;
mod report;
mod table;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::failure::Failure;
use crate::pagemap::svg;
use crate::screen::{self, Screen};
use crate::{out, seconds, size};
use report::Report;

const EXAMPLES: &str = "\
Examples:
  mapview inspect frames                    the mapping `frames`, which somebody holds
  mapview inspect ./table.bin               a file; without a / a mapping of the name comes first
  mapview inspect frames --watch            again every second, until Ctrl-C
  mapview inspect table.bin --svg map.svg   a picture for the browser
  mapview inspect --pid 4711                every range of a process
  mapview inspect --pid 4711 --address 0x7f5a10000000 --length 64M
  mapview inspect frames --json | jq .totals

Each character of the map stands for one or more pages. The place nearest to the
processor is shown, by the second character if only some of the pages are there:
  █ ▄  present: in a page table
  ▓ ▒  in memory, but in no page table (with --pid: not in that of the process)
  ≈ ~  swapped out
  = -  on disk, in the file only
  ·    nothing there: a hole, or never written
A letter instead says that some of it is dirty (D), shared (S), both (B), a private
copy (P) or in huge pages (H); small letters: in memory, but not present.

--json prints one object; sizes and addresses are numbers of bytes:
  kind      mapping, file or process
  name      of the mapping or process, or the path
  pid       of the process, else null
  size      together
  page_size
  totals    by place: present, cached (the others in memory), swapped, on_disk,
            not_allocated; and of these shared, huge, private, and dirty, which is
            null if the system does not tell
  runs      pages that are alike: offset, len, place, dirty (null if not told),
            sharing (unknown, alone, shared), processes (how many have it, or null),
            huge, private; null for a process
  ranges    of the process, or views in all processes: pid, process, address, len,
            offset (in the file, or null), protection, state, kind, file, totals, runs
  holders   of the mapping: pid, process; else null
  hidden    what the system did not tell, and why";

/// Show which pages of a mapping, file or process are in memory, on disk or nowhere, and who maps it
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of a mapping that somebody holds, or path of a file
    #[arg(required_unless_present = "pid", conflicts_with = "pid", value_name = "NAME|FILE")]
    what: Option<OsString>,
    /// Look at the address space of a process
    #[arg(long)]
    pid: Option<u32>,
    /// With --pid: only what is at this address
    #[arg(long, conflicts_with = "what", value_parser = size::parse)]
    address: Option<u64>,
    /// With --address: so many bytes; to the end of what is there unless given
    #[arg(long, value_name = "BYTES", requires = "address", value_parser = size::parse_some)]
    length: Option<u64>,
    /// Show it again every so many seconds until Ctrl-C; 1 unless given
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "1", value_parser = interval)]
    watch: Option<Duration>,
    /// Print every view, however many there are
    #[arg(long)]
    all: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Draw a picture into this file
    #[arg(long, value_name = "PATH", conflicts_with_all = ["watch", "json"])]
    svg: Option<PathBuf>,
    /// Columns of the picture; those of the terminal, or 80, unless given
    #[arg(long, value_name = "N")]
    width: Option<usize>,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    if let Some(path) = &args.svg {
        let picture = picture(&look(args)?);
        std::fs::write(path, picture).map_err(|error| Failure::file(path, error))?;
        out::note(&format!("drew {}", out::printable(&path.to_string_lossy())));
        return Ok(());
    }
    let Some(interval) = args.watch else {
        let report = look(args)?;
        if args.json {
            return out::print_json(&report.json());
        }
        let width = screen::terminal_size().map_or(80, |(width, _)| width);
        return out::print(&frame::frame(&report, args.width.unwrap_or(width), args.all));
    };
    let screen = if args.json { Screen::programs() } else { Screen::people()? };
    screen::watch(interval, None, screen, |width| {
        let report = look(args)?;
        Ok(match args.json {
            true => out::json_line(&report.json()),
            false => frame::frame(&report, args.width.unwrap_or(width), args.all),
        })
    })
}

fn look(args: &Args) -> Result<Report, Failure> {
    match (args.pid, &args.what) {
        (Some(pid), _) => process::look(pid, args.address, args.length),
        (None, Some(what)) => file::look(what),
        (None, None) => unreachable!("the command line demands one of them"),
    }
}

fn picture(report: &Report) -> String {
    let maps = frame::maps(report).into_iter().map(|(title, runs)| svg::Map {
        title,
        runs,
        page_size: report.page_size,
    });
    let mut words = vec![frame::summary(report)];
    words
        .extend(report.hidden.iter().map(|hidden| format!("not told: {}", out::printable(hidden))));
    svg::picture(&report.subject.title(), &words, &maps.collect::<Vec<_>>(), &report.total)
}

fn interval(text: &str) -> Result<Duration, String> {
    seconds::parse(text).map_err(|why| format!("{why}; what to look at comes before --watch"))
}
