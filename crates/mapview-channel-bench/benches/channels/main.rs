//! Measures the channels of mapview beside their rivals and beside what the memory itself can do: in one run, by short turns, between two
//! processes on a processor each.
//!
//! `cargo bench -- [GROUP] [--short] [--json] [--plot FILE]`, in the directory of this package.

mod blocking;
mod clock;
mod contenders;
mod idle;
mod latency;
mod measured;
mod message;
#[path = "../../../mapview-bench/benches/rivals/linux/peer.rs"]
#[allow(dead_code)] // each benchmark needs some of it
mod peer;
mod plot;
mod producers;
mod setup;
mod slice;
mod stage;
mod table;
mod throughput;
mod verdict;

use measured::{Effort, Measured};
use stage::Stage;

/// What is measured together.
struct Group {
    name: &'static str,
    run: fn(&mut Stage, &Effort) -> Vec<Measured>,
}

const GROUPS: &[Group] = &[
    Group { name: "latency", run: latency::measure },
    Group { name: "throughput", run: throughput::measure },
    Group { name: "blocking", run: blocking::measure },
    Group { name: "producers", run: producers::measure },
    Group { name: "setup", run: setup::measure },
    Group { name: "idle", run: idle::measure },
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["peer", role @ ..] = &words[..] {
        return be_peer(role);
    }
    let has = |option: &str| words.contains(&option);
    let effort = Effort { short: has("--short") || !has("--bench") };
    let plot = words
        .iter()
        .position(|word| *word == "--plot")
        .map(|at| *words.get(at + 1).unwrap_or_else(|| panic!("--plot needs the name of a file")));
    let filter: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !word.starts_with('-') && Some(*word) != plot)
        .collect();
    let wanted = |name: &str| filter.is_empty() || filter.iter().any(|word| name.contains(word));

    let namespace = tempfile::Builder::new().prefix("mapview-bench-").tempdir_in("/dev/shm");
    let namespace = namespace.expect("a directory in memory");
    std::env::set_var("MAPVIEW_DIR", namespace.path());
    #[cfg(feature = "aeron")]
    let _driver = contenders::aeron::Driver::start();
    clock::pin_to(0);
    let mut stage = Stage::new();
    let mut measured = Vec::new();
    for group in GROUPS.iter().filter(|group| wanted(group.name)) {
        eprintln!("measuring: {}", group.name);
        measured.extend((group.run)(&mut stage, &effort));
    }
    let verdicts = verdict::of(&measured);
    if has("--json") {
        table::print_json(&measured, &verdicts);
    } else {
        table::print_text(&measured, &verdicts);
    }
    if let Some(file) = plot {
        std::fs::write(file, plot::svg(&measured)).expect("the plot can be written");
    }
}

/// Plays the part of another process.
fn be_peer(role: &[&str]) {
    // A peer that waits for a message does not notice that its parent was killed.
    // SAFETY: plain numbers.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    match role {
        ["second"] => stage::be_second(),
        ["producer"] => producers::be_producer(),
        ["connector"] => setup::be_connector(),
        #[cfg(feature = "aeron")]
        ["aeron-driver"] => contenders::aeron::be_driver(),
        ["parked", name] => idle::be_parked(name),
        _ => panic!("no such role: {role:?}"),
    }
}
