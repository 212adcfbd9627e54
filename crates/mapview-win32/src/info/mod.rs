//! What a program asks about the system and itself: texts of errors, code pages, environment, modules, time, versions.

mod case;
mod code_page;
mod compare;
mod format_message;
mod messages;
mod strings;
