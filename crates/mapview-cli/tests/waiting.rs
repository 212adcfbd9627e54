//! `wait` and `signal`: real processes that wait for each other.

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout};

use common::{json, Home};
use serde_json::{json, Value};

/// A `mapview wait --json` that has its objects open; `next` reads what it says.
struct Waiter {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Waiter {
    fn start(home: &Home, args: &[&str]) -> Waiter {
        let args: Vec<&str> = ["wait", "--json"].iter().chain(args).copied().collect();
        let mut child = home.command(&args).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let mut waiter = Waiter { child, said };
        assert!(waiter.next()["waiting"].is_array());
        waiter
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        json(line.as_bytes())
    }

    fn end(mut self) -> (Option<i32>, Value) {
        let said = self.next();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let _ = self.child.kill(); // has ended, unless the test failed
        let _ = self.child.wait();
    }
}

#[cfg(target_os = "linux")]
fn row(home: &Home, name: &str) -> Value {
    let lines = home.ok(&["ls", "--json"]);
    let rows = lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(json);
    rows.into_iter().find(|row| row["name"] == name).expect("it is listed")
}

#[test]
fn a_signal_ends_a_wait() {
    let home = Home::new();
    let (ready, other) = (home.name("ready"), home.name("other"));
    let waiter = Waiter::start(&home, &["--event", &other, &ready]);
    assert_eq!(json(&home.ok(&["signal", &ready, "--json"]))["kind"], "event");
    assert_eq!(waiter.end(), (Some(0), json!({ "signaled": [ready], "abandoned": false })));
    home.fails(3, &["signal", &ready]);
}

#[test]
fn a_wait_for_all_needs_all() {
    let home = Home::new();
    let (a, b) = (home.name("a"), home.name("b"));
    let waiter = Waiter::start(&home, &["--event", "--all", &a, &b]);
    home.ok(&["signal", &a]);
    assert_eq!(home.ok(&["wait", &a, "--timeout", "0"]), format!("{a}\n").as_bytes());
    home.fails(5, &["wait", &a, "--timeout", "0"]);
    home.ok(&["signal", &b]);
    home.ok(&["signal", &a]);
    assert_eq!(waiter.end(), (Some(0), json!({ "signaled": [a, b], "abandoned": false })));
}

#[test]
fn the_wrong_signal_is_refused() {
    let home = Home::new();
    let name = home.name("event");
    let waiter = Waiter::start(&home, &["--event", &name]);
    home.fails(1, &["signal", &name, "--count", "2"]);
    home.ok(&["signal", &name, "--reset"]);
    home.ok(&["signal", &name]);
    assert_eq!(waiter.end().0, Some(0));
    let mapping = home.name("mapping");
    let (_holder, _) = home.hold(&[&mapping, "--size", "4K"]);
    home.fails(1, &["signal", &mapping]);
    home.fails(1, &["wait", &mapping]);
}

#[test]
#[cfg(target_os = "linux")]
fn ls_shows_who_waits() {
    let home = Home::new();
    let name = home.name("waited-for");
    let waiter = Waiter::start(&home, &["--event", &name]);
    let pid = waiter.child.id();
    // It said so just before it went to sleep.
    let mut seen = row(&home, &name);
    for _ in 0..10_000 {
        if seen["waiters"] != json!([]) {
            break;
        }
        seen = row(&home, &name);
    }
    assert_eq!(seen["waiters"], json!([{ "process": pid, "thread": pid }]));
    assert_eq!((&seen["kind"], &seen["state"]), (&json!("event"), &json!("not set")));
    let table = String::from_utf8(home.ok(&["ls"])).unwrap();
    assert!(table.contains(&format!("{pid}/{pid}")), "{table}");
    home.ok(&["signal", &name]);
    assert_eq!(waiter.end().0, Some(0));
}
