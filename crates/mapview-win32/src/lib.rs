//! The Win32 functions for file mappings, named objects, waits, memory, files and processes, on Linux.
//!
//! C and C++ sources written for Windows include `windows.h` from `include/mapview` and link this library. Each function is
//! one call of the public interface of `mapview` or of the system, between two translations: handles, text and access
//! masks on the way in ([`table`], [`text`]), last error and return value on the way out ([`last_error`]).
//!
//! On Windows the crate is empty: there the system has these functions.
#![cfg(target_os = "linux")]
#![allow(non_snake_case, non_camel_case_types)] // the names are those of Win32
#![allow(clippy::upper_case_acronyms)]
#![allow(clippy::missing_safety_doc)] // what the caller owes stands in the documentation of Win32

mod abi;
mod code;
mod console;
mod crt;
mod exception;
mod file;
mod handles;
mod info;
mod last_error;
mod local;
mod memory;
mod object;
mod pool;
mod process;
mod pseudo;
mod section;
mod shared;
mod sync;
mod table;
mod text;
mod thread;
mod wait;
