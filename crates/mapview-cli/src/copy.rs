//! `mapview copy`: a file to another place, through mapped windows, holes and all.

use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

use mapview::{Mapping, Window};
use serde::Serialize;

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::progress::Meter;
use crate::sweep::{self, Sweep};
use crate::target::Target;
use crate::temporary::Temporary;
use crate::{interrupt, os, out};

const EXAMPLES: &str = "\
Examples:
  mapview copy disk.img backup.img
  mapview copy --memory 16M vast.bin /mnt/vast.bin

TO gets the bytes and permissions of FROM; killed at any moment, it is what it was
or the whole copy. Holes stay holes, and blocks of 64 KiB of zeros become some.";

/// Zeros of this length, at a multiple of it, are left out.
const BLOCK: usize = 64 << 10;

/// Copy a file, keeping its holes, and never leave a half copy
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The file to copy
    from: PathBuf,
    /// Where to; replaced if it exists
    to: PathBuf,
    #[command(flatten)]
    sweep: Sweep,
}

#[derive(Serialize)]
struct Done {
    from: String,
    to: String,
    bytes: u64,
    /// What was not zeros.
    written: u64,
    seconds: f64,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    interrupt::watch()?;
    let from = Target::existing(&args.from)?;
    if args.to.is_dir() {
        let why = format!("{}: this is a directory; name the file in it", args.to.display());
        return Err(Failure::new(Exit::Usage, why));
    }
    let to = Target::output(&args.to, &from, "nothing to copy")?;
    to.refuse_journal()?;
    // Two of us at one target would use the same temporary file. A killed one leaves no lock behind.
    let mutex = to.mutex()?;
    let Some(_guard) = mutex.try_lock()? else { return Err(to.busy()) };

    let mapping = sweep::open(&from.path)?;
    let bytes = mapping.as_ref().map_or(0, Mapping::size);
    let meter = Meter::new(bytes);
    let temporary = Temporary::create(&to, &to, &from)?;
    let written = match &mapping {
        Some(mapping) => fill(args, &temporary, mapping, &from, &meter)?,
        None => 0,
    };
    drop(mapping);
    temporary.become_target(&to)?;
    if args.sweep.json {
        let (from, to) = (args.from.display().to_string(), args.to.display().to_string());
        let seconds = meter.elapsed().as_secs_f64();
        return out::print_json(&Done { from, to, bytes, written, seconds });
    }
    if args.sweep.tells() {
        meter.tell(bytes);
    }
    Ok(())
}

/// Returns how many bytes were written.
fn fill(
    args: &Args,
    new: &Temporary,
    old: &Mapping,
    from: &Target,
    meter: &Meter,
) -> Result<u64, Failure> {
    let broken = |error| Failure::mapped_file(&from.shown, error);
    new.set_len(old.size(), true)?;
    let file =
        std::fs::File::open(&from.path).map_err(|error| Failure::file(&from.shown, error))?;
    let (mut at, mut written) = (0, 0);
    while let Some(data) = os::next_data(&file, at, old.size()) {
        meter.bar.inc(data.start - at);
        // Blocks are counted from the start of the file.
        let start = data.start / BLOCK as u64 * BLOCK as u64;
        let mut windows =
            args.sweep.windows(1).range(start.max(at)..data.end).open(old).map_err(broken)?;
        while let Some(window) = windows.next().map_err(broken)? {
            written += write(new, window)?;
            meter.bar.inc(window.own_len() as u64);
        }
        at = data.end;
    }
    Ok(written)
}

/// Writes what is not zeros in a window.
fn write(new: &Temporary, window: &Window) -> Result<u64, Failure> {
    let mut written = 0;
    sweep::pieces(window, 0, |offset, bytes, _| {
        let first = BLOCK - (offset % BLOCK as u64) as usize;
        let mut from = 0;
        while from < bytes.len() {
            let to = if from == 0 { first } else { from + BLOCK }.min(bytes.len());
            let block = &bytes[from..to];
            if !is_zero(block) {
                let place = SeekFrom::Start(offset + from as u64);
                let put = (&new.file).seek(place).and_then(|_| (&new.file).write_all(block));
                put.map_err(|error| Failure::file(&new.path, error))?;
                written += block.len() as u64;
            }
            from = to;
        }
        Ok(())
    })?;
    Ok(written)
}

fn is_zero(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<16>();
    words.iter().all(|word| u128::from_ne_bytes(*word) == 0) && rest.iter().all(|&byte| byte == 0)
}
