//! Several threads of one process as participants of each kind of channel, for ThreadSanitizer to look at: `cargo xtask test tsan`.
//! Without it, a quick run that nothing is lost.

mod support;

use std::thread;

use mapview_channel::{Client, Policy, RingOptions, Server, TopicOptions};
use support::unique;

const MESSAGES: u64 = 2000;

fn message(number: u64) -> Vec<u8> {
    number.to_le_bytes().repeat(1 + number as usize % 40)
}

fn number(bytes: &[u8]) -> u64 {
    let number = u64::from_le_bytes(bytes[..8].try_into().unwrap());
    assert_eq!(bytes, message(number), "torn");
    number
}

fn ring(senders: u64, receivers: u64) {
    let name = unique("threads");
    let mut options = RingOptions::new();
    options.senders(senders as usize).receivers(receivers as usize);
    let got = thread::scope(|scope| {
        let receivers: Vec<_> = (0..receivers)
            .map(|_| {
                let mut receiver = options.receiver(&name).unwrap();
                scope.spawn(move || {
                    let mut got = 0;
                    loop {
                        let message = receiver.recv().unwrap().to_vec().unwrap();
                        if message.is_empty() {
                            return got;
                        }
                        got += number(&message);
                    }
                })
            })
            .collect();
        let senders: Vec<_> = (0..senders)
            .map(|_| {
                let mut sender = options.sender(&name).unwrap();
                scope.spawn(move || {
                    (1..=MESSAGES).for_each(|number| sender.send(&message(number)).unwrap());
                    sender
                })
            })
            .collect();
        let mut senders: Vec<_> =
            senders.into_iter().map(|sender| sender.join().unwrap()).collect();
        receivers.iter().for_each(|_| senders[0].send(&[]).unwrap());
        receivers.into_iter().map(|receiver| receiver.join().unwrap()).sum::<u64>()
    });
    assert_eq!(got, senders * MESSAGES * (MESSAGES + 1) / 2);
}

#[test]
fn a_ring_of_two() {
    ring(1, 1);
}

#[test]
fn a_ring_of_many_receivers() {
    ring(1, 3);
}

#[test]
fn a_ring_of_many_senders() {
    let name = unique("threads");
    let options = RingOptions::new().senders(3).clone();
    let mut receiver = options.receiver(&name).unwrap();
    thread::scope(|scope| {
        for _ in 0..3 {
            let mut sender = options.sender(&name).unwrap();
            scope.spawn(move || {
                (1..=MESSAGES).for_each(|number| sender.send(&message(number)).unwrap());
            });
        }
        let got = (0..3 * MESSAGES).map(|_| number(&receiver.recv().unwrap().to_vec().unwrap()));
        assert_eq!(got.sum::<u64>(), 3 * MESSAGES * (MESSAGES + 1) / 2);
    });
}

#[test]
fn a_topic() {
    let name = unique("threads");
    let mut options = TopicOptions::new();
    options.depth(4);
    let mut publisher = options.publisher(&name).unwrap();
    thread::scope(|scope| {
        for policy in [Policy::Block, Policy::Overwrite, Policy::Overwrite] {
            let mut subscriber = options.clone().policy(policy).subscriber(&name).unwrap();
            scope.spawn(move || {
                let mut last = 0;
                while last < MESSAGES {
                    let next = number(&subscriber.recv().unwrap().to_vec().unwrap());
                    assert!(next == last + 1 || (next > last && policy == Policy::Overwrite));
                    last = next;
                }
            });
        }
        (1..=MESSAGES).for_each(|number| publisher.publish(&message(number)).unwrap());
    });
}

#[test]
fn a_service() {
    let name = unique("threads");
    let client = Client::create(&name).unwrap();
    thread::scope(|scope| {
        for _ in 0..2 {
            let mut server = Server::create(&name).unwrap();
            scope.spawn(move || loop {
                let request = server.recv().unwrap();
                let bytes = request.to_vec().unwrap();
                request.answer(&bytes).unwrap();
                if bytes.is_empty() {
                    return;
                }
            });
        }
        let callers = [0, 1].map(|_| {
            scope.spawn(|| {
                for asked in 1..=MESSAGES / 4 {
                    let mut call = client.call(&message(asked)).unwrap();
                    assert_eq!(number(&call.recv().unwrap().unwrap().to_vec().unwrap()), asked);
                }
            })
        });
        callers.into_iter().for_each(|caller| caller.join().unwrap());
        for _ in 0..2 {
            let mut call = client.call(&[]).unwrap();
            assert!(call.recv().unwrap().unwrap().is_empty());
        }
    });
}
