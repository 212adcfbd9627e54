//! What only some systems have: their groups of rows, peers, and preparations.

#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod linux;

#[cfg(target_os = "linux")]
pub use linux::{be_peer, prepare, GROUPS};

#[cfg(not(target_os = "linux"))]
mod other {
    /// No rivals here.
    pub const GROUPS: &[crate::Group] = &[];

    /// No row here needs other processes.
    pub fn be_peer(_: &[String]) {}

    /// Nothing to prepare.
    pub fn prepare() {}
}

#[cfg(not(target_os = "linux"))]
pub use other::{be_peer, prepare, GROUPS};
