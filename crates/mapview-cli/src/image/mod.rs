//! `mapview image`: what an executable or library consists of, and what mapping it does to its pages.

mod report;
mod table;

use std::path::PathBuf;

use mapview::{Image, ImageFormat, ImageSection};

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::{out, size};
use report::{Mapped, Report};

const EXAMPLES: &str = "\
Examples:
  mapview image plugin.dll                     its sections, and how many names it exports and imports
  mapview image plugin.dll --map               also maps it, and shows which pages are whose
  mapview image plugin.dll --base 0x340000000  maps it there, so that its addresses must be adjusted
  mapview image /usr/bin/env                   a program for Linux, which is only looked at
  mapview image plugin.dll --exports --json | jq -r '.exports[].name'

The map has one character for each page, or for several, of which it shows the last in this list:
  ·  not touched yet
  =  in memory once, for all processes that map the file
  C  of a shared section: what one process writes, all see
  H  this process's own, because the headers tell where the image lies
  R  this process's own, because addresses in it were adjusted
  W  this process's own, because it was written
First every page is read; then the first byte of every page is written that can be written and is not shared.

--json prints one object; addresses are distances from the base, in bytes:
  path, format (pe, elf), machine, library, preferred_base, size, headers, entry_point (or null)
  sections      name, address, len, file_offset, file_len, protection, shared, discardable
  relocations   how many places hold addresses; relocated_pages, in how many pages
  exports       with --exports: ordinal, name, address or forward; else how many
  imports       with --imports: library, symbols; else how many
  map           with --map: base, relocated; read and written: address, len, owner (untouched, everybody,
                common, header, relocated, written)";

/// Show the sections of an executable or library, and map it to see which pages stay shared
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// An EXE or DLL; or a program or library for Linux
    file: PathBuf,
    /// Map it, and show which of its pages are in memory once for everybody
    #[arg(long)]
    map: bool,
    /// Map it at this address, a multiple of 64K
    #[arg(long, value_name = "ADDRESS", value_parser = size::parse_some)]
    base: Option<u64>,
    /// List what it offers
    #[arg(long)]
    exports: bool,
    /// List what it needs
    #[arg(long)]
    imports: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let failed = |error| Failure::mapped_file(&args.file, error);
    let image = Image::open(&args.file).map_err(failed)?;
    let mut report = Report::new(&image, args.exports, args.imports).map_err(failed)?;
    if args.map || args.base.is_some() {
        if image.format() == ImageFormat::Elf {
            let why = "a program or library of Linux is mapped by its dynamic linker, so there is nothing to map here";
            return Err(Failure::new(Exit::Usage, why));
        }
        report.map = Some(map(image, args.base).map_err(failed)?);
    }
    match args.json {
        true => out::print_json(&report),
        false => out::print(&table::text(&report)),
    }
}

/// Maps it, touches every page, and writes to those that permit it.
fn map(image: Image, base: Option<u64>) -> mapview::Result<Mapped> {
    let view = match base {
        Some(base) => image.map_at(usize::try_from(base).unwrap_or(usize::MAX))?,
        None => image.map()?,
    };
    let mut byte = [0];
    for address in firsts(view.image(), |section| section.protect.readable()) {
        view.read(address, &mut byte)?;
    }
    let read = view.pages()?;
    // What others may have changed since it was read is not written back.
    for address in firsts(view.image(), |section| section.protect.writable() && !section.shared) {
        view.read(address, &mut byte)?;
        view.write(address, &byte)?;
    }
    Ok(Mapped { base: view.base(), relocated: view.is_relocated(), read, written: view.pages()? })
}

const PAGE: usize = 4096;

/// The first byte of every page of the sections to be chosen.
fn firsts(image: &Image, chosen: impl Fn(&ImageSection) -> bool) -> Vec<u32> {
    let sections = image.sections().iter().filter(|section| chosen(section));
    sections.flat_map(|section| (section.address..section.end()).step_by(PAGE)).collect()
}
