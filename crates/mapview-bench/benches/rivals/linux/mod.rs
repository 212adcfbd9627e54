//! The rows that need Linux: POSIX and Boost as rivals, and several processes.
//!
//! Other processes are this program again, as `peer <role> ...`; they are told what to do through their standard input.

mod boost;
mod c_program;
mod contended;
mod crowd;
mod crowd_event;
mod dead_owner;
mod hand_over;
mod lock;
mod objects;
mod peer;
mod posix;
mod pthread;
mod quiet;
mod residency;
mod scan;
mod signals;
mod wait_sets;
mod ways;
mod wine;

use crate::Group;

pub const GROUPS: &[Group] = &[
    Group { name: "open", run: objects::opening },
    Group { name: "create", run: objects::creating },
    Group { name: "quiet", run: quiet::rows },
    Group { name: "lock", run: lock::rows },
    Group { name: "contended", run: contended::rows },
    Group { name: "signals", run: signals::rows },
    Group { name: "hand-over", run: hand_over::rows },
    Group { name: "wait-any", run: wait_sets::any },
    Group { name: "wait-all", run: wait_sets::all },
    Group { name: "dead-owner", run: dead_owner::rows },
    Group { name: "crowd", run: crowd::rows },
    Group { name: "crowd-event", run: crowd_event::rows },
    Group { name: "c-program", run: c_program::rows },
    Group { name: "residency", run: residency::rows },
    Group { name: "scan", run: scan::rows },
];

/// Plays the part of another process.
pub fn be_peer(role: &[String]) {
    // A peer that waits for a signal does not notice that its parent was killed.
    // SAFETY: plain numbers.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    let role: Vec<&str> = role.iter().map(String::as_str).collect();
    match role[..] {
        ["hold", ref objects @ ..] => objects::hold(objects),
        ["quiet", what, name] => quiet::peer(what, name),
        ["contend", cpu, region, mutex] => contended::peer(cpu, region, mutex),
        ["own", kind, region, mutex] => dead_owner::owner(kind, region, mutex),
        ["wait", kind, region, mutex] => dead_owner::waiter(kind, region, mutex),
        ["hand-over", cpu, name, descriptors] => hand_over::peer(cpu, name, descriptors),
        ["crowd-event", first, count, region, event] => {
            crowd_event::peer(first, count, region, event);
        }
        ["crowd", prefix, count] => crowd::hold_many(prefix, count),
        ["measure"] => crowd::measure(),
        ["scan", way, path, reads] => scan::peer(way, path, reads),
        _ => panic!("no such role: {role:?}"),
    }
}

/// A namespace of the benchmark's own, and one processor for all that is measured in this process.
pub fn prepare() -> tempfile::TempDir {
    let place = namespace();
    std::env::set_var("MAPVIEW_DIR", place.path());
    posix::pin_to(0);
    // With one thread only, the C library leaves out locked instructions, which no program with threads can.
    std::thread::spawn(std::thread::park);
    place
}

fn namespace() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("mapview-bench-").tempdir_in("/dev/shm").expect("a directory")
}

/// A name for a POSIX object of this run.
fn posix_name(what: &str) -> String {
    format!("/mapview-bench-{what}-{}", std::process::id())
}
