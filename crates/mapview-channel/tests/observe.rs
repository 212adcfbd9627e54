//! A look at channels from outside: it tells what is there, changes nothing, and no memory, however wrong, makes it fail badly.

use std::any::Any;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::RwLock;

use mapview::{Mapping, MappingOptions};
use mapview_channel::{channels, observe, ChannelKind, ErrorKind, Participant, Policy, Role};
use mapview_channel::{
    Client, Publisher, Receiver, RingOptions, Sender, Server, Subscriber, TopicOptions,
};
use proptest::prelude::*;

fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("observe-{name}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Whoever looks at all channels holds each for a moment; a test whose channel must end meanwhile keeps that from happening.
static LOOKS: RwLock<()> = RwLock::new(());

#[test]
fn a_ring_shows_what_it_is_and_how_full() {
    let _undisturbed = LOOKS.write();
    let name = unique("ring");
    let options = RingOptions::new().capacity(1 << 17).align(64).schema("line\x1b[2J").clone();
    let mut sender = options.sender(&name).unwrap();
    let info = observe(&name).unwrap();
    assert_eq!((info.kind, info.schema.as_str()), (ChannelKind::Ring, "line\\u{1b}[2J"));
    assert_eq!(info.parameters[..2], [("capacity", 1 << 17), ("alignment", 64)]);
    assert_eq!((info.depth, info.messages, info.bytes, info.drops), (0, 0, 0, 0));
    assert_eq!(info.participants.len(), 1);

    for len in 1..=3 {
        sender.send(&[7; 3][..len]).unwrap();
    }
    let mut receiver = options.receiver(&name).unwrap();
    drop(receiver.recv().unwrap());
    let held = receiver.recv().unwrap();
    let info = observe(&name).unwrap();
    assert_eq!((info.depth, info.messages, info.bytes), (2, 3, 6), "what is held is not released");
    drop(held);
    let info = observe(&name).unwrap();
    let seen: Vec<_> = info.participants.iter().map(|who| (who.role, who.lag)).collect();
    assert_eq!(seen, [(Role::Sender, None), (Role::Receiver, Some(1))]);
    assert!(info.participants.iter().all(|who| who.alive && who.ready && who.pid == process::id()));
    assert!(info.size >= 1 << 17);

    drop(sender);
    assert_eq!(observe(&name).unwrap().participants.len(), 1);
    drop(receiver);
    let gone = observe(&name).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Object(mapview::ErrorKind::NotFound));
}

#[test]
fn a_topic_shows_who_is_behind_and_what_was_lost() {
    let name = unique("topic");
    let options = TopicOptions::new().depth(4).schema("price").clone();
    let mut publisher = options.publisher(&name).unwrap();
    let mut keen = options.clone().policy(Policy::Block).subscriber(&name).unwrap();
    let mut lazy = options.subscriber(&name).unwrap();
    for _ in 0..7 {
        publisher.publish(b"seven").unwrap();
        drop(keen.recv().unwrap());
    }
    let look = || {
        let info = observe(&name).unwrap();
        let who = |who: &Participant| (who.role, who.lag, who.drops);
        (info.depth, info.drops, info.participants.iter().map(who).collect::<Vec<_>>())
    };
    let publishes = (Role::Publisher, None, None);
    let subscribes = |lag, drops| (Role::Subscriber, Some(lag), Some(drops));
    assert_eq!(look(), (4, 3, vec![publishes, subscribes(0, 0), subscribes(4, 3)]));
    drop(lazy.recv().unwrap());
    assert_eq!(look(), (3, 3, vec![publishes, subscribes(0, 0), subscribes(3, 3)]));
    let info = observe(&name).unwrap();
    assert_eq!((info.kind, info.schema.as_str()), (ChannelKind::Topic, "price"));
    assert_eq!((info.messages, info.bytes), (7, 35));
    assert!(info.parameters.contains(&("depth", 4)), "{:?}", info.parameters);
    assert!(info.participants.iter().all(|who| who.ready));
    drop(publisher);
    assert_eq!(observe(&name).unwrap().messages, 7, "they stay counted");
}

