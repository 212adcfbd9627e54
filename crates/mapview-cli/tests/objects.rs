//! `create`, `put`, `cat`, `ls`: real processes that share a mapping.

mod common;

use common::{code, json, words, Home};
use serde_json::Value;

#[test]
fn what_is_put_into_a_mapping_comes_out_of_it_again() {
    let home = Home::new();
    let name = home.name("frames");
    let (_holder, said) = home.hold(&[&name, "--size", "64K"]);
    assert_eq!(said["created"], true);
    assert_eq!(said["size"], 65536);

    let output = home.feed(&["put", &name, "--offset", "0x10", "--json"], b"hello");
    let put = json(&output.stdout);
    assert_eq!((&put["written"], &put["offset"]), (&Value::from(5), &Value::from(16)));
    assert_eq!(home.ok(&["cat", &name, "--offset", "15", "--len", "7"]), b"\0hello\0");
    assert_eq!(home.ok(&["cat", &name]).len(), 65536);

    let cat = json(&home.ok(&["cat", &name, "--offset", "16", "--len", "5", "--json"]));
    assert_eq!(cat["hex"], "68656c6c6f");
    assert_eq!((&cat["size"], &cat["len"]), (&Value::from(65536), &Value::from(5)));
    assert_eq!(json(&home.ok(&["cat", &name, "--len", "0", "--json"]))["hex"], "");
}

#[test]
fn a_file_goes_in_whole_or_not_at_all() {
    let home = Home::new();
    let name = home.name("page");
    let (_holder, _) = home.hold(&[&name, "--size", "4096"]);
    let fits = home.file("fits", 4096);
    let large = home.file("large", 4097);

    home.fails(1, &["put", &name, common::text(&large)]);
    assert_eq!(home.ok(&["cat", &name]), [0; 4096]);
    home.ok(&["put", &name, common::text(&fits)]);
    assert_eq!(home.ok(&["cat", &name]), common::noise(4096));

    home.fails(1, &["put", &name, "--offset", "1", common::text(&fits)]);
    home.fails(1, &["put", &name, "--offset", "4096"]);
    home.fails(3, &["put", &name, common::text(&home.path("missing"))]);
    assert_eq!(code(&home.feed(&["put", &name], &[7; 4097])), 1);
}

#[test]
fn a_range_outside_the_mapping_is_a_failure() {
    let home = Home::new();
    let name = home.name("page");
    let (_holder, _) = home.hold(&[&name, "--size", "4096"]);
    home.fails(1, &["cat", &name, "--offset", "4097"]);
    home.fails(1, &["cat", &name, "--offset", "4000", "--len", "97"]);
    home.fails(1, &["cat", &name, "--offset", "1", "--len", "0xffffffffffffffff"]);
    assert_eq!(home.ok(&["cat", &name, "--offset", "4096"]), b"");
}

#[test]
fn creating_tells_whether_the_mapping_existed() {
    let home = Home::new();
    let name = home.name("twice");
    let (_holder, first) = home.hold(&[&name, "--size", "1M"]);
    let (_second, second) = home.hold(&[&name, "--size", "4K"]);
    assert_eq!((&first["created"], &second["created"]), (&true.into(), &false.into()));
    assert_eq!(second["size"], 1 << 20, "an existing mapping keeps its size");
    home.fails(4, &["create", &name, "--size", "4K", "--new"]);
}

#[test]
fn the_name_ends_with_the_last_holder_also_when_killed() {
    let home = Home::new();
    let name = home.name("mortal");
    let (first, _) = home.hold(&[&name, "--size", "4K"]);
    let (second, _) = home.hold(&[&name, "--size", "4K"]);
    assert_eq!(code(&home.feed(&["put", &name], b"x")), 0);
    first.kill();
    assert_eq!(home.ok(&["cat", &name, "--len", "1"]), b"x");
    second.kill();
    home.fails(3, &["cat", &name]);
    let (_again, said) = home.hold(&[&name, "--size", "4K"]);
    assert_eq!(said["created"], true);
    assert_eq!(home.ok(&["cat", &name, "--len", "1"]), b"\0");
}

