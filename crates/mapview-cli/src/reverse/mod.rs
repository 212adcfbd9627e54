//! `mapview reverse`: the bytes of a file in opposite order, through mapped windows, for files larger than memory.

mod copy;
mod in_place;
mod journal;
mod plan;
mod source;

use std::path::PathBuf;

use serde::Serialize;

use crate::failure::Failure;
use crate::target::Target;
use crate::{interrupt, out, size};

const EXAMPLES: &str = "\
Examples:
  mapview reverse data.bin                   needs its size on disk meanwhile
  mapview reverse data.bin -o reversed.bin
  mapview reverse data.bin --in-place        needs four windows on disk meanwhile

Killed at any moment, FILE (or OUT) is what it was or the whole result. With
--in-place the original bytes of the step under way are kept beside FILE in
.FILE.mapview-reverse, and running the same command again goes on from there.";

/// Put the bytes of a file in opposite order
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The file; replaced by the result unless -o is given
    file: PathBuf,
    /// Write the result here instead
    #[arg(short, long, value_name = "OUT", conflicts_with = "in_place")]
    output: Option<PathBuf>,
    /// Swap the bytes inside the file, without a second copy; resumes what was interrupted
    #[arg(long)]
    in_place: bool,
    /// Bytes per mapped window; at most four are in memory, or beside FILE, at a time
    #[arg(long, value_name = "BYTES", value_parser = size::parse_some, default_value = "8M")]
    window: u64,
    /// Print one JSON object at the end
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Done {
    file: String,
    bytes: u64,
    in_place: bool,
    resumed: bool,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    interrupt::watch()?;
    let file = Target::existing(&args.file)?;
    let target = match &args.output {
        Some(path) => Target::output(path, &file, "leave -o away to replace FILE")?,
        None => file.clone(),
    };
    // Two of us at one file would use the same journal and temporary file. A killed one leaves no lock behind.
    let mutex = target.mutex()?;
    let Some(_guard) = mutex.try_lock()? else { return Err(target.busy()) };

    let (bytes, resumed) = if args.in_place {
        in_place::reverse(&target, args.window)?
    } else {
        (copy::reverse(&file, &target, args.window)?, false)
    };
    if args.json {
        let (file, in_place) = (target.shown.display().to_string(), args.in_place);
        return out::print_json(&Done { file, bytes, in_place, resumed });
    }
    Ok(())
}
