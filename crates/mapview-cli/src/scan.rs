//! `mapview scan`: what kind of bytes files hold, read as fast as they can be.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::Serialize;

use crate::failure::Failure;
use crate::progress::{rate, Meter};
use crate::sweep::{self, Sweep};
use crate::{interrupt, out};

const EXAMPLES: &str = "\
Examples:
  mapview scan disk.img
  mapview scan --json *.bin | jq .entropy
  mapview scan --memory 16M --threads 2 disk.img

The sum is that of all 64-bit little-endian words, modulo 2^64; what is missing of
the last word counts as zero. Entropy is in bits per byte: 8 is noise, 0 one value.";

/// Count the bytes of files: zeros, lines, distribution, sum
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    sweep: Sweep,
}

/// What was counted.
struct Counts {
    bytes: u64,
    values: [u64; 256],
    sum: u64,
}

#[derive(Serialize)]
struct Answer {
    file: String,
    bytes: u64,
    zero_bytes: u64,
    lines: u64,
    text_bytes: u64,
    distinct: usize,
    entropy: f64,
    sum: u64,
    seconds: f64,
    gigabytes_per_second: f64,
    /// How often each value occurs.
    values: Vec<u64>,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    interrupt::watch()?;
    let meter = Meter::new(sweep::total(&args.files));
    let mut bytes = 0;
    sweep::each(&args.files, |path| {
        let start = meter.elapsed();
        let counts = count(args, path, &meter)?;
        bytes += counts.bytes;
        let time = meter.elapsed() - start;
        let answer = Answer {
            file: path.display().to_string(),
            bytes: counts.bytes,
            zero_bytes: counts.values[0],
            lines: counts.values[usize::from(b'\n')],
            text_bytes: counts.text(),
            distinct: counts.values.iter().filter(|&&times| times != 0).count(),
            entropy: counts.entropy(),
            sum: counts.sum,
            seconds: time.as_secs_f64(),
            gigabytes_per_second: rate(counts.bytes, time),
            values: counts.values.to_vec(),
        };
        match args.sweep.json {
            true => out::print_json(&answer),
            false => meter.bar.suspend(|| out::print(&answer.text())),
        }
    })?;
    if args.sweep.tells() {
        meter.tell(bytes);
    }
    Ok(())
}

fn count(args: &Args, path: &Path, meter: &Meter) -> Result<Counts, Failure> {
    let total = Mutex::new(Counts::default());
    let Some(mapping) = sweep::open(path)? else { return Ok(Counts::default()) };
    let broken = |error| Failure::mapped_file(path, error);
    // Windows that follow from the memory begin at multiples of 64 KiB, so no word is cut.
    let windows = args.sweep.windows(1).open(&mapping).map_err(broken)?;
    windows.for_each_parallel(args.sweep.threads(), |window| {
        let mut counts = Counts::default();
        sweep::pieces(window, 0, |_, bytes, _| {
            counts.add(bytes);
            meter.bar.inc(bytes.len() as u64);
            Ok(())
        })?;
        total.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).merge(&counts);
        Ok::<(), Failure>(())
    })?;
    Ok(total.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()))
}

impl Default for Counts {
    fn default() -> Counts {
        Counts { bytes: 0, values: [0; 256], sum: 0 }
    }
}

impl Counts {
    fn add(&mut self, bytes: &[u8]) {
        // Several tables, because a run of equal bytes would wait for the one counter each time.
        let mut tables = [[0_u32; 256]; 8];
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.sum = self.sum.wrapping_add(u64::from_le_bytes(*word));
            for (table, &byte) in tables.iter_mut().zip(word) {
                table[usize::from(byte)] += 1;
            }
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.sum = self.sum.wrapping_add(u64::from_le_bytes(last));
        rest.iter().for_each(|&byte| tables[0][usize::from(byte)] += 1);
        for (value, times) in self.values.iter_mut().enumerate() {
            *times += tables.iter().map(|table| u64::from(table[value])).sum::<u64>();
        }
        self.bytes += bytes.len() as u64;
    }

    fn merge(&mut self, other: &Counts) {
        self.bytes += other.bytes;
        self.sum = self.sum.wrapping_add(other.sum);
        self.values.iter_mut().zip(other.values).for_each(|(mine, times)| *mine += times);
    }

    /// Bytes that are ASCII text: what can be printed, blanks and line breaks.
    fn text(&self) -> u64 {
        let is_text = |&value: &usize| matches!(value, 0x09 | 0x0A | 0x0D | 0x20..=0x7E);
        (0..256).filter(is_text).map(|value| self.values[value]).sum()
    }

    /// Shannon's, in bits per byte.
    fn entropy(&self) -> f64 {
        let shares = self.values.iter().filter(|&&times| times != 0);
        let bits = shares.map(|&times| times as f64 / self.bytes as f64).map(|p| -p * p.log2());
        bits.sum::<f64>() + 0.0 // not minus zero
    }
}

impl Answer {
    fn text(&self) -> String {
        let Answer { bytes, zero_bytes, lines, text_bytes, distinct, entropy, sum, .. } = self;
        let share = |part: u64| match self.bytes {
            0 => 0.0,
            bytes => 100.0 * part as f64 / bytes as f64,
        };
        let mut common: Vec<(usize, u64)> = self.values.iter().copied().enumerate().collect();
        common.sort_by_key(|&(value, times)| (std::cmp::Reverse(times), value));
        let common: Vec<String> = common
            .iter()
            .take(4)
            .filter(|(_, times)| *times != 0)
            .map(|&(value, times)| format!("{value:#04x} {:.1} %", share(times)))
            .collect();
        format!(
            "{}\n  bytes        {bytes}\n  zero         {zero_bytes} ({:.1} %)\n  text         \
             {text_bytes} ({:.1} %)\n  lines        {lines}\n  values       {distinct} of 256, \
             entropy {entropy:.3}\n  most common  {}\n  sum          {sum:#018x}\n",
            sweep::shown(Path::new(&self.file)),
            share(*zero_bytes),
            share(*text_bytes),
            common.join(", "),
        )
    }
}
