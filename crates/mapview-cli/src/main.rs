//! The `mapview` program: named shared memory on the command line, and work on files through mapped views.

mod bench;
mod cat;
mod channel;
mod completions;
mod copy;
mod create;
mod demo;
mod exit_codes;
mod failure;
mod find;
mod framing;
mod image;
mod inspect;
mod interrupt;
mod joining;
mod ls;
mod objects;
mod os;
mod out;
mod pagemap;
mod progress;
mod publish;
mod put;
mod reverse;
mod scan;
mod screen;
mod seconds;
mod share;
mod signal;
mod size;
mod subscribe;
mod sum;
mod sweep;
mod target;
mod temporary;
mod wait;
mod watch;

use clap::{Parser, Subcommand};
use exit_codes::Exit;
use failure::Failure;

/// Windows file mappings, mutexes, events, semaphores and timers on every system: look at them, create them, use them
#[derive(Parser)]
#[command(name = "mapview", version, after_help = exit_codes::HELP, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Args),
    Create(create::Args),
    Put(put::Args),
    Cat(cat::Args),
    Wait(wait::Args),
    Signal(signal::Args),
    Ls(ls::Args),
    Watch(watch::Args),
    Pub(publish::Args),
    Sub(subscribe::Args),
    Bench(bench::Args),
    Inspect(inspect::Args),
    Image(image::Args),
    Sum(sum::Args),
    Find(find::Args),
    Scan(scan::Args),
    Copy(copy::Args),
    Reverse(reverse::Args),
    Completions(completions::Args),
    #[command(hide = true)]
    DemoRole(demo::RoleArgs),
    #[command(hide = true)]
    DemoPeer(demo::PeerArgs),
    #[command(hide = true)]
    BenchPeer(bench::PeerArgs),
}

fn main() -> std::process::ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => Exit::Ok.into(),
        Err(failure) => failure.report().into(),
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Demo(args) => demo::run(&args),
        Command::Create(args) => create::run(&args),
        Command::Put(args) => put::run(&args),
        Command::Cat(args) => cat::run(&args),
        Command::Wait(args) => wait::run(&args),
        Command::Signal(args) => signal::run(&args),
        Command::Ls(args) => ls::run(&args),
        Command::Pub(args) => publish::run(&args),
        Command::Sub(args) => subscribe::run(&args),
        Command::Watch(args) => watch::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Image(args) => image::run(&args),
        Command::Sum(args) => sum::run(&args),
        Command::Find(args) => find::run(&args),
        Command::Scan(args) => scan::run(&args),
        Command::Copy(args) => copy::run(&args),
        Command::Reverse(args) => reverse::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::DemoRole(args) => demo::play(&args),
        Command::DemoPeer(args) => demo::obey(&args),
        Command::BenchPeer(args) => bench::obey(&args),
    }
}
