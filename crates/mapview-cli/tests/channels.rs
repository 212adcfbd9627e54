//! `pub`, `sub`, `watch` and `ls` on channels: real processes in pipelines.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};

use common::{code, json, noise, words, Held, Home};
use serde_json::Value;

/// What distinguishes a ring from a topic on the command line.
const RING: &[&str] = &["--ring"];
const TOPIC: &[&str] = &[];

/// Starts the program, which ends at the latest with the test.
fn start(home: &Home, args: &[&[&str]]) -> Held {
    let args: Vec<&str> = args.concat();
    Held(home.command(&args).stdin(Stdio::piped()).spawn().unwrap())
}

/// What was said on stderr, but for that it takes long until somebody comes.
fn complaints(said: &str) -> String {
    said.lines().filter(|line| !line.contains("waiting until")).collect()
}

/// Waits until it has ended; its exit code, stdout and complaints.
fn end(mut held: Held) -> (i32, Vec<u8>, String) {
    drop(held.0.stdin.take());
    let (mut out, mut words) = (Vec::new(), String::new());
    held.0.stdout.take().unwrap().read_to_end(&mut out).unwrap();
    held.0.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    (held.0.wait().unwrap().code().unwrap_or(-1), out, complaints(&words))
}

fn say(child: &mut Child, text: &[u8]) {
    child.stdin.as_mut().unwrap().write_all(text).unwrap();
}

/// Looks until a look satisfies; looks at what does not exist yet count as well.
fn look_until(home: &Home, name: &str, satisfies: impl Fn(&Value) -> bool) -> Value {
    loop {
        let output = home.run(&["watch", name, "--count", "1", "--json"]);
        if code(&output) == 0 {
            let seen = json(&output.stdout);
            if satisfies(&seen) {
                return seen;
            }
        } else {
            assert_eq!(code(&output), 3, "{}", words(&output));
        }
    }
}

fn alive(seen: &Value, role: &str) -> usize {
    let participants = seen["channel"]["participants"].as_array().unwrap();
    participants.iter().filter(|who| who["role"] == role && who["alive"] == true).count()
}

#[test]
fn a_pipeline_carries_every_line_whoever_comes_first() {
    let home = Home::new();
    for kind in [RING, TOPIC] {
        let name = home.name("numbers");
        let sub = start(&home, &[&["sub", &name, "--count", "3"], kind]);
        let published = home.feed(&[&["pub", &name][..], kind].concat(), b"1\n\n3");
        assert_eq!((code(&published), complaints(&words(&published))), (0, String::new()));
        assert_eq!(end(sub), (0, b"1\n\n3\n".to_vec(), String::new()));

        let mut publisher = start(&home, &[&["pub", &name], kind]);
        say(&mut publisher.0, b"a\nb\n");
        let sub = start(&home, &[&["sub", &name, "--count", "2"], kind]);
        assert_eq!(end(sub), (0, b"a\nb\n".to_vec(), String::new()));
        assert_eq!(end(publisher), (0, Vec::new(), String::new()));
        home.fails(3, &["watch", &name]);
    }
}

#[test]
fn any_bytes_pass_unchanged() {
    let home = Home::new();
    let input = noise(300_000);
    for kind in [RING, TOPIC] {
        for options in
            [&["--format", "raw"][..], &["--format", "nul"], &["--format", "raw", "--chunk", "1"]]
        {
            let input = if options.len() > 2 { &input[..2000] } else { &input[..] };
            let name = home.name("bytes");
            let sub = start(&home, &[&["sub", &name, "--until-end"], &options[..2], kind]);
            // The publisher ends when all was received, so somebody has to read meanwhile.
            let publishes = [&["pub", &name][..], options, kind].concat();
            let (published, (sub_code, got, said)) = std::thread::scope(|scope| {
                let publisher = scope.spawn(|| home.feed(&publishes, input));
                let received = end(sub);
                (publisher.join().unwrap(), received)
            });
            assert_eq!((code(&published), complaints(&words(&published))), (0, String::new()));
            assert_eq!((sub_code, said.as_str()), (0, ""));
            // The last message gets a mark, too.
            let got = got.strip_suffix(b"\0").filter(|_| options[1] == "nul").unwrap_or(&got);
            assert!(got == input, "{options:?}: {} of {} bytes", got.len(), input.len());
        }
        let name = home.name("framed");
        let sub = start(&home, &[&["sub", &name, "--count", "2", "--json"], kind]);
        let framed = b"\x03\0\0\0a\nb\x02\0\0\0\xff\0";
        let published =
            home.feed(&[&["pub", &name, "--format", "framed"][..], kind].concat(), framed);
        assert_eq!(code(&published), 0, "{}", words(&published));
        let (_, got, _) = end(sub);
        let lines: Vec<Value> = got.split_inclusive(|&byte| byte == b'\n').map(json).collect();
        assert_eq!((&lines[0]["text"], &lines[0]["hex"]), (&"a\nb".into(), &Value::Null));
        assert_eq!((&lines[1]["hex"], &lines[1]["number"]), (&"ff00".into(), &1.into()));
        assert_eq!((&lines[1]["len"], &lines[1]["text"]), (&2.into(), &Value::Null));
    }
}

