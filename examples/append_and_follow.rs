//! A log that one process appends to, and makes grow as it does, while another follows. `cargo run --example append_and_follow`

use std::error::Error;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use mapview::{Event, EventOptions, Mapping, MappingOptions, Reset, View, ViewAccess};

const LINES: u64 = 10_000;
/// The log begins with the number of bytes that are written.
const FIRST: u64 = 8;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(name) = std::env::args().nth(1) {
        return Ok(append(&Mapping::open(&name)?, &Event::open(&format!("{name}-news"))?)?);
    }
    let name = format!("log-{}", std::process::id());
    let log = MappingOptions::new().name(&name).size(4096).maximum(1 << 30).create()?;
    let news = EventOptions::new(Reset::Auto).name(&format!("{name}-news")).create()?;
    let mut writer = Command::new(std::env::current_exe()?).arg(&name).spawn()?;
    let lines = follow(&log, &news)?;
    println!("{lines} lines, and the log grew from 4096 to {} bytes", log.size());
    writer.wait()?;
    Ok(())
}

fn append(log: &Mapping, news: &Event) -> mapview::Result<()> {
    let start = log.view()?; // stays valid, whatever the log grows to
    let written = start.atomic::<AtomicU64>(0)?;
    let mut end = FIRST;
    for number in 0..LINES {
        let line = format!("this is line {number}\n");
        log.grow(end + line.len() as u64)?;
        let mut place = View::options();
        place.access(ViewAccess::ReadWrite).offset(end).len(line.len());
        place.map(log)?.copy_in(0, line.as_bytes())?;
        end += line.len() as u64;
        written.store(end, Ordering::Release);
        news.set()?;
    }
    Ok(())
}

fn follow(log: &Mapping, news: &Event) -> mapview::Result<u64> {
    let start = log.view()?;
    let (mut seen, mut lines) = (FIRST, 0);
    while lines < LINES {
        news.wait()?;
        let written = start.load::<AtomicU64>(0, Ordering::Acquire)?;
        if written > seen {
            let new = View::options().offset(seen).len((written - seen) as usize).map(log)?;
            lines += new.to_vec(0, new.len())?.iter().filter(|byte| **byte == b'\n').count() as u64;
            seen = written;
        }
    }
    Ok(lines)
}
