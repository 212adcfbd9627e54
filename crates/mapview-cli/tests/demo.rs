//! `mapview demo`: three processes, and one that dies with the lock.

mod common;

use common::{json, Home};
use serde_json::Value;

fn events(output: &[u8]) -> Vec<Value> {
    output.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(json).collect()
}

fn only<'a>(events: &'a [Value], name: &str) -> &'a Value {
    let mut found = events.iter().filter(|event| event["event"] == name);
    let first = found.next().unwrap_or_else(|| panic!("no {name} in {events:#?}"));
    assert!(found.next().is_none(), "more than one {name} in {events:#?}");
    first
}

#[test]
fn the_survivors_go_on_to_the_end() {
    let home = Home::new();
    let name = home.name("demo");
    let args = ["demo", "--count", "50", "--interval", "0", "--json", "--name", &name];
    let events = events(&home.ok(&args));

    let created = only(&events, "created");
    assert_eq!((&created["role"], &created["mapping"]), (&"creator".into(), &name.as_str().into()));
    let killed = only(&events, "killed");
    assert_eq!((&killed["victim"], &killed["victim_pid"]), (&"creator".into(), &created["pid"]));
    let abandoned = only(&events, "abandoned");
    assert_ne!(abandoned["pid"], created["pid"]);
    assert_eq!(abandoned["undone"], only(&events, "holding")["draft"]);
    let took_over = only(&events, "took_over");
    assert_eq!(took_over["successor_pid"], abandoned["pid"]);
    assert!(took_over["after_us"].as_u64().unwrap() < 5_000_000, "{took_over}");

    let of = |name: &'static str| events.iter().filter(move |event| event["event"] == name);
    let produced: Vec<u64> = of("produced").map(|event| event["value"].as_u64().unwrap()).collect();
    assert_eq!(produced, (1..=50).collect::<Vec<u64>>(), "no value is lost and none comes twice");
    let mut next = 1;
    for event in of("consumed") {
        assert_eq!(event["first"], next);
        next = event["last"].as_u64().unwrap() + 1;
    }
    assert_eq!(next, 51);
    let mut pids: Vec<u64> = events.iter().map(|event| event["pid"].as_u64().unwrap()).collect();
    pids.sort();
    pids.dedup();
    assert_eq!(pids.len(), 4, "the director and three processes");

    let summary = events.last().unwrap();
    assert_eq!(summary, only(&events, "summary"));
    assert_eq!((&summary["ok"], &summary["left_behind"]), (&true.into(), &0.into()));
    assert_eq!((&summary["sum"], &summary["expected"]), (&1275.into(), &1275.into()));
    home.fails(3, &["cat", &name]);
}

#[test]
fn people_are_told_as_well_and_the_shortest_play_works() {
    let home = Home::new();
    for count in ["1", "2", "3"] {
        let name = home.name(count);
        let said = home.ok(&["demo", "--count", count, "--interval", "0", "--name", &name]);
        let said = String::from_utf8(said).unwrap();
        for words in
            ["created", "killed the creator", "ABANDONED", "ms after the kill", "all right"]
        {
            assert!(said.contains(words), "{words} is missing in {said}");
        }
        assert!(!said.contains('\x1b'), "colours are for terminals");
    }
}

#[test]
fn a_taken_name_stops_the_demo_with_its_code() {
    let home = Home::new();
    let name = home.name("taken");
    let (_holder, _) = home.hold(&[&name, "--size", "4K"]);
    let error = home.fails(4, &["demo", "--name", &name]);
    assert!(error.contains("already exists"), "{error}");
    home.fails(2, &["demo", "--name", "a\\b"]);
}
