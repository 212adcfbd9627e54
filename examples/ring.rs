//! A ring buffer: the mapping twice in a row, so that no message is ever cut in two.

use std::sync::atomic::{AtomicU64, Ordering};

use mapview::{Event, EventOptions, MappingOptions, Reset, Result, View};

const SIZE: usize = 1 << 16;
const MESSAGES: u64 = 10_000;
const WRITTEN: usize = 0; // the counters lie in a mapping of their own
const READ: usize = 64;

fn main() -> Result<()> {
    let ring = MappingOptions::new().size(SIZE as u64).create()?.mirrored()?;
    let counters = MappingOptions::new().size(4096).create()?.view()?;
    let (filled, emptied) =
        (EventOptions::new(Reset::Auto).create()?, EventOptions::new(Reset::Auto).create()?);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| write(&ring, &counters, &filled, &emptied));
        let bytes = read(&ring, &counters, &filled, &emptied)?;
        println!("{bytes} bytes went through a ring of {SIZE}");
        writer.join().expect("the writer does not panic")
    })
}

fn write(ring: &View, counters: &View, filled: &Event, emptied: &Event) -> Result<()> {
    let written = counters.atomic::<AtomicU64>(WRITTEN)?;
    let read = counters.atomic::<AtomicU64>(READ)?;
    let mut at = 0;
    for number in 0..MESSAGES {
        let message = format!("message {number} {}", "*".repeat(number as usize % 100));
        while at + 4 + message.len() as u64 - read.load(Ordering::Acquire) > SIZE as u64 {
            emptied.wait()?;
        }
        ring.write(at as usize % SIZE, &(message.len() as u32))?;
        ring.copy_in((at as usize + 4) % SIZE, message.as_bytes())?;
        at += 4 + message.len() as u64;
        written.store(at, Ordering::Release);
        filled.set()?;
    }
    Ok(())
}

fn read(ring: &View, counters: &View, filled: &Event, emptied: &Event) -> Result<u64> {
    let written = counters.atomic::<AtomicU64>(WRITTEN)?;
    let read = counters.atomic::<AtomicU64>(READ)?;
    let mut at = 0;
    for number in 0..MESSAGES {
        while written.load(Ordering::Acquire) == at {
            filled.wait()?;
        }
        let len = ring.read::<u32>(at as usize % SIZE)? as usize;
        let message = ring.to_vec((at as usize + 4) % SIZE, len)?;
        assert!(message.starts_with(format!("message {number} ").as_bytes()));
        at += 4 + len as u64;
        read.store(at, Ordering::Release);
        emptied.set()?;
    }
    Ok(at)
}
