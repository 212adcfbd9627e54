//! mapview's rings: the calls that block, which look on for a while before they sleep.

use mapview_channel::{Receiver, RingOptions, Sender};

use super::{capacity, BATCH};
use crate::message::{Handling, Reader, Spec, Writer, STOP};

pub fn ring_sender(spec: &Spec, name: &str) -> Sender {
    RingOptions::new().capacity(capacity(spec) as u64).sender(name).expect("a sender")
}

pub fn ring_receiver(spec: &Spec, name: &str) -> Receiver {
    RingOptions::new().capacity(capacity(spec) as u64).receiver(name).expect("a receiver")
}

pub fn sender(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
    send_to(ring_sender(spec, name), spec)
}

pub fn receiver(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    receive_from(ring_receiver(spec, name), spec)
}

/// A ring for more senders than ever take part.
fn for_many(spec: &Spec) -> RingOptions {
    RingOptions::new().capacity(capacity(spec) as u64).senders(16).clone()
}

pub fn one_of_many(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
    send_to(for_many(spec).sender(name).expect("a sender"), spec)
}

pub fn from_many(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    receive_from(for_many(spec).receiver(name).expect("a receiver"), spec)
}

fn send_to(mut ring: Sender, spec: &Spec) -> impl FnMut(u64) -> u64 {
    let mut writer = Writer::new(spec);
    let (bytes, copied) = (spec.bytes, spec.handling == Handling::Copied);
    move |number| {
        if copied {
            ring.send(writer.buffer(number)).expect("sent");
            return 1;
        }
        let mut draft = ring.reserve(bytes).expect("room");
        // SAFETY: the room is ours until the draft is committed.
        unsafe { writer.write(draft.payload().as_mut_ptr(), number) };
        draft.commit();
        1
    }
}

fn receive_from(mut ring: Receiver, spec: &Spec) -> impl FnMut() -> u64 {
    let mut reader = Reader::new(spec);
    let copied = spec.handling == Handling::Copied;
    move || {
        let message = ring.recv().expect("received");
        if copied {
            message.copy_out(0, reader.room()).expect("as long as the room");
            return reader.number();
        }
        // SAFETY: the sender leaves a message alone until it is released.
        unsafe { reader.read(message.as_ptr()) }
    }
}

pub fn batch_sender(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
    let (mut ring, mut writer) = (ring_sender(spec, name), Writer::new(spec));
    let bytes = spec.bytes;
    move |number| {
        let mut batch = ring.batch();
        for index in 1..=BATCH {
            let mut draft = batch.reserve(bytes).expect("room");
            let number = if number == STOP && index < BATCH { 0 } else { number };
            // SAFETY: the room is ours until the draft is committed.
            unsafe { writer.write(draft.payload().as_mut_ptr(), number) };
            draft.commit();
        }
        batch.commit();
        BATCH
    }
}

pub fn batch_receiver(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    let (mut ring, mut reader) = (ring_receiver(spec, name), Reader::new(spec));
    move || {
        // SAFETY: the sender leaves a message alone until it is released.
        let mut last = unsafe { reader.read(ring.recv().expect("received").as_ptr()) };
        let read = |message: mapview_channel::Payload<'_>| {
            // SAFETY: as above.
            last = unsafe { reader.read(message.as_ptr()) };
        };
        ring.read_batch(BATCH as usize - 1, read).expect("received");
        last
    }
}
