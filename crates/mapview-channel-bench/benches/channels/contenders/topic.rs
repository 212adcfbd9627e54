//! mapview's topics, with a subscriber that misses nothing.

use mapview_channel::{Policy, Publisher, Subscriber, TopicOptions};

use super::capacity;
use crate::message::{Handling, Reader, Spec, Writer};

fn options(spec: &Spec) -> TopicOptions {
    let depth = (capacity(spec) / spec.bytes).min(128) as u32;
    TopicOptions::new().longest(spec.bytes as u64).depth(depth).policy(Policy::Block).clone()
}

pub fn publisher(spec: &Spec, name: &str) -> Publisher {
    options(spec).publisher(name).expect("a publisher")
}

pub fn subscriber(spec: &Spec, name: &str) -> Subscriber {
    options(spec).subscriber(name).expect("a subscriber")
}

pub fn sender(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
    let (mut topic, mut writer) = (publisher(spec, name), Writer::new(spec));
    let (bytes, copied) = (spec.bytes, spec.handling == Handling::Copied);
    move |number| {
        if copied {
            topic.publish(writer.buffer(number)).expect("published");
            return 1;
        }
        let mut loan = topic.loan(bytes).expect("a loan");
        // SAFETY: the loan is ours until it is published.
        unsafe { writer.write(loan.payload().as_mut_ptr(), number) };
        loan.publish();
        1
    }
}

pub fn receiver(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    let (mut topic, mut reader) = (subscriber(spec, name), Reader::new(spec));
    let copied = spec.handling == Handling::Copied;
    move || {
        let sample = topic.recv().expect("received");
        if copied {
            sample.copy_out(0, reader.room()).expect("as long as the room");
            return reader.number();
        }
        // SAFETY: nobody writes a sample that is held.
        unsafe { reader.read(sample.payload().as_ptr()) }
    }
}
