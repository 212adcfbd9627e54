//! `cargo xtask test`: everything CI runs, the same locally.
fn main() {}
