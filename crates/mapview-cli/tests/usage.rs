//! The command line itself: help, exit codes, completions, and readers that leave.

mod common;

use common::{code, words, Home};

const COMMANDS: [&str; 18] = [
    "demo",
    "create",
    "put",
    "cat",
    "wait",
    "signal",
    "ls",
    "pub",
    "sub",
    "watch",
    "bench",
    "inspect",
    "sum",
    "find",
    "scan",
    "copy",
    "reverse",
    "completions",
];

#[test]
fn every_command_has_help_with_examples() {
    let home = Home::new();
    for command in COMMANDS {
        let help = String::from_utf8(home.ok(&[command, "--help"])).unwrap();
        assert!(help.contains("Examples:") && help.contains("mapview "), "{command}: {help}");
    }
    let help = String::from_utf8(home.ok(&["--help"])).unwrap();
    assert!(COMMANDS.iter().all(|command| help.contains(command)), "{help}");
    assert!(help.contains("Exit codes:") && !help.contains("demo-"), "{help}");
    assert!(!help.contains("bench-peer"), "{help}");
    let bench = String::from_utf8(home.ok(&["bench", "channel", "--help"])).unwrap();
    assert!(bench.contains("Examples:") && bench.contains("p999_ns"), "{bench}");
    for lesson in ["paging", "cow"] {
        let help = String::from_utf8(home.ok(&["demo", lesson, "--help"])).unwrap();
        assert!(help.contains("Examples:"), "{lesson}: {help}");
    }
    let version = String::from_utf8(home.ok(&["--version"])).unwrap();
    assert_eq!(version.trim(), concat!("mapview ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_way_to_fail_has_its_exit_code() {
    let home = Home::new();
    home.fails(2, &[] as &[&str]);
    home.fails(2, &["nonsense"]);
    home.fails(2, &["create", "x"]);
    home.fails(2, &["create", "x", "--size", "64X"]);
    home.fails(2, &["create", "x", "--size", "0"]);
    home.fails(2, &["create", "x", "--size", "4K", "--exclusive"]);
    home.fails(2, &["demo", "--count", "0"]);
    home.fails(2, &["reverse", "x", "--in-place", "-o", "y"]);
    home.fails(3, &["cat", &home.name("missing")]);
    home.fails(3, &["put", &home.name("missing")]);
    home.fails(3, &["wait", &home.name("missing")]);
    home.fails(3, &["signal", &home.name("missing")]);
    home.fails(5, &["wait", "--event", &home.name("never"), "--timeout", "0"]);
    home.fails(2, &["wait"]);
    home.fails(3, &["watch", &home.name("missing")]);
    home.fails(2, &["watch", "x", "--count", "0"]);
    home.fails(2, &["pub", "x", "--ring", "--depth", "4"]);
    home.fails(2, &["sub", "x", "--ring", "--history", "4"]);
    home.fails(2, &["sub", "x", "--json", "--format", "raw"]);
    home.fails(2, &["wait", "x", "--timeout", "-1"]);
    home.fails(2, &["signal", "x", "--reset", "--pulse"]);
    home.fails(2, &["signal", "x", "--count", "0"]);
    home.fails(3, &["reverse", common::text(&home.path("missing"))]);
    let huge = home.fails(1, &["create", &home.name("huge"), "--size", "1000T"]);
    assert!(huge.contains("memory"), "{huge}");
}

#[test]
fn there_are_completions_for_every_shell() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = String::from_utf8(home.ok(&["completions", shell])).unwrap();
        assert!(script.contains("reverse") && script.contains("in-place"), "{shell}");
        assert!(script.contains("wait-for") && script.contains("until-end"), "{shell}");
        assert!(
            !script.contains("demo-role")
                && !script.contains("demo-peer")
                && !script.contains("bench-peer"),
            "{shell}: not for people"
        );
    }
    home.fails(2, &["completions", "smalltalk"]);
}

#[test]
fn a_reader_who_has_seen_enough_ends_the_program_quietly() {
    let home = Home::new();
    let name = home.name("long");
    let (_holder, _) = home.hold(&[&name, "--size", "1M"]);
    let demo = home.name("demo");
    let commands: [&[&str]; 11] = [
        &["ls"],
        &["ls", "--json"],
        &["cat", &name],
        &["cat", &name, "--json"],
        &["completions", "bash"],
        &["demo", "--interval", "0", "--name", &demo],
        &["demo", "--interval", "0", "--name", &demo, "--json"],
        &["demo", "paging"],
        &["demo", "cow", "--json"],
        &["bench", "channel"],
        &["--help"],
    ];
    for command in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = home.command(command).stdout(writer).output().unwrap();
        assert_eq!((code(&output), words(&output).as_str()), (0, ""), "{command:?}");
    }
    home.fails(3, &["cat", &demo]);
}
