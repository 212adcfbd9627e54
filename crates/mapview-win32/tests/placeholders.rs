//! Programs for functions that Wine 8 lacks: placeholders, `MapViewOfFile3`, `CreateFileMapping2`. Their rows say what
//! Windows does.
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

#[track_caller]
fn holds(program: &str) {
    let source = format!("{}/tests/placeholders/{program}", env!("CARGO_MANIFEST_DIR"));
    let scenario = build::Scenario::at(source.as_ref());
    if let Err(failed) = run::linux_alone(&scenario) {
        panic!("{}", failed.message().unwrap_or_default());
    }
}

#[test]
fn a_ring_buffer_wraps_by_itself() {
    holds("ring_buffer.cpp");
}

#[test]
fn placeholders_are_cut_joined_replaced_and_left_as_on_windows() {
    holds("placeholders.c");
}

#[test]
fn newer_functions_take_their_arguments_as_on_windows() {
    holds("newer_functions.c");
}

#[test]
fn private_memory_takes_the_place_of_placeholders() {
    holds("memory_placeholders.c");
}

#[test]
fn parameters_say_where_memory_lies() {
    holds("memory_parameters.c");
}
