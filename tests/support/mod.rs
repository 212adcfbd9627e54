//! Real processes for the tests: the test binary runs itself again, and the copy obeys a script that comes over a pipe.
//!
//! ```ignore
//! let world = World::new();
//! let (mut a, mut b) = (world.peer(), world.peer());
//! a.ask("m = create x 4096");
//! a.ask("v = view m");
//! a.ask("write v 0 hello");
//! a.kill();
//! assert_eq!(b.refused("m = open x"), 2);
//! ```
#![allow(dead_code, unused_imports)] // every test binary uses another part of this

mod line;
mod obey;
mod peer;
mod serve;
mod unnamed;
mod victim;
mod world;

pub use line::{quote, quote_bytes, Line};
pub use peer::{answered_first, spawn_again, until_answered, Answer, Asleep, Peer};
pub use serve::serve;
pub use unnamed::{abandoned, auto, got, is_free, manual_set};
pub use victim::{say_running, seed, seed_number, tell, Random, Victim};
pub use world::World;

use std::sync::atomic::{AtomicU32, Ordering};

/// A name that no other test, and no other run, uses; for objects of the test process itself.
pub fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{name}-{}-{number}", std::process::id())
}

/// Set in the environment of every process that a test starts; its value is added to the names in scripts.
pub const ROLE: &str = "MAPVIEW_TEST_SUFFIX";

/// Whether this process was started by a test. The hidden tests that are bodies of such processes ask this first.
pub fn is_child() -> bool {
    std::env::var_os(ROLE).is_some()
}

/// A name of a script as the peers of this world use it.
pub fn with_suffix(name: &str) -> String {
    let suffix = std::env::var(ROLE).unwrap_or_default();
    if name.is_empty() {
        return String::new();
    }
    format!("{name}{suffix}")
}

/// The code of a refusal; fails when there is none.
#[track_caller]
pub fn code<T>(result: mapview::Result<T>) -> u32 {
    match result {
        Ok(_) => panic!("this should have been refused"),
        Err(error) => error.win32_code(),
    }
}

#[test]
#[ignore = "not a test: the body of the processes that tests start"]
fn peer_process() {
    if is_child() {
        obey::obey();
    }
}
