//! `bench channel`: it measures what it says, with a second process that ends with it.

mod common;

use common::{json, Home};
use serde_json::Value;

#[test]
fn every_kind_is_measured() {
    let home = Home::new();
    let lines = home.ok(&["bench", "channel", "--seconds", "0.02", "--size", "100", "--json"]);
    let rows: Vec<Value> = lines.split_inclusive(|&byte| byte == b'\n').map(json).collect();
    let what: Vec<&str> = rows.iter().map(|row| row["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["lines", "ring", "topic", "service", "pipe"]);
    for row in &rows {
        let at = |field: &str| row[field].as_u64().unwrap();
        assert!(at("samples") > 0 && at("size") == 100, "{row}");
        assert!(at("p50_ns") <= at("p99_ns") && at("p99_ns") <= at("max_ns"), "{row}");
        let streams = !matches!(row["what"].as_str(), Some("lines" | "service"));
        assert_eq!(row["messages_per_second"].is_number(), streams, "{row}");
    }
    let table = String::from_utf8(home.ok(&["bench", "channel", "--seconds", "0"])).unwrap();
    assert!(table.contains("p99.9") && table.lines().count() == 8, "{table}");
    if cfg!(target_os = "linux") {
        assert_eq!(home.ok(&["ls", "--json"]), b"", "nothing is left");
    }
    home.fails(2, &["bench", "channel", "--size", "7"]);
    home.fails(2, &["bench"]);
}
