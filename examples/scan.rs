//! Sums a file of any size with all processors and at most 64 MiB of it mapped. `cargo run --release --example scan [FILE]`

use std::error::Error;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use mapview::{MappingOptions, Protection, SlidingWindows, Window};

/// Copied out at once: small enough to stay in the processor's cache.
const PIECE: usize = 128 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    let own_source = PathBuf::from(file!());
    let path = std::env::args_os().nth(1).map_or(own_source, PathBuf::from);
    let threads = std::thread::available_parallelism()?.get();
    let begin = Instant::now();

    let file = MappingOptions::new().path(&path).protection(Protection::ReadOnly).create()?;
    let windows = SlidingWindows::options().memory(64 << 20).open(&file)?;
    let (sum, zeros) = (AtomicU64::new(0), AtomicU64::new(0));
    windows.for_each_parallel(threads, |window: &Window| {
        let mut buffer = vec![0; PIECE];
        for start in (0..window.own_len()).step_by(PIECE) {
            // Others may change the file at any moment, so it is copied out before it is looked at.
            let piece = &mut buffer[..PIECE.min(window.own_len() - start)];
            window.copy_out(start, piece)?;
            let (bytes, nothing) = piece.iter().fold((0, 0), |(sum, zeros), &byte| {
                (sum + u64::from(byte), zeros + u64::from(byte == 0))
            });
            sum.fetch_add(bytes, Ordering::Relaxed);
            zeros.fetch_add(nothing, Ordering::Relaxed);
        }
        Ok::<(), mapview::Error>(())
    })?;

    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{} bytes, {} of them zero, their sum is {}: {:.2} GB/s",
        file.size(),
        zeros.into_inner(),
        sum.into_inner(),
        file.size() as f64 / seconds / 1e9
    );
    Ok(())
}
