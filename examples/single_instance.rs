//! A program that runs only once at a time, guarded by the name of a mutex. `cargo run --example single_instance`
//!
//! There is no lock file to go stale: the kernel frees the name when the process ends, however it ends.

use std::error::Error;
use std::process::{Command, ExitCode};

use mapview::{ErrorKind, Mutex, MutexOptions};

const NAME: &str = "example.single_instance";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let _instance: Mutex = match MutexOptions::new().name(NAME).create_new() {
        Ok(mutex) => mutex,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            println!("process {}: already running, so I leave", std::process::id());
            return Ok(ExitCode::from(3));
        }
        Err(error) => return Err(error.into()),
    };
    println!("process {}: the only one", std::process::id());

    if std::env::args().nth(1).is_none() {
        // Shows what a second start meets while this one runs ...
        let second = Command::new(std::env::current_exe()?).arg("second").status()?;
        assert_eq!(second.code(), Some(3));

        // ... and that the name is free as soon as the guard is gone.
        drop(_instance);
        let third = Command::new(std::env::current_exe()?).arg("third").status()?;
        assert!(third.success());
    }
    Ok(ExitCode::SUCCESS)
}
