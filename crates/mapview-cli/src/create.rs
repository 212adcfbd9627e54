//! `mapview create`: a mapping that lives as long as this process holds it.

use std::path::PathBuf;

use mapview::{Mapping, MappingOptions, Protection, Security};
use serde::Serialize;

use crate::failure::Failure;
use crate::share::Share;
use crate::{interrupt, out, size};

const EXAMPLES: &str = "\
Examples:
  mapview create frames --size 64M                    memory that other programs open as `frames`
  mapview create frames --size 64M --new              fail if the name is taken
  mapview create 'Global\\stats' --size 4K --share everybody:read
  mapview create table --file table.bin --read-only   the bytes of a file
  mapview create sparse --size 1T --reserve           take memory at first touch

The mapping lives while any process holds it. Stop with Ctrl-C.";

/// Create a mapping, or open it if it exists, and hold it until Ctrl-C
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name for others to open it by; `Global\NAME` is for the whole machine
    name: String,
    /// Size in bytes, like 4096, 64K, 64M, 1G; with --file the file's size unless given
    #[arg(long, value_parser = size::parse_some, required_unless_present = "file")]
    size: Option<u64>,
    /// Back the mapping by this file instead of memory; a larger --size grows the file
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// Permit only reading
    #[arg(long)]
    read_only: bool,
    /// Take memory at first touch instead of now
    #[arg(long)]
    reserve: bool,
    /// Keep everybody else from mapping the file
    #[arg(long, requires = "file")]
    exclusive: bool,
    /// Fail if the name is taken
    #[arg(long)]
    new: bool,
    /// Who else may open it: only-me, group:NAME:read[-write] or everybody:read[-write]
    #[arg(long, value_name = "WHO", default_value = "only-me")]
    share: Share,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Held<'a> {
    name: &'a str,
    pid: u32,
    created: bool,
    size: u64,
    file: Option<String>,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let mapping = create(args)?;
    interrupt::wait(|| announce(args, &mapping))?;
    Ok(mapping.close()?)
}

fn create(args: &Args) -> Result<Mapping, Failure> {
    let protection = match args.read_only {
        true => Protection::ReadOnly,
        false => Protection::ReadWrite,
    };
    let Share(security) = args.share.clone();
    let mut options = MappingOptions::new();
    options
        .name(&args.name)
        .protection(protection)
        .reserve(args.reserve)
        .exclusive(args.exclusive)
        .security(security);
    if let Some(size) = args.size {
        options.size(size);
    }
    if let Some(path) = &args.file {
        options.path(path);
    }
    let mapping = if args.new { options.create_new()? } else { options.create()? };
    Ok(mapping)
}

fn announce(args: &Args, mapping: &Mapping) -> Result<(), Failure> {
    let (created, size) = (mapping.was_created(), mapping.size());
    if args.json {
        let file = args.file.as_ref().map(|path| path.display().to_string());
        let pid = std::process::id();
        return out::print_json(&Held { name: &args.name, pid, created, size, file });
    }
    let (name, size) = (out::printable(&args.name), size::human(size));
    match created {
        true => out::note(&format!("created `{name}`, {size}; held until Ctrl-C")),
        false => out::note(&format!("opened `{name}`, which existed, {size}; held until Ctrl-C")),
    }
    if !created && args.share.0 != Security::OnlyMe {
        out::note("--share is without effect, the creator has decided");
    }
    Ok(())
}
