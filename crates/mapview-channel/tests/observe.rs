//! A look at channels from outside: it tells what is there, changes nothing, and no memory, however wrong, makes it fail badly.

use std::sync::atomic::{AtomicU32, Ordering};

use mapview::{Mapping, MappingOptions};
use mapview_channel::{
    channels, observe, ChannelKind, ErrorKind, Receiver, RingOptions, Role, Sender,
};
use proptest::prelude::*;

fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("observe-{name}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

#[test]
fn a_ring_shows_what_it_is_and_how_full() {
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
    assert!(info.participants.iter().all(|who| who.alive && who.pid == std::process::id()));
    assert!(info.size >= 1 << 17);

    drop(sender);
    assert_eq!(observe(&name).unwrap().participants.len(), 1);
    drop(receiver);
    let gone = observe(&name).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Object(mapview::ErrorKind::NotFound));
}

#[test]
fn all_channels_are_listed_and_nothing_else() {
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
        stores in prop::collection::vec((0_usize..8704 / 8, prop_oneof![any::<u64>(), 0..8_u64]), 1..12)
    ) {
        let name = unique("hostile");
        let mut sender = Sender::create(&name).unwrap();
        sender.send(b"before").unwrap();
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
