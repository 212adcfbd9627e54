//! Statics that all running instances share: each knows its number, and the largest square so far. `cargo run --example run_counter`

use std::error::Error;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use mapview::{shared_static, Shared};

shared_static! {
    /// How many instances were started since the first of those that overlap.
    static STARTED: AtomicU64 = 0;
    /// The largest square anybody computed, and whose it was.
    static LARGEST: Shared<[u64; 2]> = [0, 0];
}

fn main() -> Result<(), Box<dyn Error>> {
    let number = STARTED.fetch_add(1, Ordering::Relaxed) + 1;
    {
        let mut largest = LARGEST.lock()?.sound()?; // one instance at a time
        if number * number > largest[0] {
            *largest = [number * number, std::process::id().into()];
        }
    }
    println!("run {number}");

    if std::env::args().nth(1).is_none() {
        for _ in 0..3 {
            Command::new(std::env::current_exe()?).arg("another").status()?;
        }
        let [square, process] = *LARGEST.lock()?.sound()?;
        println!(
            "{} runs; the largest square is {square}, of process {process}",
            STARTED.load(Ordering::Relaxed)
        );
        println!("started again after this one ended, the first is run 1 again");
    }
    Ok(())
}
