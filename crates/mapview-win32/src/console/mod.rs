//! The console: the terminal of the process, as far as terminals of Linux can do what consoles do.

mod attributes;
mod control;
mod mode;
mod os;
mod text;
