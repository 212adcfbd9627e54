//! Rings within one process: what the calls do.

mod support;

use mapview_channel::{Receiver, RingOptions, Sender};
use support::unique;

#[test]
fn a_draft_that_is_dropped_takes_no_room() {
    let name = unique("dropped");
    let (mut sender, mut receiver) =
        (Sender::create(&name).unwrap(), Receiver::create(&name).unwrap());
    // So far into the lane that an empty one is begun anew.
    sender.send(&[1; 2000]).unwrap();
    receiver.recv().unwrap();
    for _ in 0..3 {
        let _ = sender.reserve(8).unwrap();
        drop(sender.batch()); // commits nothing
    }
    let longest = sender.longest();
    let draft = sender.try_reserve(longest).unwrap();
    draft.expect("the ring is empty").commit();
    assert_eq!(receiver.recv().unwrap().len(), longest);
}

#[test]
fn huge_pages_are_told_as_they_are() {
    let (name, capacity) = (unique("huge"), 4 << 20);
    let mut options = RingOptions::new();
    options.capacity(capacity).huge_pages(true);
    let mut sender = options.sender(&name).unwrap();
    let mut receiver = options.receiver(&name).unwrap();
    for round in 0..9_u8 {
        sender.send(&vec![round; 1_500_000]).unwrap();
        assert!(receiver.recv().unwrap().to_vec().unwrap() == vec![round; 1_500_000]);
    }
    let huge = sender.huge_bytes().unwrap();
    assert!(huge <= capacity && huge.is_multiple_of(2 << 20), "{huge}");
    let plain = Sender::create(&unique("plain")).unwrap();
    assert_eq!(plain.huge_bytes().unwrap(), 0);
    let least = RingOptions::new().huge_pages(true).sender(&unique("least")).unwrap();
    assert_eq!(least.longest(), 2 << 20);
}
