//! A participant that stores whatever it likes into a channel's memory, and what honest ones do meanwhile.
#![allow(dead_code)] // each test binary uses another part of this

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mapview::{Mapping, View};
use mapview_channel::{observe, Call, Error, ErrorKind, Policy, Sample};
use mapview_channel::{Client, Publisher, Receiver, RingOptions, Sender, Server, ServiceOptions};
use mapview_channel::{Subscriber, TopicOptions};

/// The control words of the channels below, and some of the data.
pub const BYTES: usize = 256 << 10;

/// The memory of a channel, all of it, for one who does not keep to the rules.
pub fn memory(name: &str) -> View {
    let view = Mapping::open(name).unwrap().view().unwrap();
    view.commit(0, view.len().min(BYTES)).unwrap();
    view
}

/// One of the values that are worth storing: `chance` decides.
pub fn nonsense(view: &View, at: usize, chance: u64) -> u64 {
    let now = view.atomic::<AtomicU64>(at).unwrap().load(Ordering::Relaxed);
    let random = chance.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    match chance % 12 {
        0 => 0,
        1 => u64::MAX,
        2 => now ^ (1 << (random % 64)),
        3 => now.wrapping_add(1),
        4 => now.wrapping_sub(1),
        5 => now.wrapping_add(1 << 32),
        6 => now ^ (1 << 63),
        7 => now.rotate_left(32),
        8 => random % 70, // an index, or just none
        9 => u64::from(u32::MAX) << (random % 33),
        10 => 1 << (random % 64),
        _ => random,
    }
}

/// A word of the channel: mostly one of those that its kind begins with, seldom of the header, which ends everything.
fn place(view: &View, chance: u64) -> usize {
    let random = (chance >> 8) as usize;
    let word = match chance % 16 {
        0 => random % 32,                // the header
        1 => 64 + random % 32,           // who sleeps
        2 | 3 => 512 + random % 512,     // the roster
        4..=9 => 1024 + random % 128,    // the kind's first words
        10..=13 => 1024 + random % 2048, // and more of them
        _ => random % (BYTES / 8),
    };
    word % (view.len().min(BYTES) / 8) * 8
}

/// Stores nonsense somewhere, and returns where, and what was there.
pub fn scribble(view: &View, chance: u64) -> (usize, u64) {
    let at = place(view, chance);
    let value = nonsense(view, at, chance >> 32);
    (at, view.atomic::<AtomicU64>(at).unwrap().swap(value, Ordering::SeqCst))
}

const SHORT: Duration = Duration::from_millis(2);

/// How often something was answered, not refused.
pub static ANSWERS: AtomicU64 = AtomicU64::new(0);

/// Only errors that tell of a channel that is not as it should be.
fn expect<T>(result: mapview_channel::Result<T>) -> Option<T> {
    ANSWERS.fetch_add(u64::from(result.is_ok()), Ordering::Relaxed);
    result.map_err(|error| check(&error)).ok()
}

fn check(error: &Error) {
    assert!(!error.to_string().is_empty());
    if error.kind() == ErrorKind::Corrupt {
        assert!(error.channel().contains("mapview-test"), "it names no channel: {error}");
    }
}

/// Both sides of a ring, with many senders and receivers or one each.
pub struct Ring(Option<Sender>, Option<Receiver>, RingOptions, String);

impl Ring {
    pub fn new(name: &str, many: usize) -> Ring {
        let mut options = RingOptions::new();
        options.senders(many).receivers(many);
        let (sender, receiver) = (options.sender(name), options.receiver(name));
        Ring(expect(sender), expect(receiver), options, name.to_string())
    }

