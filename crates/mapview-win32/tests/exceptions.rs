//! Exceptions that end processes, and those that Wine 8 cannot have: under it a debugger would come up.
#![cfg(target_os = "linux")]

#[allow(dead_code)] // what only the comparison with Wine needs
#[path = "oracle/build.rs"]
mod build;
#[allow(dead_code)]
#[path = "oracle/run.rs"]
mod run;
#[allow(dead_code)]
#[path = "oracle/transcript.rs"]
mod transcript;

#[test]
fn processes_end_with_the_exceptions_that_nobody_handles() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/exceptions/unhandled.c");
    let scenario = build::Scenario::at(source.as_ref());
    if let Err(failed) = run::linux_alone(&scenario) {
        panic!("{}", failed.message().unwrap_or_default());
    }
}
