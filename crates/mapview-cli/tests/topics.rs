//! `pub` and `sub` on topics: who gets what, who waits for whom, and what is told about what was lost.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use common::{code, json, words, Held, Home};
use serde_json::Value;

fn start(home: &Home, args: &[&str]) -> Held {
    Held(home.command(args).stdin(Stdio::piped()).spawn().unwrap())
}

/// Waits until it has ended; its exit code, stdout and stderr.
fn end(mut held: Held) -> (i32, String, String) {
    drop(held.0.stdin.take());
    let (mut out, mut words) = (String::new(), String::new());
    held.0.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    held.0.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    (held.0.wait().unwrap().code().unwrap_or(-1), out, words)
}

fn say(held: &mut Held, text: &str) {
    held.0.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
}

/// Looks until a look satisfies.
fn look_until(home: &Home, name: &str, satisfies: impl Fn(&Value) -> bool) {
    loop {
        let output = home.run(&["watch", name, "--count", "1", "--json"]);
        if code(&output) == 0 && satisfies(&json(&output.stdout)["channel"]) {
            return;
        }
        assert!(matches!(code(&output), 0 | 3), "{}", words(&output));
    }
}

fn alive(channel: &Value, role: &str) -> usize {
    let participants = channel["participants"].as_array().unwrap();
    participants.iter().filter(|who| who["role"] == role && who["alive"] == true).count()
}

fn numbers(count: usize) -> String {
    (1..=count).map(|number| format!("{number}\n")).collect()
}

#[test]
fn every_subscriber_gets_every_message() {
    let home = Home::new();
    let name = home.name("all");
    let mut publisher = start(&home, &["pub", &name, "--wait-for", "2", "--json"]);
    say(&mut publisher, &numbers(100));
    let first = start(&home, &["sub", &name, "--count", "100"]);
    look_until(&home, &name, |channel| alive(channel, "subscriber") == 1);
    look_until(&home, &name, |channel| channel["messages"] == 0);
    let second = start(&home, &["sub", &name, "--until-end"]);
    let third = std::thread::scope(|scope| {
        let publisher = scope.spawn(|| end(publisher));
        assert_eq!(end(first), (0, numbers(100), String::new()));
        publisher.join().unwrap()
    });
    assert_eq!(end(second), (0, numbers(100), String::new()));
    let (code, said, _) = third;
    let said = json(said.as_bytes());
    assert_eq!((code, &said["published"], &said["complete"]), (0, &100.into(), &true.into()));
    assert_eq!((&said["unheard"], &said["lost"]), (&0.into(), &0.into()));
}

#[test]
fn late_subscribers_get_the_history() {
    let home = Home::new();
    let name = home.name("late");
    let mut publisher = start(&home, &["pub", &name, "--wait-for", "0"]);
    say(&mut publisher, "1\n2\n3\n");
    look_until(&home, &name, |channel| channel["messages"] == 3);
    let late = start(&home, &["sub", &name, "--history", "2", "--count", "2", "--json"]);
    let (code, out, said) = end(late);
    assert_eq!((code, said.as_str()), (0, ""));
    let got: Vec<Value> = out.lines().map(|line| json(line.as_bytes())).collect();
    assert_eq!((&got[0]["text"], &got[0]["sequence"]), (&"2".into(), &1.into()));
    assert_eq!((&got[1]["text"], &got[1]["publisher"]), (&"3".into(), &0.into()));
    let (code, _, said) = end(publisher);
    assert_eq!(code, 0);
    assert!(said.contains("3 of 3 messages were published while nobody subscribed"), "{said}");
}

#[test]
fn what_two_publishers_say_is_told_apart() {
    let home = Home::new();
    let name = home.name("two");
    let sub = start(&home, &["sub", &name, "--count", "2", "--json"]);
    look_until(&home, &name, |channel| alive(channel, "subscriber") == 1);
    let (mut a, mut b) = (start(&home, &["pub", &name]), start(&home, &["pub", &name]));
    look_until(&home, &name, |channel| alive(channel, "publisher") == 2);
    say(&mut a, "a\n");
    say(&mut b, "b\n");
    let (_, out, _) = end(sub);
    let got: Vec<Value> = out.lines().map(|line| json(line.as_bytes())).collect();
    assert_ne!(got[0]["publisher"], got[1]["publisher"]);
    assert_eq!((end(a).0, end(b).0), (0, 0));
}

