//! `mapview find`: where a pattern of bytes occurs in files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use mapview::{Mapping, Window};
use memchr::memmem::Finder;
use serde::Serialize;

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::progress::Meter;
use crate::sweep::{self, Sweep};
use crate::{interrupt, out};

const EXAMPLES: &str = "\
Examples:
  mapview find PNG disk.img
  mapview find --hex '89 50 4e 47' disk.img | head -1
  mapview find --count --ignore-case error *.log

Prints the offset of every occurrence, also of those that overlap; with several
files, each after the name of its file. Exit code 6 if there is none.";

/// Print the offsets at which bytes occur in files
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The bytes to look for, as text
    pattern: String,
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// PATTERN is in hexadecimal digits; blanks between bytes are ignored
    #[arg(long)]
    hex: bool,
    /// Only print how often
    #[arg(short, long)]
    count: bool,
    /// Take a to z and A to Z for the same
    #[arg(short, long, conflicts_with = "hex")]
    ignore_case: bool,
    #[command(flatten)]
    sweep: Sweep,
}

#[derive(Serialize)]
struct Found<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    interrupt::watch()?;
    let pattern = pattern(args)?;
    let finder = Finder::new(&pattern);
    let meter = Meter::new(sweep::total(&args.files));
    let (mut found, mut bytes) = (0, 0);
    sweep::each(&args.files, |path| {
        let search = Search { args, path, finder: &finder, meter: &meter };
        let (size, times) = match sweep::open(path)? {
            Some(mapping) => (mapping.size(), search.run(&mapping)?),
            None => (0, 0),
        };
        bytes += size;
        found += times;
        if args.count {
            search.print(std::iter::once((None, Some(times))))?;
        }
        Ok(())
    })?;
    if args.sweep.tells() {
        meter.tell(bytes);
    }
    match found {
        0 => Err(Failure::quiet(Exit::NotMatched)),
        _ => Ok(()),
    }
}

fn pattern(args: &Args) -> Result<Vec<u8>, Failure> {
    let refuse = |why: &str| Failure::new(Exit::Usage, why);
    let mut pattern = match args.hex {
        true => from_hex(&args.pattern)
            .ok_or_else(|| refuse("--hex takes pairs of hexadecimal digits, like '89 50 4e 47'"))?,
        false => args.pattern.clone().into_bytes(),
    };
    if pattern.is_empty() {
        return Err(refuse("the pattern is empty, so it is everywhere"));
    }
    if args.ignore_case {
        pattern.make_ascii_lowercase();
    }
    Ok(pattern)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| character.to_digit(16).map(|digit| digit as u8))
        .collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// The search in one file.
struct Search<'a> {
    args: &'a Args,
    path: &'a Path,
    finder: &'a Finder<'a>,
    meter: &'a Meter,
}

/// What threads found in windows whose turn to be printed has not come.
#[derive(Default)]
struct Order {
    due: u64,
    early: BTreeMap<u64, (u64, Vec<u64>)>,
    times: u64,
}

impl Search<'_> {
    /// Prints the offsets unless only their number is wanted, which it returns.
    fn run(&self, mapping: &Mapping) -> Result<u64, Failure> {
        let broken = |error| Failure::mapped_file(self.path, error);
        let mut options = self.args.sweep.windows(1);
        let windows =
            options.overlap(self.finder.needle().len() - 1).open(mapping).map_err(broken)?;
        let order = Mutex::new(Order::default());
        windows.for_each_parallel(self.args.sweep.threads(), |window| {
            let offsets = self.in_window(window)?;
            let mut order = order.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            order.early.insert(window.offset(), (window.own_len() as u64, offsets));
            let Order { due, early, times } = &mut *order;
            while let Some((own, offsets)) = early.remove(due) {
                *due += own;
                *times += offsets.len() as u64;
                if !self.args.count {
                    self.print(offsets.into_iter().map(|offset| (Some(offset), None)))?;
                }
            }
            Ok::<(), Failure>(())
        })?;
        Ok(order.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()).times)
    }

    /// Where the pattern begins in a window's own bytes.
    fn in_window(&self, window: &Window) -> Result<Vec<u64>, Failure> {
        let mut offsets = Vec::new();
        sweep::pieces(window, self.finder.needle().len() - 1, |offset, bytes, own| {
            if self.args.ignore_case {
                bytes.make_ascii_lowercase();
            }
            let mut from = 0;
            while let Some(at) = self.finder.find(&bytes[from..]) {
                offsets.push(offset + (from + at) as u64);
                from += at + 1;
            }
            self.meter.bar.inc(own as u64);
            Ok(())
        })?;
        Ok(offsets)
    }

    /// All of them at once: there may be many.
    fn print(&self, rows: impl Iterator<Item = (Option<u64>, Option<u64>)>) -> Result<(), Failure> {
        let file = self.path.display().to_string();
        let mut text = String::new();
        for (offset, count) in rows {
            let number = offset.or(count).unwrap_or_default();
            text += &match (self.args.sweep.json, self.args.files.len()) {
                (true, _) => serde_json::to_string(&Found { file: &file, offset, count })
                    .expect("our own types are JSON"),
                (false, 1) => number.to_string(),
                (false, _) => format!("{file}:{number}"),
            };
            text.push('\n');
        }
        out::print(&text)
    }
}
