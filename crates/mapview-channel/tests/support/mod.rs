//! Real processes for the tests: the test binary runs itself again, and the copy runs one of its hidden tests, the body.
//!
//! ```ignore
//! #[test]
//! #[ignore = "not a test: the body of a process"]
//! fn echo() {
//!     let Some(part) = part() else { return };
//!     let mut receiver = Receiver::open(&part.words[0]).unwrap();
//!     part.say("ready");
//!     part.say(receiver.recv().unwrap().len());
//! }
//!
//! let mut peer = Peer::start("echo", &[&name]);
//! assert_eq!(peer.hear(), "ready");
//! sender.send(b"hello").unwrap();
//! assert_eq!(peer.hear(), "5");
//! peer.join(); // or `kill`
//! ```
#![allow(dead_code, unused_imports)] // every test binary uses another part of this

mod part;
mod peer;
mod random;

pub use part::{part, Part};
pub use peer::Peer;
pub use random::Random;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Long enough for everything on a busy machine; a test that waits longer has found a hang.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A name that no other test, and no other run, uses.
pub fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("mapview-test-{name}-{}-{number}", std::process::id())
}

/// Asks again and again until it is so.
#[track_caller]
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !so() {
        assert!(begin.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_micros(200));
    }
}
