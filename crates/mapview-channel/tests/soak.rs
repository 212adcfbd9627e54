//! Twenty-four participants of all kinds of channels at once, who come and go, are stopped for a while, and are killed: nothing is lost,
//! and nobody's memory or descriptors grow. Ten seconds; ten minutes with MAPVIEW_LONG=1.
#![cfg(target_os = "linux")] // stops processes, and looks at them in /proc

#[path = "support/ledger.rs"]
mod ledger;
#[path = "support/ring_bodies.rs"]
mod ring_bodies;
#[path = "support/service_bodies.rs"]
mod service_bodies;
#[path = "support/storm.rs"]
mod storm;
mod support;
#[path = "support/topic_bodies.rs"]
mod topic_bodies;

use std::time::{Duration, Instant};

use storm::Storm;
use support::{Peer, Random};

/// What a process has of the system.
#[derive(Clone, Copy, Debug)]
struct Has {
    descriptors: usize,
    /// Kilobytes of its own, not shared.
    memory: u64,
}

fn has(peer: &Peer) -> Has {
    let process = format!("/proc/{}", peer.pid());
    let descriptors = std::fs::read_dir(format!("{process}/fd")).unwrap().count();
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    let memory = line.trim().trim_end_matches(" kB").parse().unwrap();
    Has { descriptors, memory }
}

/// Of everybody who was not killed lately, the most.
fn most(storms: &[Storm; 3], more: &[Peer]) -> Has {
    let peers = storms.iter().flat_map(Storm::peers).chain(more);
    let all: Vec<Has> = peers.map(has).collect();
    let descriptors = all.iter().map(|has| has.descriptors).max().unwrap();
    Has { descriptors, memory: all.iter().map(|has| has.memory).max().unwrap() }
}

#[test]
fn two_dozen_participants_come_go_stop_and_die() {
    let long = std::env::var_os("MAPVIEW_LONG").is_some();
    let length = Duration::from_secs(if long { 600 } else { 10 });
    let begin = Instant::now();
    let mut random = Random::new(24);
    let mut storms = [1, 2, 3].map(Storm::new);
    let [ring, topic, service] = &mut storms;
    // Three are never killed: what others leave behind would grow in them.
    let mut steady = vec![topic.start_one("topic_bodies::witnesses", &["0", "block"])];
    assert_eq!(steady[0].hear(), "witness");
    steady.push(ring.start_one("ring_bodies::receives", &["1", "4:4"]));
    steady.push(service.start_one("service_bodies::serves", &["2", ""]));
    ring.start_many(4, "ring_bodies::sends", "4:4");
    ring.start_many(3, "ring_bodies::receives", "4:4");
    topic.start_many(3, "topic_bodies::publishes", "");
    topic.start_many(2, "topic_bodies::subscribes", "block");
    topic.start_many(2, "topic_bodies::subscribes", "overwrite");
    service.start_many(4, "service_bodies::calls", "");
    service.start_many(3, "service_bodies::serves", "");

    let (mut kills, mut stops, mut early) = (0, 0, None);
    while begin.elapsed() < length {
        let storm = &mut storms[random.below(3) as usize];
        if random.below(3) == 0 {
            let peer = storm.any();
            peer.stop();
            std::thread::sleep(Duration::from_millis(random.below(50)));
            peer.go_on();
            stops += 1;
        } else {
            storm.rage(1);
            kills += 1;
        }
        std::thread::sleep(Duration::from_millis(random.below(40)));
        if early.is_none() && begin.elapsed() > length / 4 {
            early = Some(most(&storms, &steady));
        }
    }
    let (early, late) = (early.unwrap(), most(&storms, &steady));
    println!("{kills} kills, {stops} stops in {length:?}; the most that anybody has: {early:?}, later {late:?}");
    let files: usize = storms.iter().map(|storm| storm.files().len()).sum();
    let mut steady = steady.into_iter();
    let [witness, receiver, server] = std::array::from_fn(|_| steady.next().unwrap());
    let [ring, topic, service] = storms;
    let messages = [ring.end(vec![receiver]), topic.end(vec![witness]), service.end(vec![server])];
    println!("{messages:?} messages, samples and calls; {files} files before the end");
    // A bell for each place, at most, and some for the moment.
    assert!(late.descriptors < early.descriptors + 100, "descriptors leak");
    assert!(late.memory < early.memory + 4096, "memory leaks");
    assert!(files < 2000, "files are left");
}
