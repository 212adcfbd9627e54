//! The `mapview` program.
fn main() {}
