//! `mapview put`: bytes from a file or stdin into a mapping.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use mapview::{Mapping, View, ViewAccess, ViewOptions};
use serde::Serialize;

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::{out, size};

const EXAMPLES: &str = "\
Examples:
  mapview put frames picture.raw
  echo hello | mapview put frames --offset 4K";

/// Copy a file, or stdin, into a mapping
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of a mapping that somebody holds
    name: String,
    /// The file; `-` is stdin
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Where in the mapping the bytes go
    #[arg(long, value_name = "BYTES", value_parser = size::parse, default_value = "0")]
    offset: u64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Put<'a> {
    name: &'a str,
    offset: u64,
    written: usize,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let mapping = Mapping::open(&args.name)?;
    let room = mapping.size().saturating_sub(args.offset);
    if room == 0 {
        return Err(too_long(args, mapping.size()));
    }
    let mut input: Box<dyn Read> = match args.file.as_os_str() == "-" {
        true => Box::new(io::stdin().lock()),
        false => Box::new(open(args, mapping.size())?),
    };
    let view =
        ViewOptions::new().access(ViewAccess::ReadWrite).offset(args.offset).map(&mapping)?;
    let written = copy(&mut input, &view, args, mapping.size())?;
    match args.json {
        true => out::print_json(&Put { name: &args.name, offset: args.offset, written }),
        false => Ok(()),
    }
}

/// Opens the file, and refuses one that is known not to fit before a byte is written.
fn open(args: &Args, size: u64) -> Result<File, Failure> {
    let file = File::open(&args.file).map_err(|error| Failure::file(&args.file, error))?;
    let len = file.metadata().map_err(|error| Failure::file(&args.file, error))?.len();
    match len <= size - args.offset {
        true => Ok(file),
        false => Err(too_long(args, size)),
    }
}

fn copy(input: &mut dyn Read, view: &View, args: &Args, size: u64) -> Result<usize, Failure> {
    let mut buffer = vec![0; 256 << 10];
    let mut written = 0;
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(written),
            Ok(got) if got > view.len() - written => return Err(too_long(args, size)),
            Ok(got) => {
                view.copy_in(written, &buffer[..got])?;
                written += got;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::file(shown(&args.file), error)),
        }
    }
}

fn too_long(args: &Args, size: u64) -> Failure {
    let (name, offset) = (out::printable(&args.name), args.offset);
    let message = format!("`{name}` has {size} bytes, the input does not fit at offset {offset}");
    Failure::new(Exit::Failed, message)
}

fn shown(path: &Path) -> &Path {
    if path.as_os_str() == "-" {
        Path::new("stdin")
    } else {
        path
    }
}
