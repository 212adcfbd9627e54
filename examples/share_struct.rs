//! Two processes share a struct under a name. `cargo run --example share_struct`
//!
//! The program starts itself a second time; the two find each other by nothing but the name.

use std::error::Error;
use std::process::Command;

use mapview::Mapping;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// Any type without pointers and padding can be shared; `repr(C)` fixes where its fields lie.
#[derive(Debug, FromBytes, IntoBytes, Immutable)]
#[repr(C)]
struct Weather {
    station: u32,
    humidity: u32,
    temperature: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1) {
        None => reader(),
        Some(name) => writer(&name),
    }
}

fn reader() -> Result<(), Box<dyn Error>> {
    let name = format!("weather-{}", std::process::id());
    let mapping = Mapping::create(&name, size_of::<Weather>() as u64)?;
    let view = mapping.view()?;

    let status = Command::new(std::env::current_exe()?).arg(&name).status()?;
    assert!(status.success());

    let weather: Weather = view.read(0)?;
    println!("process {} reads  {weather:?}", std::process::id());
    assert_eq!(weather.station, 7);
    Ok(()) // the last handle is closed here: name and memory are gone, nothing has to be removed
}

fn writer(name: &str) -> Result<(), Box<dyn Error>> {
    let view = Mapping::open(name)?.view()?;
    let weather = Weather { station: 7, humidity: 61, temperature: 21.5 };
    view.write(0, &weather)?;
    println!("process {} writes {weather:?}", std::process::id());
    Ok(())
}
