//! The headers: that compilers of every kind and standard take them, and that they say what Windows' say.
#![cfg(target_os = "linux")]

#[path = "../tools/mod.rs"]
mod tools;

mod library;
mod matrix;
mod mingw;
