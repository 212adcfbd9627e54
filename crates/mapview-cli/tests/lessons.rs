//! `mapview demo paging` and `mapview demo cow`: what they show is measured, so it must be what the system does.

mod common;

use std::path::PathBuf;

use common::{json, text, Home};
use serde_json::Value;

const PAGE: u64 = 4096;

fn steps(home: &Home, lesson: &str, directory: &std::path::Path) -> Vec<Value> {
    let args = ["demo", lesson, "--json", "--directory", text(directory)];
    let output = home.ok(&args);
    output.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(json).collect()
}

fn step<'a>(steps: &'a [Value], title: &str) -> &'a Value {
    steps
        .iter()
        .find(|step| step["title"] == title)
        .unwrap_or_else(|| panic!("no step {title} in {steps:#?}"))
}

/// A number from the totals of the map that shows `who` at this moment of the step.
fn total(step: &Value, moment: &str, who: &str, what: &str) -> u64 {
    let maps = step["maps"].as_array().unwrap();
    let found = maps.iter().find(|map| map["moment"] == moment && map["who"] == who);
    let map = found.unwrap_or_else(|| panic!("no {who} {moment} in {step:#}"));
    map["totals"][what].as_u64().unwrap_or(0)
}

/// A directory of ours on a disk, if `/var/tmp` is on one, which is where the demo would go by itself.
fn directory(home: &Home) -> PathBuf {
    let path = PathBuf::from("/var/tmp").join(home.name("lesson"));
    if cfg!(unix) && std::fs::create_dir(&path).is_ok() {
        path
    } else {
        home.path("namespace")
    }
}

#[test]
fn paging_shows_what_each_touch_brings() {
    let home = Home::new();
    let directory = directory(&home);
    let steps = steps(&home, "paging", &directory);
    let left: Vec<_> = std::fs::read_dir(&directory).unwrap().collect();
    assert!(left.is_empty() || directory.ends_with("namespace"), "{left:?} is left behind");
    let _ = std::fs::remove_dir(&directory);

    let numbers: Vec<u64> = steps.iter().map(|step| step["step"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<u64>>());
    let said = |step: &Value| step["said"].as_array().unwrap().iter().all(Value::is_string);
    assert!(steps.iter().all(said), "{steps:#?}");
    let ours = "this process";

    assert_eq!(total(step(&steps, "We map it"), "after", ours, "present"), 0);
    let first = step(&steps, "First touch");
    assert_eq!(total(first, "before", ours, "present"), 0);
    assert!(total(first, "after", ours, "present") >= PAGE, "{first:#}");
    let more = step(&steps, "More touches");
    let (before, after) =
        (total(more, "before", ours, "present"), total(more, "after", ours, "present"));
    assert!(after >= 9 * PAGE && after >= before, "{more:#}");
    let shared = step(&steps, "Another process touches them");
    if cfg!(target_os = "linux") {
        assert!(total(shared, "after", "other process", "present") >= 9 * PAGE, "{shared:#}");
        assert!(total(shared, "after", ours, "shared") >= 9 * PAGE, "{shared:#}");
        assert!(total(step(&steps, "Everybody leaves"), "after", "the file", "cached") >= 9 * PAGE);
        let dropped = step(&steps, "The pages are dropped from memory");
        let [cached, on_disk] =
            ["cached", "on_disk"].map(|what| total(dropped, "after", "the file", what));
        // What was written is on the disk, or still in memory where there is none.
        assert!(on_disk >= 6 * PAGE || cached >= 6 * PAGE, "{dropped:#}");
    }
    let again = step(&steps, "Touched again");
    assert!(total(again, "after", ours, "present") >= PAGE, "{again:#}");
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_written_is_dirty_until_it_is_flushed() {
    let home = Home::new();
    let directory = directory(&home);
    let on_tmpfs = rustix::fs::statfs(&directory).unwrap().f_type == 0x0102_1994;
    // The system may write it at any moment by itself, but not each time.
    let dirty = (0..20).any(|_| {
        let steps = steps(&home, "paging", &directory);
        let flushed = step(&steps, "We flush");
        assert_eq!(total(flushed, "after", "this process", "dirty"), 0, "{flushed:#}");
        total(step(&steps, "We write"), "after", "this process", "dirty") == 6 * PAGE
    });
    let _ = std::fs::remove_dir(&directory);
    assert!(dirty || on_tmpfs);
}

#[test]
fn cow_shows_private_copies_of_exactly_what_was_written() {
    let home = Home::new();
    let directory = home.path("lesson");
    std::fs::create_dir(&directory).unwrap();
    let steps = steps(&home, "cow", &directory);
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 0, "something is left behind");
    let private = |step: &Value| {
        ["this process", "other process"].map(|who| total(step, "after", who, "private"))
    };

    let own = &step(&steps, "Everybody sees their own")["said"];
    assert_eq!(own[0], "page  0: we see A, the other process sees A, the file has A");
    assert_eq!(own[2], "page 10: we see B, the other process sees C, the file has A");
    assert_eq!(
        step(&steps, "Both unmap it")["said"][0],
        "The copies are gone. Not a byte of the file has changed."
    );
    if cfg!(target_os = "linux") {
        let read = step(&steps, "Both read all of it");
        assert_eq!(private(read), [0, 0]);
        assert_eq!(total(read, "after", "this process", "shared"), 32 * PAGE, "{read:#}");
        assert_eq!(private(step(&steps, "We write")), [8 * PAGE, 0]);
        assert_eq!(private(step(&steps, "The other process writes")), [8 * PAGE, 6 * PAGE]);
    }
}

#[test]
fn people_get_maps_and_a_key() {
    let home = Home::new();
    for lesson in ["paging", "cow"] {
        let said = home.ok(&["demo", lesson, "--directory", text(&home.path("namespace"))]);
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains("1. ") && said.contains("before") && said.contains("│"), "{said}");
        assert!(said.contains("█ present"), "{said}");
        assert!(!said.contains('\x1b'), "colours are for terminals: {said}");
        let mut lines = said
            .lines()
            .filter(|line| !line.starts_with("The file is ") && !line.starts_with("not told: "));
        assert!(lines.all(|line| line.chars().count() <= 120), "{said}");
    }
    home.fails(3, &["demo", "cow", "--directory", text(&home.path("missing"))]);
    home.fails(2, &["demo", "--count", "3", "cow"]);
    home.fails(2, &["demo", "nonsense"]);
}

#[test]
#[cfg(target_os = "linux")]
fn enter_goes_on_and_ctrl_c_leaves_nothing_behind() {
    use common::terminal::{interrupt, Terminal};
    let home = Home::new();
    let directory = home.path("lesson");
    std::fs::create_dir(&directory).unwrap();
    let mut command = home.command(&["demo", "paging", "--pause", "--directory", text(&directory)]);
    let (mut terminal, mut child) = Terminal::start(&mut command, 100, 40);
    terminal.wait_for("(Enter goes on)", 1);
    terminal.press_enter();
    terminal.wait_for("(Enter goes on)", 2);
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1);
    interrupt(&child);
    let seen = terminal.rest();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(seen.contains("2. We map it") && !seen.contains("3. First touch"), "{seen:?}");
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 0, "something is left behind");
}