#[test]
fn a_killed_publisher_leaves_whole_messages_and_its_place() {
    let home = Home::new();
    let name = home.name("killed");
    let mut sub = start(&home, &["sub", &name, "--count", "3"]);
    let mut publisher = start(&home, &["pub", &name]);
    say(&mut publisher, "one\ntwo\nthr");
    let mut lines = BufReader::new(sub.0.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "one");
    assert_eq!(lines.next().unwrap().unwrap(), "two");
    publisher.kill();
    look_until(&home, &name, |channel| alive(channel, "publisher") == 0);
    let again = home.feed(&["pub", &name], b"three\n");
    assert_eq!((code(&again), words(&again).as_str()), (0, ""));
    assert_eq!(lines.next().unwrap().unwrap(), "three");
    assert_eq!(sub.0.wait().unwrap().code(), Some(0));
}

/// What a stopped subscriber does to others is what it chose.
#[cfg(unix)]
mod stopped {
    use super::*;

    fn signal(held: &Held, signal: &str) {
        let pid = held.0.id().to_string();
        let status = std::process::Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(status.success());
    }

    fn stopped(home: &Home, name: &str, policy: &str) -> Held {
        let args = ["sub", name, "--policy", policy, "--until-end", "--depth", "4"];
        let mut sub = start(home, &args);
        // One message first, so that it has come and knows of a publisher.
        let first = home.feed(&["pub", name], b"0\n");
        assert_eq!(code(&first), 0, "{}", words(&first));
        let mut byte = [0; 2];
        sub.0.stdout.as_mut().unwrap().read_exact(&mut byte).unwrap();
        signal(&sub, "-STOP");
        sub
    }

    #[test]
    fn one_that_loses_the_oldest_holds_up_nobody_and_is_told() {
        let home = Home::new();
        let name = home.name("overwrite");
        // Somebody who keeps the topic, and publishes, until the end.
        let keeper = start(&home, &["pub", &name, "--depth", "4", "--wait-for", "2"]);
        look_until(&home, &name, |channel| alive(channel, "publisher") == 1);
        let sub = stopped(&home, &name, "overwrite");
        let published = home.feed(&["pub", &name], numbers(100).as_bytes());
        assert_eq!(code(&published), 0);
        assert!(words(&published).contains("lost 96 messages"), "{}", words(&published));
        signal(&sub, "-CONT");
        keeper.kill();
        let (code, out, said) = end(sub);
        assert_eq!((code, out.as_str()), (0, "97\n98\n99\n100\n"));
        assert!(said.contains("96 messages were overwritten before they were read"), "{said}");
    }

    #[test]
    fn one_that_makes_others_wait_gets_all_unless_it_is_killed() {
        let home = Home::new();
        let name = home.name("wait");
        let keeper = start(&home, &["pub", &name, "--depth", "4", "--wait-for", "2"]);
        look_until(&home, &name, |channel| alive(channel, "publisher") == 1);
        let sub = stopped(&home, &name, "wait");
        let mut publisher = start(&home, &["pub", &name, "--json"]);
        say(&mut publisher, &numbers(50));
        look_until(&home, &name, |channel| channel["depth"] == 4);
        assert!(publisher.0.try_wait().unwrap().is_none(), "it waits");
        signal(&sub, "-CONT");
        keeper.kill();
        assert_eq!(end(publisher).0, 0);
        assert_eq!(end(sub), (0, numbers(50), String::new()));

        let keeper = start(&home, &["pub", &name, "--depth", "4", "--wait-for", "2"]);
        look_until(&home, &name, |channel| alive(channel, "publisher") == 1);
        let sub = stopped(&home, &name, "wait");
        let mut publisher = start(&home, &["pub", &name, "--json"]);
        say(&mut publisher, &numbers(50));
        look_until(&home, &name, |channel| channel["depth"] == 4);
        sub.kill();
        let (code, said, _) = end(publisher);
        let said = json(said.as_bytes());
        assert_eq!((code, &said["published"]), (0, &50.into()), "the dead hold up nobody");
        keeper.kill();
    }
}
