//! Rings of values of one type.

mod support;

use mapview_channel::{ErrorKind, RingOptions, TypedReceiver, TypedSender};
use support::unique;
use zerocopy::{FromBytes, Immutable, IntoBytes};

#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable)]
#[repr(C)]
struct Trade {
    price: f64,
    amount: u32,
    flags: u32,
}

fn trade(amount: u32) -> Trade {
    Trade { price: f64::from(amount) / 2.0, amount, flags: !amount }
}

#[test]
fn values_come_as_they_were_sent_by_copy_in_place_and_in_batches() {
    let name = unique("values");
    let mut sender = TypedSender::<Trade>::create(&name).unwrap();
    let mut receiver = TypedReceiver::<Trade>::create(&name).unwrap();
    assert_eq!((sender.id(), sender.receivers().unwrap(), receiver.senders().unwrap()), (0, 1, 1));
    for round in 0..3000 {
        sender.send(&trade(round)).unwrap();
        let mut draft = sender.reserve().unwrap();
        assert_eq!(draft.as_mut_ptr().align_offset(align_of::<Trade>()), 0);
        draft.write(&trade(round + 1));
        draft.write_part(12, &7_u32).unwrap();
        assert_eq!(draft.write_part(13, &7_u32).unwrap_err().kind(), ErrorKind::InvalidParameter);
        draft.commit();
        assert_eq!(receiver.recv().unwrap(), trade(round));
        let message = receiver.recv_in_place().unwrap();
        assert_eq!(message.as_ptr().align_offset(align_of::<Trade>()), 0);
        assert_eq!(message.read::<Trade>(0).unwrap(), Trade { flags: 7, ..trade(round + 1) });
    }
    let mut batch = sender.batch();
    (0..10).for_each(|amount| batch.send(&trade(amount)).unwrap());
    let _given_up = batch.reserve().unwrap();
    batch.commit();
    let mut got = Vec::new();
    assert_eq!(receiver.read_batch(100, |value| got.push(value.amount)).unwrap(), 10);
    assert_eq!(got, Vec::from_iter(0..10));
    assert_eq!(receiver.try_recv().unwrap(), None);
    while sender.try_send(&trade(1)).unwrap() {}
    assert!(sender.try_reserve().unwrap().is_none());
}

#[test]
fn other_types_schemas_and_bytes_are_refused_and_the_error_says_what_it_is() {
    let name = unique("mismatch");
    let options = RingOptions::new().schema("trade").clone();
    let _sender = options.typed_sender::<Trade>(&name).unwrap();
    let refused = |error: mapview_channel::Error, says: &str| {
        assert_eq!(error.kind(), ErrorKind::Mismatch);
        assert!(error.to_string().contains(says), "{error}");
    };
    let size = "the size of an item is 16, not 8";
    refused(options.typed_receiver::<u64>(&name).unwrap_err(), size);
    let items =
        "it is for items of 16 bytes, aligned to 8, not for items of 16 bytes, aligned to 4";
    refused(options.open_typed_receiver::<[u32; 4]>(&name).unwrap_err(), items);
    refused(options.open_typed_sender::<[u32; 4]>(&name).unwrap_err(), items);
    refused(options.receiver(&name).unwrap_err(), "the size of an item is 16, not 0");
    refused(options.open_sender(&name).unwrap_err(), "not for messages of any length");
    let mut other = RingOptions::new();
    other.schema("quote");
    refused(other.typed_receiver::<Trade>(&name).unwrap_err(), "are `trade`");
    refused(other.open_typed_receiver::<Trade>(&name).unwrap_err(), "are `trade`");
    // Whoever only looks at bytes may receive them.
    drop(options.open_receiver(&name).unwrap());
    drop(options.open_typed_receiver::<Trade>(&name).unwrap());
    let untyped = unique("untyped");
    let _receiver = options.receiver(&untyped).unwrap();
    let any = "it is for messages of any length, not for items of 16 bytes";
    refused(options.open_typed_sender::<Trade>(&untyped).unwrap_err(), any);
}

#[test]
fn a_message_of_another_size_is_told_and_the_next_one_comes() {
    let name = unique("size");
    let mut sender = TypedSender::<u64>::create(&name).unwrap();
    let mut receiver = TypedReceiver::<u64>::create(&name).unwrap();
    let wrong = |sender: &mut TypedSender<u64>| sender.as_bytes().send(&[1; 9]).unwrap();
    wrong(&mut sender);
    sender.send(&5).unwrap();
    let error = receiver.recv().unwrap_err();
    assert_eq!((error.kind(), error.channel()), (ErrorKind::Corrupt, name.as_str()));
    assert_eq!(receiver.recv().unwrap(), 5);
    wrong(&mut sender);
    sender.send(&6).unwrap();
    assert_eq!(receiver.recv_in_place().unwrap_err().kind(), ErrorKind::Corrupt);
    assert_eq!(receiver.recv_in_place().unwrap().read::<u64>(0).unwrap(), 6);
    wrong(&mut sender);
    sender.send(&7).unwrap();
    let mut sum = 0;
    assert_eq!(
        receiver.read_batch(9, |value| sum += value).unwrap_err().kind(),
        ErrorKind::Corrupt
    );
    assert_eq!(sum, 7);
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let too_long = RingOptions::new().typed_sender::<[u8; 65537]>(&unique("long"));
    assert_eq!(too_long.unwrap_err().kind(), ErrorKind::InvalidParameter);
    let fits = RingOptions::new().capacity(1 << 17).typed_sender::<[u8; 65537]>(&unique("fits"));
    assert_eq!(fits.unwrap().as_bytes().longest(), 1 << 17);
    let (mut sender, mut receiver) = {
        let name = unique("nothing");
        (TypedSender::<()>::create(&name).unwrap(), TypedReceiver::<()>::create(&name).unwrap())
    };
    sender.send(&()).unwrap();
    assert_eq!(receiver.try_recv().unwrap(), Some(()));
    assert_eq!(receiver.try_recv().unwrap(), None);
}