#[test]
#[cfg(unix)]
fn a_signal_ends_the_holder_properly() {
    let home = Home::new();
    for signal in ["-INT", "-TERM"] {
        let name = home.name("signalled");
        let (mut holder, _) = home.hold(&[&name, "--size", "4K"]);
        let pid = holder.0.id().to_string();
        assert!(std::process::Command::new("kill")
            .args([signal, &pid])
            .status()
            .unwrap()
            .success());
        assert_eq!(holder.0.wait().unwrap().code(), Some(0), "{signal}");
        home.fails(3, &["cat", &name]);
    }
}

#[test]
fn a_file_can_back_the_mapping() {
    let home = Home::new();
    let name = home.name("backed");
    let file = home.file("data", 5000);
    let path = common::text(&file);
    let (holder, said) = home.hold(&[&name, "--file", path]);
    assert_eq!(said["size"], 5000);
    assert_eq!(code(&home.feed(&["put", &name, "--offset", "4999"], b"!")), 0);
    holder.kill();
    assert_eq!(std::fs::read(&file).unwrap().last(), Some(&b'!'));

    let (reader, said) = home.hold(&[&name, "--file", path, "--read-only"]);
    assert_eq!(said["created"], true);
    assert_eq!(home.ok(&["cat", &name]).len(), 5000);
    assert_eq!(code(&home.feed(&["put", &name], b"x")), 1, "read-only is read-only");
    reader.kill();

    let (_owner, _) = home.hold(&[&name, "--file", path, "--exclusive"]);
    home.fails(4, &["create", &home.name("other"), "--file", path]);
    home.fails(4, &["reverse", path]);
    home.fails(4, &["reverse", path, "--in-place"]);
    home.fails(3, &["create", &home.name("other"), "--file", common::text(&home.path("missing"))]);
}

#[test]
fn ls_shows_what_is_there() {
    let home = Home::new();
    let name = home.name("共享内存");
    let (holder, _) = home.hold(&[&name, "--size", "64K"]);
    let lines = home.ok(&["ls", "--json"]);
    let mut rows = lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(json);
    let row = rows.find(|row| row["name"] == name.as_str()).expect("our mapping is listed");
    assert_eq!((&row["kind"], &row["size"]), (&"mapping".into(), &65536.into()));
    assert_eq!(row["state"], "memory");
    if cfg!(target_os = "linux") {
        assert_eq!(row["holders"], serde_json::json!([holder.0.id()]));
        assert_eq!(row["allocated"], 65536, "the memory is there from the start");
    }

    let table = String::from_utf8(home.ok(&["ls"])).unwrap();
    assert!(table.starts_with("KIND "), "{table}");
    assert!(table.lines().any(|line| line.ends_with(&name) && line.contains("64K")), "{table}");
    assert!(!table.contains('\x1b'), "colours are for terminals");
}

#[test]
#[cfg(target_os = "linux")]
fn ls_in_an_empty_namespace_is_empty() {
    let home = Home::new();
    assert_eq!(home.ok(&["ls", "--json"]), b"");
    assert_eq!(home.ok(&["ls"]).split(|&byte| byte == b'\n').count(), 2, "the heading");
}

#[test]
fn bad_names_are_usage_errors_and_never_reach_the_terminal_raw() {
    let home = Home::new();
    for name in ["a\\b", "\\x", "Local\\"] {
        home.fails(2, &["cat", name]);
    }
    let error = home.fails(3, &["cat", &home.name("\x1b[31m")]);
    assert!(!error.contains('\x1b'), "{error}");
}

#[test]
fn sharing_is_said_in_one_word() {
    let home = Home::new();
    let name = home.name("shared");
    let (_holder, said) = home.hold(&[&name, "--size", "4K", "--share", "everybody:read"]);
    assert_eq!(said["created"], true);
    home.fails(2, &["create", &name, "--size", "4K", "--share", "everyone"]);
    let nobody =
        home.run(&["create", &home.name("g"), "--size", "4K", "--share", "group:no such:read"]);
    assert_ne!(code(&nobody), 0, "{}", words(&nobody));
}
