//! `mapview reverse`, killed at points all over its run.

mod common;

use std::fs;
#[cfg(unix)]
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use common::{json, text, Held, Home};

const LEN: usize = 1_000_003;
const KILLS: u32 = 20;

/// Starts it, kills it after a part of the time the whole takes, and tells whether it had ended before.
fn run_and_kill(home: &Home, args: &[&str], delay: Duration) -> bool {
    let mut child = home.command(args).spawn().unwrap();
    std::thread::sleep(delay); // a point to kill at, not a wait for anything
    child.kill().unwrap();
    child.wait().unwrap().success()
}

fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn reversed() -> Vec<u8> {
    let mut bytes = common::noise(LEN);
    bytes.reverse();
    bytes
}

fn is(file: &Path, bytes: &[u8]) -> bool {
    fs::read(file).unwrap() == bytes
}

#[test]
fn killed_at_any_moment_the_file_is_the_original_or_the_result() {
    let home = Home::new();
    let (original, result) = (common::noise(LEN), reversed());
    let file = home.file("data", LEN);
    let args = ["reverse", text(&file), "--window", "4K"];
    let whole = time(|| drop(home.ok(&args)));
    for kill in 0..KILLS {
        home.file("data", LEN);
        let ended = run_and_kill(&home, &args, whole * kill / KILLS);
        assert!(is(&file, &original) && !ended || is(&file, &result), "kill {kill}");
        let files = home.files();
        assert!(files == ["data"] || files == [".data.mapview-tmp", "data"], "{files:?}");
    }
    home.file("data", LEN);
    home.ok(&args);
    assert!(is(&file, &result));
    assert_eq!(home.files(), ["data"], "the last run cleans up behind the killed ones");
}

#[test]
fn killed_at_any_moment_in_place_goes_on_to_the_result() {
    let home = Home::new();
    let (original, result) = (common::noise(LEN), reversed());
    let file = home.file("data", LEN);
    let args = ["reverse", text(&file), "--in-place", "--window", "16K"];
    let whole = time(|| drop(home.ok(&args)));
    for kill in 0..KILLS {
        home.file("data", LEN);
        // Killed once on the way, and once more on the way after that.
        let mut ended = run_and_kill(&home, &args, whole * kill / KILLS);
        if !ended && home.path(".data.mapview-reverse").exists() {
            let error = home.fails(4, &["reverse", text(&file)]);
            assert!(error.contains("--in-place"), "the message names the remedy: {error}");
            ended = run_and_kill(&home, &args, whole / 4);
        }
        if home.path(".data.mapview-reverse").exists() {
            // Another --window does not matter, the journal knows.
            let said = home.ok(&["reverse", text(&file), "--in-place", "--json"]);
            assert_eq!(json(&said)["resumed"], true);
        } else if !ended && is(&file, &original) {
            home.ok(&args);
        }
        assert!(is(&file, &result), "kill {kill}");
        assert_eq!(home.files(), ["data"], "kill {kill}");
    }
    // On a busy machine all of these may have come too early or too late; this one does not.
    home.file("data", LEN);
    half_reversed(&home, &file);
    let said = home.ok(&["reverse", text(&file), "--in-place", "--json"]);
    assert_eq!(json(&said)["resumed"], true);
    assert!(is(&file, &result));
}

/// Kills an in-place run that has done some of its pairs.
fn half_reversed(home: &Home, file: &Path) {
    // Windows so small that the end is far.
    let args = ["reverse", text(file), "--in-place", "--window", "512"];
    let mut child = home.command(&args).spawn().unwrap();
    let journal = home.path(".data.mapview-reverse");
    // The number of the pair in the first slot of the journal: 0, 2, 4, ...
    while fs::read(&journal).ok().and_then(|bytes| Some(*bytes.get(28)?)).unwrap_or(0) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "ended before it could be killed");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(journal.exists());
}

#[test]
fn a_file_that_changed_since_is_not_made_worse() {
    let home = Home::new();
    let file = home.file("data", LEN);
    let args = ["reverse", text(&file), "--in-place"];
    half_reversed(&home, &file);
    let half = fs::read(&file).unwrap();

    let restored = common::noise(LEN);
    let mut patched = half.clone();
    patched[5] ^= 1;
    let longer = [&half[..], b"!"].concat();
    for other in [restored, patched, longer, Vec::new()] {
        fs::write(&file, &other).unwrap();
        let error = home.fails(1, &args);
        assert!(error.contains("changed") && error.contains(".data.mapview-reverse"), "{error}");
        assert!(is(&file, &other), "a refused file is not touched");
    }
    // A copy of the half-done file and its journal is as good as the two themselves.
    fs::write(&file, &half).unwrap();
    home.ok(&args);
    assert!(is(&file, &reversed()));
    assert_eq!(home.files(), ["data"]);
}

/// An in-place run that has begun and, with windows so small, is far from its end.
fn long_run(home: &Home, file: &Path) -> Held {
    let args = ["reverse", text(file), "--in-place", "--window", "16"];
    let mut run = Held(home.command(&args).spawn().unwrap());
    while !home.path(".data.mapview-reverse").exists() {
        assert!(run.0.try_wait().unwrap().is_none(), "ended before it could be met");
    }
    run
}

#[test]
fn one_run_at_a_time() {
    let home = Home::new();
    let file = home.file("data", LEN);
    let _first = long_run(&home, &file);
    for way in [&[] as &[&str], &["--in-place"]] {
        let error = home.fails(4, &[&["reverse", text(&file)], way].concat());
        assert!(error.contains("another"), "{error}");
    }
}

#[test]
#[cfg(unix)]
fn an_interrupt_says_how_to_go_on_and_keeps_what_that_needs() {
    let home = Home::new();
    let file = home.file("data", LEN);
    let mut run = long_run(&home, &file);
    let pid = run.0.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(run.0.wait().unwrap().code(), Some(130));
    let mut said = String::new();
    run.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("run the same command again"), "{said}");
    assert_eq!(home.files(), [".data.mapview-reverse", "data"]);
}