#[test]
fn nothing_is_lost_when_a_receiver_is_killed() {
    let home = Home::new();
    let name = home.name("jobs");
    let mut publisher = start(&home, &[&["pub", &name], RING]);
    say(&mut publisher.0, b"1\n2\n3\n");
    let mut first = start(&home, &[&["sub", &name], RING]);
    let mut got = BufReader::new(first.0.stdout.take().unwrap()).lines();
    let mut seen = vec![got.next().unwrap().unwrap()];
    first.kill();
    seen.extend(got.map(|line| line.unwrap()));
    say(&mut publisher.0, b"4\n");
    let second = start(&home, &[&["sub", &name, "--until-end", "--json"], RING]);
    assert_eq!(end(publisher).0, 0);
    let (code, out, said) = end(second);
    assert_eq!((code, said.as_str()), (0, ""));
    let rest = out.split_inclusive(|&byte| byte == b'\n').map(json);
    for message in rest {
        let text = message["text"].as_str().unwrap().to_owned();
        // What was written and not yet released comes again, and says so; perhaps after what was sent later.
        let twice = seen.contains(&text);
        assert!(!twice || message["redelivered"] == true, "{message}");
        if !twice {
            seen.push(text);
        }
    }
    seen.sort();
    assert_eq!(seen, ["1", "2", "3", "4"]);
}

