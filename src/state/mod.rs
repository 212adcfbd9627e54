//! The words of the objects and their transitions: pure, never blocking, no system call.

pub(crate) mod mutex;

#[cfg(test)]
mod mutex_tests;