#[test]
fn a_service_shows_what_is_not_answered() {
    let name = unique("service");
    let client = Client::create(&name).unwrap();
    let first = client.call(b"first").unwrap();
    let second = client.call(b"second").unwrap();
    let mut server = Server::create(&name).unwrap();
    let request = server.recv().unwrap();
    let info = observe(&name).unwrap();
    assert_eq!((info.kind, info.depth, info.messages), (ChannelKind::Service, 2, 2));
    let seen: Vec<_> = info.participants.iter().map(|who| (who.role, who.lag)).collect();
    assert_eq!(seen, [(Role::Client, Some(2)), (Role::Server, Some(1))]);
    request.answer(b"done").unwrap();
    assert_eq!(observe(&name).unwrap().depth, 1);
    drop((first, second, client));
    let info = observe(&name).unwrap();
    assert_eq!((info.depth, info.messages, info.participants.len()), (0, 2, 1));
}

#[test]
fn all_channels_are_listed_and_nothing_else() {
    let _looks = LOOKS.read();
    let (ring, mapping) = (unique("listed"), unique("mapping"));
    let sender = Sender::create(&ring).unwrap();
    let reserved = MappingOptions::new().name(&mapping).size(1 << 16).reserve(true).create();
    let _reserved = reserved.unwrap();
    let names: Vec<_> = channels().unwrap().into_iter().map(|channel| channel.name).collect();
    assert!(names.contains(sender.name()));
    assert!(!names.contains(&mapview::Name::new(&mapping).unwrap()));
}

#[test]
fn what_is_no_channel_is_told_apart() {
    let name = unique("none");
    let mapping = Mapping::create(&name, 4096).unwrap();
    assert_eq!(observe(&name).unwrap_err().kind(), ErrorKind::NotSuchAChannel);
    drop(mapping);
    let mapping = Mapping::create(&name, 1 << 16).unwrap();
    mapping.view().unwrap().fill(0, 8192, 0xff).unwrap();
    assert_eq!(observe(&name).unwrap_err().kind(), ErrorKind::NotSuchAChannel);
    let event = mapview::Event::create(&unique("event"), mapview::Reset::Auto).unwrap();
    let other = observe(event.name().unwrap()).unwrap_err();
    assert_eq!(other.kind(), ErrorKind::Object(mapview::ErrorKind::WrongKind));
    assert_eq!(observe("").unwrap_err().kind(), ErrorKind::InvalidParameter);
}

#[test]
fn looking_neither_takes_part_nor_keeps_the_channel() {
    let _undisturbed = LOOKS.write();
    let name = unique("ghost");
    let sender = Sender::create(&name).unwrap();
    let id = observe(&name).unwrap().id;
    drop(sender);
    assert!(observe(&name).is_err());
    let _receiver = Receiver::create(&name).unwrap();
    let info = observe(&name).unwrap();
    assert_ne!(info.id, id, "another channel of the same name");
    assert_eq!(info.participants.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Words of the control pages overwritten at random: an answer or an error.
    #[test]
    fn hostile_memory_is_an_answer_or_an_error(
        kind in 0..3,
        stores in prop::collection::vec((0_usize..20480 / 8, prop_oneof![any::<u64>(), 0..8_u64]), 1..12)
    ) {
        let _looks = LOOKS.read();
        let name = unique("hostile");
        let _there: Box<dyn Any> = match kind {
            0 => Box::new((Sender::create(&name).unwrap(), Receiver::create(&name).unwrap())),
            1 => Box::new((Publisher::create(&name).unwrap(), Subscriber::create(&name).unwrap())),
            _ => Box::new((Client::create(&name).unwrap(), Server::create(&name).unwrap())),
        };
        let view = Mapping::open(&name).unwrap().view().unwrap();
        for (word, value) in stores {
            view.write(word * 8, &value).unwrap();
            // While somebody seems to be creating it, one waits for him.
            let ready: u64 = view.read(32).unwrap();
            if ready == 1 {
                if let Err(error) = observe(&name) {
                    prop_assert!(!error.to_string().is_empty());
                }
            }
            channels().unwrap();
        }
    }
}
