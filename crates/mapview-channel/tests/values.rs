//! Values that serde encodes, through each kind of channel; with the feature `postcard`.

mod support;

use mapview_channel::{Client, ErrorKind, Publisher, Receiver, Sender, Server, Subscriber};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use support::unique;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Order {
    Buy { what: String, limit: Option<f64> },
    Cancel(Vec<u64>),
}

fn order() -> Order {
    Order::Buy { what: "tea".into(), limit: Some(2.5) }
}

#[test]
fn values_arrive_through_every_kind_of_channel() {
    let name = unique("values-ring");
    let (mut sender, mut receiver) =
        (Sender::create(&name).unwrap(), Receiver::create(&name).unwrap());
    sender.send_value(&order()).unwrap();
    assert_eq!(receiver.recv().unwrap().value::<Order>().unwrap(), order());

    let name = unique("values-topic");
    let (mut publisher, mut subscriber) =
        (Publisher::create(&name).unwrap(), Subscriber::create(&name).unwrap());
    publisher.publish_value(&order()).unwrap();
    assert_eq!(subscriber.recv().unwrap().payload().value::<Order>().unwrap(), order());

    let name = unique("values-service");
    let (client, mut server) = (Client::create(&name).unwrap(), Server::create(&name).unwrap());
    let mut call = client.call_value(&Order::Cancel(vec![7, 8])).unwrap();
    let mut request = server.recv().unwrap();
    let Order::Cancel(numbers) = request.payload().value().unwrap() else {
        panic!("another request")
    };
    assert!(request.reply_value(&numbers.len()).unwrap());
    request.finish();
    assert_eq!(call.recv().unwrap().unwrap().value::<usize>().unwrap(), 2);
}

#[test]
fn what_is_no_value_of_the_type_is_refused() {
    let name = unique("values-refused");
    let (mut sender, mut receiver) =
        (Sender::create(&name).unwrap(), Receiver::create(&name).unwrap());
    sender.send(&[9, 1, 2, 3]).unwrap(); // there is no ninth sort of order
    let error = receiver.recv().unwrap().value::<Order>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encoding);
    sender.send_value(&(1_u8, 2_u8)).unwrap();
    let error = receiver.recv().unwrap().value::<u8>().unwrap_err();
    assert!(error.to_string().contains("1 of 2 bytes are left over"), "{error}");
}

proptest! {
    /// Lengths in the bytes are not believed: no panic, and no memory for what is not there.
    #[test]
    fn any_bytes_are_a_value_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let name = unique("values-any");
        let mut sender = Sender::create(&name).unwrap();
        let mut receiver = Receiver::create(&name).unwrap();
        sender.send(&bytes).unwrap();
        let value = receiver.recv().unwrap().value::<Order>();
        if let Err(error) = value {
            prop_assert_eq!(error.kind(), ErrorKind::Encoding);
        }
    }
}
