//! How much a ring takes: as much as it says, whatever was sent before.

mod support;

use mapview_channel::{Receiver, RingOptions, Sender};
use support::unique;

/// Sends until there is no room; returns how many.
fn fill(sender: &mut Sender, len: usize) -> usize {
    let mut count = 0;
    while let Some(mut draft) = sender.try_reserve(len).unwrap() {
        draft.write(0, &(count as u64)).unwrap();
        draft.commit();
        count += 1;
    }
    count
}

fn drain(receiver: &mut Receiver, count: usize) {
    for number in 0..count as u64 {
        assert_eq!(receiver.try_recv().unwrap().unwrap().read::<u64>(0).unwrap(), number);
    }
    assert!(receiver.try_recv().unwrap().is_none());
}

#[test]
fn all_of_the_capacity_can_be_used_at_any_time() {
    let name = unique("room");
    let options = RingOptions::new().capacity(1 << 16).clone();
    let mut sender = options.sender(&name).unwrap();
    let mut receiver = options.receiver(&name).unwrap();
    for alone in [0, 1, 2, 3, 4, 5, 63, 64, 1023, 1024, 1025] {
        // The receiver keeps up for a while, and then it does not.
        for number in 0..alone {
            sender.send(&[number as u8; 64]).unwrap();
            receiver.recv().unwrap();
        }
        for len in [64, 100, 1024, 1025, 4096, 65_536] {
            let count = fill(&mut sender, len);
            assert!(
                count * len.next_multiple_of(8) + len > 1 << 16 || count >= 1024,
                "{alone} {len} {count}"
            );
            drain(&mut receiver, count);
        }
    }
}
