//! Processes share a typed value; one of them dies in the midst. `cargo run --example shared_value`

use std::error::Error;
use std::process::Command;

use mapview::{Locked, Shared};
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// Two numbers that belong together: nobody may ever see one of them alone changed.
#[derive(Debug, FromBytes, IntoBytes, Immutable)]
#[repr(C)]
struct Account {
    balance: u64,
    bookings: u64,
}

const SCHEMA: &str = "account v1";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(name), Some(role)) => book(&name, role == "clumsy"),
        _ => bank(),
    }
}

fn bank() -> Result<(), Box<dyn Error>> {
    let name = format!("account-{}", std::process::id());
    // Whoever comes first creates it: exactly one process runs the closure.
    let account = Shared::create(&name, SCHEMA, || Account { balance: 0, bookings: 0 })?;
    for role in ["careful", "clumsy", "careful"] {
        Command::new(std::env::current_exe()?).args([&name, role]).status()?;
    }
    let guard = account.lock()?.sound()?;
    println!("{:?}", *guard);
    assert_eq!((guard.balance, guard.bookings), (200, 2));
    Ok(())
}

fn book(name: &str, clumsy: bool) -> Result<(), Box<dyn Error>> {
    let account = Shared::<Account>::open(name, SCHEMA)?;
    let mut guard = match account.lock()? {
        Locked::Sound(guard) => guard,
        Locked::Abandoned(found) => {
            println!("somebody died here and left {:?}", *found);
            found.accept()
        }
    };
    guard.balance += 100; // on a private copy
    if clumsy {
        std::process::exit(0); // with the lock held: the half-done booking is lost, the next one is told
    }
    guard.bookings += 1;
    Ok(()) // both are written back in one step
}
