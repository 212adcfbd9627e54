//! A producer that crashes in the middle of a change, and a consumer that is told. `cargo run --example producer_consumer`
//!
//! Two words must always be equal. The producer dies, lock in hand, between the two stores; whoever locks next hears
//! "abandoned" at once and puts things right.

use std::error::Error;
use std::process::Command;

use mapview::{Mapping, Mutex};

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1) {
        None => consume(),
        Some(name) => produce(&name),
    }
}

fn consume() -> Result<(), Box<dyn Error>> {
    let name = format!("pair-{}", std::process::id());
    let (pair, lock) = open(&name)?;
    let view = pair.view()?;

    for _ in 0..3 {
        Command::new(std::env::current_exe()?).arg(&name).status()?; // ends by exiting with the lock held
        let guard = lock.lock()?;
        let (left, right) = (view.read::<u64>(0)?, view.read::<u64>(8)?);
        println!("consumer: abandoned = {}, the pair is {left} and {right}", guard.abandoned());
        assert!(guard.abandoned() && left != right);
        view.write(8, &left)?; // the repair
    }

    let guard = lock.lock()?;
    assert!(!guard.abandoned(), "the news is told once");
    assert_eq!(view.read::<u64>(0)?, view.read::<u64>(8)?);
    println!("consumer: all is well again");
    Ok(())
}

fn produce(name: &str) -> Result<(), Box<dyn Error>> {
    let (pair, lock) = open(name)?;
    let view = pair.view()?;
    let _guard = lock.lock()?;
    let next = view.read::<u64>(0)? + 1;
    view.write(0, &next)?;
    println!("producer {}: crashes half-way", std::process::id());
    std::process::exit(1) // no destructor runs: the lock is still held
}

fn open(name: &str) -> Result<(Mapping, Mutex), mapview::Error> {
    // Both sides create: whoever comes first makes the objects, the other opens them.
    Ok((Mapping::create(name, 16)?, Mutex::create(&format!("{name}-lock"))?))
}
