//! Demand paging, seen: which pages of a file are where before and after they are touched.
//!
//! `cargo run --example page_map [FILE]`; without a file, of one that is made for this.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use mapview::{MappingOptions, Place, Protection, Residency, View, ViewAccess};

const CELLS: u64 = 64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = match std::env::args_os().nth(1) {
        Some(path) => File::open(path)?,
        None => sparse_file()?,
    };
    let mapping = MappingOptions::new().file(&file).protection(Protection::WriteCopy).create()?;
    let view = View::options().access(ViewAccess::CopyOnWrite).map(&mapping)?;
    println!(
        ". nowhere   - on the disk   s swapped   o cached   # in the page table   * written, own"
    );
    show("mapped, untouched", &view.residency()?);
    view.read::<u8>(view.len() / 2)?;
    show("one byte read", &view.residency()?);
    view.write(view.len() / 4, &1_u8)?;
    show("one byte written", &view.residency()?);
    for what in view.residency()?.hidden {
        println!("not told: {what}");
    }
    Ok(())
}

/// A file of 64 MiB with 8 MiB of data in its middle.
fn sparse_file() -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.set_len(64 << 20)?;
    file.seek(SeekFrom::Start(28 << 20))?;
    file.write_all(&vec![7; 8 << 20])?;
    Ok(file)
}

/// One line, in which each cell shows its most present page.
fn show(when: &str, residency: &Residency) {
    let end = residency.runs.last().map_or(0, |run| run.offset + run.len);
    let cell = |index: u64| {
        let (from, to) = (index * end / CELLS, (index + 1) * end / CELLS);
        let there = |run: &&mapview::PageRun| run.offset < to && from < run.offset + run.len;
        let runs = residency.runs.iter().filter(there);
        match runs.map(|run| (run.private, run.place)).max() {
            Some((true, Place::Present)) => '*',
            Some((_, Place::Present)) => '#',
            Some((_, Place::Cached)) => 'o',
            Some((_, Place::Swapped)) => 's',
            Some((_, Place::OnDisk)) => '-',
            Some((_, Place::NotAllocated)) | None => '.',
        }
    };
    let line: String = (0..CELLS).map(cell).collect();
    println!("{when:>20} {line} {} KiB in memory", residency.in_memory() >> 10);
}