#[test]
fn the_end_of_a_stream_and_of_patience() {
    let home = Home::new();
    for kind in [RING, TOPIC] {
        let name = home.name("end");
        let timeout = [&["sub", &name, "--timeout", "0.1"][..], kind].concat();
        home.fails(5, &timeout);

        let publisher = start(&home, &[&["pub", &name], kind]);
        look_until(&home, &name, |seen| {
            !seen["channel"]["participants"].as_array().unwrap().is_empty()
        });
        let sub = start(&home, &[&["sub", &name, "--until-end"], kind]);
        assert_eq!(end(publisher).0, 0, "of an empty input");
        assert_eq!(end(sub), (0, Vec::new(), String::new()));

        // A publisher that is killed is an end as well.
        let mut publisher = start(&home, &[&["pub", &name], kind]);
        let mut sub = start(&home, &[&["sub", &name, "--until-end"], kind]);
        say(&mut publisher.0, b"last words\nhalf a li");
        let mut lines = BufReader::new(sub.0.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "last words");
        publisher.kill();
        assert!(lines.next().is_none(), "a message exists whole or not at all");
        assert_eq!(sub.0.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn one_who_got_none_of_a_short_stream_ends_as_well() {
    let home = Home::new();
    let name = home.name("short");
    let subs = [0; 2].map(|_| start(&home, &[&["sub", &name, "--until-end"], RING]));
    let published = home.feed(&[&["pub", &name, "--wait-for", "2"][..], RING].concat(), b"one\n");
    assert_eq!(code(&published), 0);
    let got: Vec<u8> = subs.into_iter().flat_map(|sub| end(sub).1).collect();
    assert_eq!(got, b"one\n");
}

#[test]
fn too_long_and_cut_off_messages_are_failures() {
    let home = Home::new();
    for kind in [RING, TOPIC] {
        let name = home.name("long");
        let sub = start(&home, &[&["sub", &name], kind]);
        look_until(&home, &name, |_| true);
        let mut line = noise(10 << 20);
        line.retain(|&byte| byte != b'\n');
        let long = home.feed(&[&["pub", &name][..], kind].concat(), &line);
        assert_eq!(code(&long), 1);
        assert!(words(&long).contains("too long"), "{}", words(&long));
        let cut =
            home.feed(&[&["pub", &name, "--format", "framed"][..], kind].concat(), b"\x09\0\0\0a");
        assert_eq!(code(&cut), 1);
        assert!(words(&cut).contains("in the midst"), "{}", words(&cut));
        sub.kill();
    }
}

#[test]
fn a_reader_who_has_seen_enough_ends_sub_quietly() {
    let home = Home::new();
    let name = home.name("enough");
    let mut publisher = start(&home, &[&["pub", &name], RING]);
    let mut sub = start(&home, &[&["sub", &name], RING]);
    let mut got = BufReader::new(sub.0.stdout.take().unwrap());
    say(&mut publisher.0, b"first\n");
    got.read_line(&mut String::new()).unwrap();
    drop(got);
    say(&mut publisher.0, b"second\n");
    assert_eq!(sub.0.wait().unwrap().code(), Some(0));
    let mut said = String::new();
    sub.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
    let next = start(&home, &[&["sub", &name, "--json", "--count", "1"], RING]);
    let (_, out, _) = end(next);
    let message = json(&out);
    assert_eq!(message["text"], "second", "what nobody read is not lost");
    assert_eq!(message["redelivered"], true);
    assert_eq!(end(publisher).0, 0);
}

#[test]
#[cfg(unix)]
fn a_signal_ends_each_of_them_properly() {
    let home = Home::new();
    for kind in [RING, TOPIC] {
        let name = home.name("signalled");
        let mut publisher = start(&home, &[&["pub", &name], kind]);
        let sub = start(&home, &[&["sub", &name], kind]);
        let counting = &["--count", "2"][..];
        look_until(&home, &name, |seen| alive(seen, "sender") + alive(seen, "publisher") == 1);
        let mut watch = start(&home, &[&["watch", &name, "--json", "--interval", "0.01"]]);
        say(&mut publisher.0, b"one\n");
        let mut looks = BufReader::new(watch.0.stdout.take().unwrap()).lines();
        while json(looks.next().unwrap().unwrap().as_bytes())["channel"]["messages"] != 1 {}
        for (held, exit) in [(watch, 0), (publisher, 130), (sub, 0)] {
            let pid = held.0.id().to_string();
            assert!(std::process::Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success());
            let mut held = held;
            let _open = held.0.stdin.take(); // else it would see the end of its input
            assert_eq!(held.0.wait().unwrap().code(), Some(exit));
        }
        let sub = start(&home, &[&["sub", &name], counting, kind]);
        look_until(&home, &name, |_| true);
        let pid = sub.0.id().to_string();
        assert!(std::process::Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success());
        assert_eq!(end(sub).0, 130, "fewer than were wanted");
        home.fails(3, &["watch", &name]);
    }
}

#[test]
fn ls_and_watch_show_a_ring() {
    let home = Home::new();
    let name = home.name("shown");
    let mut publisher = start(&home, &[&["pub", &name, "--wait-for", "0"], RING]);
    say(&mut publisher.0, b"one\nthree\n");
    let seen = look_until(&home, &name, |seen| seen["channel"]["messages"] == 2);
    assert_eq!((&seen["kind"], &seen["name"]), (&"ring".into(), &name.as_str().into()));
    assert_eq!((&seen["channel"]["depth"], &seen["channel"]["bytes"]), (&2.into(), &8.into()));
    assert_eq!(seen["messages_per_second"], Value::Null, "after one look");
    let pid = publisher.0.id();
    assert_eq!(seen["channel"]["participants"][0]["pid"], pid);
    assert!(seen["parameters"]["capacity"].as_u64().unwrap() >= 65536);

    let lines = home.ok(&["ls", "--json"]);
    let rows: Vec<Value> = lines.split_inclusive(|&byte| byte == b'\n').map(json).collect();
    let row = rows.iter().find(|row| row["name"] == name.as_str()).expect("it is listed");
    assert_eq!((&row["kind"], &row["channel"]), (&"ring".into(), &seen["channel"]));
    let inside = |rows: &[Value]| {
        rows.iter().filter(|row| row["name"].as_str().unwrap().contains("mapview-channel.")).count()
    };
    assert_eq!(inside(&rows), 0);
    let all = home.ok(&["ls", "--json", "--all"]);
    let all: Vec<Value> = all.split_inclusive(|&byte| byte == b'\n').map(json).collect();
    assert!(inside(&all) > 0);
    let table = String::from_utf8(home.ok(&["ls"])).unwrap();
    let line = table.lines().find(|line| line.ends_with(&name)).unwrap();
    assert!(line.starts_with("ring ") && line.contains("depth 2, 1 sender"), "{table}");

    // The other commands see a mapping as any other.
    assert_eq!(home.ok(&["cat", &name, "--len", "8"]), b"mapvchan");
    let inspected = json(&home.ok(&["inspect", &name, "--json"]));
    assert_eq!((&inspected["kind"], &inspected["size"]), (&"mapping".into(), &row["size"]));

    // Whoever was killed is shown as dead as long as the channel lives.
    let sub = start(&home, &[&["sub", &name, "--count", "2"], RING]);
    look_until(&home, &name, |seen| alive(seen, "receiver") == 1 || seen["channel"]["depth"] == 0);
    let held = start(&home, &[&["create", &name, "--size", "4K"]]);
    look_until(&home, &name, |seen| seen["channel"]["depth"] == 0);
    assert_eq!(end(sub).0, 0);
    publisher.kill();
    let seen = look_until(&home, &name, |seen| alive(seen, "sender") == 0);
    assert_eq!(seen["channel"]["participants"][0]["alive"], false);
    let screen = String::from_utf8(home.ok(&["watch", &name, "--count", "1"])).unwrap();
    assert!(screen.contains("dead") && screen.contains(&pid.to_string()), "{screen}");
    let table = String::from_utf8(home.ok(&["ls"])).unwrap();
    assert!(table.lines().any(|line| line.ends_with(&name) && line.contains("1 dead")), "{table}");
    held.kill();
    home.fails(3, &["watch", &name]);
}

#[test]
fn rates_are_those_between_two_looks() {
    let home = Home::new();
    let name = home.name("rates");
    let mut publisher = start(&home, &[&["pub", &name, "--wait-for", "0"], RING]);
    look_until(&home, &name, |_| true);
    let mut watch = start(&home, &[&["watch", &name, "--json", "--interval", "0.05"]]);
    let mut looks = BufReader::new(watch.0.stdout.take().unwrap()).lines();
    let mut next = || json(looks.next().unwrap().unwrap().as_bytes());
    assert_eq!(next()["seconds"], Value::Null);
    say(&mut publisher.0, b"four\n");
    let mut seen = next();
    while seen["messages_per_second"] == 0.0 {
        seen = next();
    }
    let (rate, seconds) = (seen["messages_per_second"].as_f64(), seen["seconds"].as_f64());
    assert!((rate.unwrap() * seconds.unwrap() - 1.0).abs() < 1e-6, "{seen}");
    let bytes = seen["bytes_per_second"].as_f64().unwrap();
    assert!((bytes / rate.unwrap() - 4.0).abs() < 1e-6, "{seen}");
    assert_eq!(next()["messages_per_second"], 0.0);
    publisher.kill();
    while looks.next().is_some() {}
    assert_eq!(watch.0.wait().unwrap().code(), Some(3), "the channel has ended");
}

#[test]
fn a_hostile_mapping_with_a_channels_name_is_an_error() {
    let home = Home::new();
    let name = home.name("hostile");
    let (_holder, _) = home.hold(&[&name, "--size", "1M"]);
    // Pages of noise: it is none; a header with nonsense behind it: it is damaged, or of another version.
    let mut header = noise(8192);
    assert_eq!(code(&home.feed(&["put", &name], &header)), 0);
    for _ in 0..2 {
        for args in
            [&["watch", &name][..], &["pub", &name], &["sub", &name], &["sub", &name, "--ring"]]
        {
            let said = home.fails(1, args);
            assert!(said.contains(&name), "{said}");
        }
        home.ok(&["ls"]);
        header[..8].copy_from_slice(b"mapvchan");
        header[32..40].copy_from_slice(&1_u64.to_le_bytes());
        assert_eq!(code(&home.feed(&["put", &name], &header)), 0);
    }
    // Nobody makes a channel of what is all zero.
    let (_holder, _) = home.hold(&[&home.name("zero"), "--size", "1M"]);
    home.fails(4, &["watch", &home.name("zero")]);
    home.fails(3, &["watch", &home.name("missing")]);
    home.fails(2, &["watch", "a\\b"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_shows_the_latest_look() {
    let home = Home::new();
    let name = home.name("terminal");
    let mut publisher = start(&home, &[&["pub", &name, "--wait-for", "0"]]);
    look_until(&home, &name, |_| true);
    let mut command = home.command(&["watch", &name, "--interval", "0.01"]);
    let (mut terminal, mut child) = common::terminal::Terminal::start(&mut command, 100, 40);
    terminal.wait_for("publisher", 1);
    say(&mut publisher.0, b"a\nb\nc\n");
    terminal.wait_for("                   3", 1);
    common::terminal::interrupt(&child);
    let seen = terminal.rest();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(seen.contains("A\r"), "in the same place: {seen:?}");
    assert_eq!(seen.matches("ROLE").count(), 1, "what stays is not drawn again: {seen:?}");
    publisher.kill();
}
