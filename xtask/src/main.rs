//! `cargo xtask test`: everything CI runs, the same locally. `cargo xtask install`: the C interface for other programs.

#[cfg(target_os = "linux")]
mod c_interface;
mod command;
#[cfg(target_os = "linux")]
mod install;
mod lanes;
mod needs;
mod readme;
mod report;
mod wine;

use std::process::ExitCode;
use std::time::Instant;

use lanes::Lane;
use report::{Outcome, Row};

const USAGE: &str = "\
cargo xtask test             run every lane, cheapest first
cargo xtask test LANE...     run these lanes
cargo xtask test --list      list the lanes
cargo xtask install --prefix DIR
                             build the C interface and install it below DIR (Linux); DESTDIR is put before DIR

With CI=true a lane installs what it needs (Debian packages, rustup targets) and nothing is skipped.
Otherwise a lane whose needs are missing is skipped, and the summary says how to get them.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test", "--list"] => {
            for lane in lanes::all() {
                println!("{:<16}{}", lane.name, lane.about);
            }
            ExitCode::SUCCESS
        }
        ["test", "--help" | "-h"] | ["--help" | "-h"] => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        ["test", names @ ..] => match select(names) {
            Ok(lanes) => run(&lanes),
            Err(unknown) => {
                eprintln!("there is no lane `{unknown}`; `cargo xtask test --list` shows them");
                ExitCode::from(2)
            }
        },
        ["install", "--prefix", prefix] if !prefix.is_empty() => install(prefix),
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

#[cfg(target_os = "linux")]
fn install(prefix: &str) -> ExitCode {
    match install::install(prefix) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn install(_: &str) -> ExitCode {
    eprintln!("on Windows the system has these functions: there is nothing to install");
    ExitCode::FAILURE
}

/// The lanes with these names, in the order of cost; without names all that need not be named.
fn select(names: &[&str]) -> Result<Vec<Lane>, String> {
    let all = lanes::all();
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|lane| lane.name != **name)) {
        return Err(unknown.to_string());
    }
    let wanted = |lane: &Lane| match names {
        [] => !lane.on_request,
        names => names.contains(&lane.name),
    };
    Ok(all.into_iter().filter(wanted).collect())
}

fn run(lanes: &[Lane]) -> ExitCode {
    let ci = std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    let mut rows = Vec::new();
    for lane in lanes {
        eprintln!("\n==> {}: {}", lane.name, lane.about);
        let start = Instant::now();
        let outcome = match needs::ensure(lane.needs, ci) {
            Ok(()) => Outcome::of((lane.run)()),
            Err(missing) if ci => Outcome::Failed(missing),
            Err(missing) => Outcome::Skipped(missing),
        };
        rows.push(Row { lane: lane.name, outcome, time: start.elapsed() });
    }
    report::print(&rows)
}
