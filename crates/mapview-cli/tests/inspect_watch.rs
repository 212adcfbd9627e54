//! `mapview inspect --watch`: shows what changes, and leaves the terminal as it was.
#![cfg(target_os = "linux")] // signals, and terminals of our own

mod common;

use std::io::{BufRead, BufReader};

use common::terminal::{interrupt, Terminal};
use common::{json, text, Home};

#[test]
fn programs_get_a_line_each_time_until_ctrl_c() {
    let home = Home::new();
    let file = home.file("f", 8192);
    let mut child =
        home.command(&["inspect", text(&file), "--json", "--watch", "0.01"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || json(lines.next().unwrap().unwrap().as_bytes());
    assert_eq!(next()["size"], 8192);
    std::fs::write(&file, [1; 12288]).unwrap();
    while next()["size"] != 12288 {}
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_end_of_what_is_watched_ends_it() {
    let home = Home::new();
    let name = home.name("mortal");
    let (holder, _) = home.hold(&[&name, "--size", "4K"]);
    let mut child = home.command(&["inspect", &name, "--watch", "0.01"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    holder.kill();
    while lines.next().is_some() {}
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn a_terminal_is_redrawn_in_place_and_left_in_order() {
    let home = Home::new();
    let file = home.file("f", 8192);
    let mut command = home.command(&["inspect", text(&file), "--watch", "0.01"]);
    let (mut terminal, mut child) = Terminal::start(&mut command, 100, 40);
    terminal.wait_for("8K, 8K in memory", 1);
    terminal.wait_for("A\r", 3); // the cursor went up again
    std::fs::write(&file, [1; 12288]).unwrap();
    terminal.wait_for("12K, 12K in memory", 1);
    interrupt(&child);
    let seen = terminal.rest();
    assert_eq!(child.wait().unwrap().code(), Some(0));

    assert!(seen.starts_with("\x1b[?25l\x1b[?7l"), "{seen:?}");
    assert!(seen.ends_with("\x1b[?7h\x1b[?25h"), "{seen:?}");
    assert_eq!(
        seen.matches("8K, 8K in memory").count(),
        1,
        "what is the same is not written again"
    );
    assert!(seen.contains("\x1b[36m▓"), "in colour: {seen:?}");
}

#[test]
fn a_low_terminal_shows_what_fits_and_without_colours_if_so_wanted() {
    let home = Home::new();
    let file = home.file("f", 8192);
    let mut command = home.command(&["inspect", text(&file), "--watch", "0.01"]);
    command.env("NO_COLOR", "1");
    let (mut terminal, mut child) = Terminal::start(&mut command, 60, 5);
    terminal.wait_for("more lines)", 1);
    terminal.wait_for("\x1b[4A", 2);
    interrupt(&child);
    let seen = terminal.rest();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(seen.contains("file `") && !seen.contains("\x1b[1m"), "{seen:?}");
}

#[test]
fn a_map_once_in_a_terminal_takes_its_width_and_colours() {
    let home = Home::new();
    let file = home.file("f", 200 * 4096);
    let (terminal, mut child) =
        Terminal::start(&mut home.command(&["inspect", text(&file)]), 150, 40);
    let seen = terminal.rest();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(
        seen.contains("  0 │\x1b[") && seen.contains("512K │\x1b["),
        "rows of 128 pages: {seen:?}"
    );
}
