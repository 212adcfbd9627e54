//! What a program asks about the system and itself: texts of errors, code pages, environment, modules, time, versions.

mod calendar;
mod case;
mod clock;
mod code_page;
mod compare;
mod debug;
mod directories;
mod environment;
mod format_message;
mod identity;
mod message_box;
mod messages;
mod modules;
mod os;
mod strings;
mod system;
mod time_zone;
mod version;
