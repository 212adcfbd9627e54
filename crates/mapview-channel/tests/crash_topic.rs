//! Topics whose participants are killed at any moment, and started again: no sample is torn, none comes twice, and a subscriber that
//! publishers wait for misses none; the death of another one like it holds up nobody.

#[path = "support/ledger.rs"]
mod ledger;
#[path = "support/storm.rs"]
mod storm;
mod support;
#[path = "support/topic_bodies.rs"]
mod topic_bodies;

use storm::{kills, Storm};

fn storm(kills: u64, publishers: usize, blocking: usize, overwriting: usize) {
    let mut storm = Storm::new(kills);
    let mut witness = storm.start_one("topic_bodies::witnesses", &["0", "block"]);
    assert_eq!(witness.hear(), "witness");
    storm.start_many(publishers, "topic_bodies::publishes", "");
    storm.start_many(blocking, "topic_bodies::subscribes", "block");
    storm.start_many(overwriting, "topic_bodies::subscribes", "overwrite");
    storm.rage(kills);
    let lives = storm.ledger.lives();
    let samples = storm.end(vec![witness]);
    println!("{kills} kills, {lives} lives of publishers, {samples} samples, all seen once");
}

#[test]
fn one_publisher_and_its_subscribers_die_and_no_sample_is_lost() {
    storm(kills(60, 500), 1, 1, 1);
}

#[test]
fn publishers_and_subscribers_die_and_no_sample_is_lost() {
    storm(kills(60, 500), 3, 2, 2);
}