    pub fn use_it(&mut self, chance: u64) {
        let Ring(sender, receiver, options, name) = self;
        if let Some(sender) = sender {
            let len = (chance % 3000) as usize;
            expect(sender.send_until(&vec![7; len], SHORT));
            expect(sender.try_reserve(len / 2)).flatten().map(|draft| draft.commit_len(len / 4));
            let mut batch = sender.batch();
            let _ = expect(batch.try_reserve(64)).flatten().map(|draft| draft.commit());
            batch.commit();
        }
        if let Some(receiver) = receiver {
            for _ in 0..4 {
                if let Some(message) = expect(receiver.recv_until(SHORT)).flatten() {
                    expect(message.to_vec());
                    let _ = message.redelivered();
                }
            }
            expect(receiver.read_batch(8, |payload| drop(payload.to_vec())));
        }
        if chance.is_multiple_of(8) {
            (*sender, *receiver) = (None, None);
            *sender = expect(options.open_sender(name.as_str()));
            *receiver = expect(options.open_receiver(name.as_str()));
            expect(observe(name.as_str()));
        }
    }
}

/// Both sides of a topic.
pub struct Topic(Option<Publisher>, Option<Subscriber>, Vec<Sample>, TopicOptions, String);

impl Topic {
    pub fn new(name: &str, policy: Policy) -> Topic {
        let mut options = TopicOptions::new();
        options.longest(4096).publishers(2).subscribers(2).depth(8).held(4).history(2);
        options.policy(policy);
        let (publisher, subscriber) = (options.publisher(name), options.subscriber(name));
        Topic(expect(publisher), expect(subscriber), Vec::new(), options, name.to_string())
    }

    pub fn use_it(&mut self, chance: u64) {
        let Topic(publisher, subscriber, held, options, name) = self;
        if let Some(publisher) = publisher {
            let len = (chance % 4096) as usize;
            expect(publisher.publish_until(&vec![7; len], SHORT));
            let _ = expect(publisher.try_loan(len / 2));
        }
        if let Some(subscriber) = subscriber {
            for _ in 0..3 {
                if let Some(sample) = expect(subscriber.recv_until(SHORT)).flatten() {
                    expect(sample.to_vec());
                    held.push(sample);
                }
            }
            let _ = (subscriber.lag(), subscriber.dropped());
            expect(subscriber.read_batch(4, |payload| drop(payload.to_vec())));
        }
        held.truncate(2);
        if chance.is_multiple_of(8) {
            (*publisher, *subscriber) = (None, None);
            *publisher = expect(options.open_publisher(name.as_str()));
            *subscriber = expect(options.open_subscriber(name.as_str()));
            expect(observe(name.as_str()));
        }
    }
}

/// Both sides of a service.
pub struct Service(Option<Client>, Option<Server>, ServiceOptions, String);

impl Service {
    pub fn new(name: &str) -> Service {
        let mut options = ServiceOptions::new();
        options.longest_request(4096).calls(4);
        let (client, server) = (options.client(name), options.server(name));
        Service(expect(client), expect(server), options, name.to_string())
    }

    pub fn use_it(&mut self, chance: u64) {
        let Service(client, server, options, name) = self;
        let len = (chance % 4096) as usize;
        let ask = |client: &Client| expect(client.call_until(&vec![7; len], SHORT)).flatten();
        let mut call: Option<Call> = client.as_ref().and_then(ask);
        if let Some(server) = server {
            if let Some(mut request) = expect(server.recv_until(SHORT)).flatten() {
                expect(request.to_vec());
                expect(request.reply_until(&[1; 100], SHORT));
                expect(request.try_reply(&vec![2; len]));
                if chance.is_multiple_of(2) {
                    request.finish();
                }
            }
        }
        if let Some(call) = &mut call {
            for _ in 0..3 {
                if let Some(reply) = expect(call.recv_until(SHORT)).flatten() {
                    expect(reply.to_vec());
                }
            }
            if chance.is_multiple_of(4) {
                expect(call.retry());
            }
        }
        drop(call);
        if chance.is_multiple_of(8) {
            (*client, *server) = (None, None);
            *client = expect(options.open_client(name.as_str()));
            *server = expect(options.open_server(name.as_str()));
            expect(observe(name.as_str()));
        }
    }
}
