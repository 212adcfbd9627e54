//! Measures mapview beside its rivals, both in the same run and by turns, and prints one table.
//!
//! `cargo bench -p mapview-bench -- [FILTER] [--json]`; without `--bench`, which Cargo adds, only a short trial run.

mod guard;
mod image;
mod measure;
mod os;
mod portable;
mod reverse;
#[allow(dead_code)] // only the groups of `os` measure single operations, and not everywhere
mod spread;
mod table;

use measure::Effort;
use table::Row;

/// A group of rows that are measured together.
struct Group {
    name: &'static str,
    run: fn(&Effort) -> Vec<Row>,
}

const PORTABLE: &[Group] = &[
    Group { name: "copy", run: portable::copies },
    Group { name: "guard", run: guard::rows },
    Group { name: "image", run: image::rows },
    Group { name: "reverse", run: reverse::rows },
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("peer", role)) = arguments.split_first().map(|(word, role)| (word.as_str(), role))
    {
        return os::be_peer(role);
    }
    let has = |option: &str| arguments.iter().any(|argument| argument == option);
    let effort = Effort { short: !has("--bench") };
    let filter: Vec<&String> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    let wanted = |name: &str| filter.is_empty() || filter.iter().any(|word| name.contains(*word));

    #[allow(clippy::let_unit_value)] // on some systems there is nothing to prepare
    let _place = os::prepare();
    let mut rows = Vec::new();
    for group in os::GROUPS.iter().chain(PORTABLE).filter(|group| wanted(group.name)) {
        eprintln!("measuring: {}", group.name);
        rows.extend((group.run)(&effort));
    }
    if has("--json") {
        table::print_json(&rows);
    } else {
        table::print_text(&rows);
    }
}
