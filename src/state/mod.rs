//! The words of the objects and their transitions: pure, never blocking, no system call.

pub(crate) mod count;
pub(crate) mod decision;
pub(crate) mod latest;
pub(crate) mod manual;
pub(crate) mod mutex;
pub(crate) mod once;
pub(crate) mod parts;
mod tagged;
pub(crate) mod timer;
pub(crate) mod value;

#[cfg(test)]
mod count_claim_tests;
#[cfg(test)]
mod count_model;
#[cfg(test)]
mod count_tests;
#[cfg(test)]
mod decision_tests;
#[cfg(test)]
mod manual_tests;
#[cfg(test)]
mod mutex_tests;
#[cfg(test)]
mod parts_tests;
#[cfg(test)]
mod timer_tests;

/// How much chance a property gets; Miri is a thousand times slower.
#[cfg(test)]
fn cases(cases: u32) -> proptest::test_runner::Config {
    let cases = if cfg!(miri) { cases / 100 } else { cases };
    proptest::test_runner::Config { cases, failure_persistence: None, ..Default::default() }
}
