//! Rings within one process: what the calls do.

mod support;

use mapview_channel::{Receiver, Sender};
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
        drop(sender.reserve(8).unwrap());
        drop(sender.batch()); // commits nothing
    }
    let longest = sender.longest();
    let draft = sender.try_reserve(longest).unwrap();
    draft.expect("the ring is empty").commit();
    assert_eq!(receiver.recv().unwrap().len(), longest);
}
