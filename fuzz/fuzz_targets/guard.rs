//! Random truncations under guarded views, copies and access in place. `cargo +nightly fuzz run guard -- -detect_leaks=0`:
//! the handlers that were there before the guard are kept for good on purpose.
#![no_main]

#[path = "../../tests/support/truncations.rs"]
mod truncations;

libfuzzer_sys::fuzz_target!(|numbers: &[u8]| truncations::play(numbers));
