//! `mapview cat`: bytes of a mapping to stdout.

use std::io::{self, Write};

use mapview::{Mapping, View, ViewOptions};

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::{out, size};

const EXAMPLES: &str = "\
Examples:
  mapview cat frames > frames.bin
  mapview cat frames --offset 4K --len 16 | xxd
  mapview cat frames --len 16 --json";

/// Copy the bytes of a mapping to stdout
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of a mapping that somebody holds
    name: String,
    /// First byte
    #[arg(long, value_name = "BYTES", value_parser = size::parse, default_value = "0")]
    offset: u64,
    /// How many bytes; to the end unless given
    #[arg(long, value_name = "BYTES", value_parser = size::parse)]
    len: Option<u64>,
    /// Print one JSON object with the bytes in hexadecimal
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let mapping = Mapping::open_read_only(&args.name)?;
    let view = view(args, &mapping)?;
    let mut stdout = io::stdout().lock();
    if !args.json {
        each_chunk(view.as_ref(), |bytes| stdout.write_all(bytes))?;
        return stdout.flush().map_err(Failure::stdout);
    }
    // Written as it comes: the mapping may be larger than our memory.
    let name = serde_json::to_string(&args.name).expect("text is JSON");
    let (size, offset) = (mapping.size(), args.offset);
    let len = view.as_ref().map_or(0, View::len);
    let head = format!(r#"{{"name":{name},"size":{size},"offset":{offset},"len":{len},"hex":""#);
    stdout.write_all(head.as_bytes()).map_err(Failure::stdout)?;
    each_chunk(view.as_ref(), |bytes| stdout.write_all(&hex(bytes)))?;
    stdout.write_all(b"\"}\n").and_then(|()| stdout.flush()).map_err(Failure::stdout)
}

/// The wanted range; `None` when it is empty, because an empty view cannot exist.
fn view(args: &Args, mapping: &Mapping) -> Result<Option<View>, Failure> {
    let rest = mapping.size().checked_sub(args.offset);
    let len = args.len.or(rest);
    let (Some(rest), Some(len)) = (rest, len) else { return Err(outside(args, mapping)) };
    if len > rest {
        return Err(outside(args, mapping));
    }
    if len == 0 {
        return Ok(None);
    }
    let bytes = usize::try_from(len).map_err(|_| outside(args, mapping))?;
    Ok(Some(ViewOptions::new().offset(args.offset).len(bytes).map(mapping)?))
}

fn outside(args: &Args, mapping: &Mapping) -> Failure {
    let (name, size) = (out::printable(&args.name), mapping.size());
    Failure::new(Exit::Failed, format!("`{name}` has {size} bytes, the range ends behind them"))
}

fn each_chunk(
    view: Option<&View>,
    mut write: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<(), Failure> {
    let Some(view) = view else { return Ok(()) };
    let mut buffer = vec![0; view.len().min(256 << 10)];
    let mut offset = 0;
    while offset < view.len() {
        let chunk = buffer.len().min(view.len() - offset);
        view.copy_out(offset, &mut buffer[..chunk])?;
        write(&buffer[..chunk]).map_err(Failure::stdout)?;
        offset += chunk;
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS[usize::from(value)];
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
