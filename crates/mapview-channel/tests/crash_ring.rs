//! Rings whose participants are killed at any moment, and started again: no message is torn, none comes twice but one that was got and
//! not released, which says so, and none that was committed is lost.

#[path = "support/ledger.rs"]
mod ledger;
#[path = "support/ring_bodies.rs"]
mod ring_bodies;
#[path = "support/storm.rs"]
mod storm;
mod support;

use storm::{kills, Storm};

fn storm(senders: usize, receivers: usize, kills: u64) {
    let mut storm = Storm::new(kills);
    let measures = format!("{senders}:{receivers}");
    storm.start_many(senders, "ring_bodies::sends", &measures);
    storm.start_many(receivers, "ring_bodies::receives", &measures);
    let mut keeper = storm.start_one("storm::keeps", &[]);
    assert_eq!(keeper.hear(), "keeps");
    storm.rage(kills);
    let (lives, again) = (storm.ledger.lives(), storm.ledger.redelivered());
    let messages = storm.end(vec![keeper]);
    println!("{measures}: {kills} kills, {lives} lives of senders, {messages} messages, {again} came again");
    assert!(again <= kills, "more came again than receivers died");
}

#[test]
fn one_sender_and_one_receiver_die_and_no_message_is_lost() {
    storm(1, 1, kills(100, 1000));
}

#[test]
fn many_senders_and_their_receiver_die_and_no_message_is_lost() {
    storm(4, 1, kills(60, 1000));
}

#[test]
fn many_senders_and_receivers_die_and_no_message_is_lost() {
    storm(3, 3, kills(60, 1000));
}

#[test]
fn one_sender_and_its_receivers_die_and_no_message_is_lost() {
    storm(1, 3, kills(60, 1000));
}
