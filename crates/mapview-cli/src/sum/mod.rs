//! `mapview sum`: checksums of files, as sha256sum and its kin print and check them.

mod algorithm;
mod line;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use serde::Serialize;

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::progress::Meter;
use crate::sweep::{self, Sweep};
use crate::{interrupt, out};
use algorithm::Algorithm;
use line::Line;

const EXAMPLES: &str = "\
Examples:
  mapview sum *.iso > sums
  mapview sum --check sums
  mapview sum --algorithm blake3 --threads 4 *.iso

With several files, as many are read at a time as there are threads.";

/// Print or check the checksums of files, in the format of sha256sum
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Which checksum
    #[arg(short, long, value_enum, default_value = "sha256")]
    algorithm: Algorithm,
    /// The files hold lines that this command printed: check them
    #[arg(short, long)]
    check: bool,
    #[command(flatten)]
    sweep: Sweep,
}

#[derive(Serialize)]
struct Sum<'a> {
    file: &'a str,
    bytes: u64,
    algorithm: Algorithm,
    sum: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ok: Option<bool>,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    interrupt::watch()?;
    let (lines, malformed) = match args.check {
        true => read_lists(args)?,
        false => (Vec::new(), 0),
    };
    let files: Vec<&Path> = match args.check {
        true => lines.iter().map(|line| line.path.as_path()).collect(),
        false => args.files.iter().map(PathBuf::as_path).collect(),
    };
    let owned: Vec<PathBuf> = files.iter().map(|path| path.to_path_buf()).collect();
    let meter = Meter::new(sweep::total(&owned));
    let (mut done, mut differ, mut ends) = (0, 0, Ok(()));
    in_order(args, &files, &meter, |index, result| {
        let name = files[index].display().to_string();
        let ok = match (&result, lines.get(index)) {
            (Ok((_, sum)), Some(line)) => Some(*sum == line.sum),
            _ => None,
        };
        match result {
            Ok((bytes, sum)) => {
                done += bytes;
                differ += u32::from(ok == Some(false));
                print(args, &name, bytes, &sum, ok)
            }
            Err(failure) if failure.is_final() => Err(failure),
            Err(failure) => {
                if args.check && !args.sweep.json {
                    out::print(&format!("{name}: FAILED open or read\n"))?;
                }
                let exit = meter.bar.suspend(|| failure.report());
                ends = std::mem::replace(&mut ends, Ok(())).and(Err(Failure::quiet(exit)));
                Ok(())
            }
        }
    })?;
    if args.sweep.tells() {
        meter.tell(done);
    }
    ends?;
    if malformed > 0 && lines.is_empty() {
        return Err(Failure::new(Exit::Failed, "no line is one that `mapview sum` printed"));
    }
    if malformed > 0 {
        out::note(&format!("{malformed} lines are none that `mapview sum` printed"));
    }
    match differ {
        0 => Ok(()),
        _ => Err(Failure::new(Exit::NotMatched, format!("{differ} checksums do not match"))),
    }
}

fn print(args: &Args, file: &str, bytes: u64, sum: &str, ok: Option<bool>) -> Result<(), Failure> {
    if args.sweep.json {
        let algorithm = args.algorithm;
        return out::print_json(&Sum { file, bytes, algorithm, sum, ok });
    }
    match ok {
        None => out::print(&line::format(sum, file)),
        Some(true) => out::print(&format!("{file}: OK\n")),
        Some(false) => out::print(&format!("{file}: FAILED\n")),
    }
}

/// The lines of all lists, and how many lines are none.
fn read_lists(args: &Args) -> Result<(Vec<Line>, u32), Failure> {
    let (mut lines, mut malformed) = (Vec::new(), 0);
    for path in &args.files {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
        for text in text.lines().filter(|line| !line.is_empty()) {
            match line::parse(text, args.algorithm.digits()) {
                Some(line) => lines.push(line),
                None => malformed += 1,
            }
        }
    }
    Ok((lines, malformed))
}

type Hashed = Result<(u64, String), Failure>;

/// Hashes several files at a time, and tells about them in their order.
fn in_order(
    args: &Args,
    files: &[&Path],
    meter: &Meter,
    mut tell: impl FnMut(usize, Hashed) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let threads = args.sweep.threads().min(files.len()).max(1);
    let next = AtomicUsize::new(0);
    let (finished, results) = mpsc::sync_channel(threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            let finished = finished.clone();
            let next = &next;
            scope.spawn(move || loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(path) = files.get(index) else { break };
                if finished.send((index, hash(args, path, threads, meter))).is_err() {
                    break; // nobody wants to know any more
                }
            });
        }
        drop(finished);
        let results = results; // gone when telling fails, which ends the threads
        let (mut early, mut due) = (BTreeMap::new(), 0);
        for (index, result) in &results {
            early.insert(index, result);
            while let Some(result) = early.remove(&due) {
                tell(due, result)?;
                due += 1;
            }
        }
        Ok(())
    })
}

fn hash(args: &Args, path: &Path, users: usize, meter: &Meter) -> Hashed {
    let mut hasher = args.algorithm.hasher();
    let Some(mapping) = sweep::open(path)? else { return Ok((0, hasher.finish())) };
    let broken = |error| Failure::mapped_file(path, error);
    let mut windows = args.sweep.windows(users).open(&mapping).map_err(broken)?;
    while let Some(window) = windows.next().map_err(broken)? {
        sweep::pieces(window, 0, |_, bytes, _| {
            hasher.update(bytes);
            meter.bar.inc(bytes.len() as u64);
            Ok(())
        })?;
    }
    Ok((mapping.size(), hasher.finish()))
}
