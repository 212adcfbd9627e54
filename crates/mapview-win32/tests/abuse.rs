//! Programs that misuse what they can: garbage for arguments, handles that others close, threads stopped wherever they are.
//! They must neither crash nor hang, also with the sanitizers of the C compiler.
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
fn survives(program: &str) {
    let source = format!("{}/tests/abuse/{program}", env!("CARGO_MANIFEST_DIR"));
    if let Err(failed) = run::sanitized(&build::Scenario::at(source.as_ref())) {
        panic!("{}", failed.message().unwrap_or_default());
    }
}

#[test]
fn garbage_gets_errors() {
    survives("garbage.c");
}

#[test]
fn handles_and_views_may_go_while_others_use_them() {
    survives("races.c");
}

#[test]
fn what_threads_used_that_were_terminated_works_for_the_others() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/abuse/terminated.c");
    // Not sanitized: the sanitizer's own locks are lost with such threads, as those of `malloc` may be.
    if let Err(failed) = run::linux_alone(&build::Scenario::at(source.as_ref())) {
        panic!("{}", failed.message().unwrap_or_default());
    }
}
