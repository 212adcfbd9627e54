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
    let (mut ring, mut writer) = (ring_sender(spec, name), Writer::new(spec));
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

pub fn receiver(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    let (mut ring, mut reader) = (ring_receiver(spec, name), Reader::new(spec));
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
        // SAFETY: as above.
        let read =
            |message: mapview_channel::Payload<'_>| last = unsafe { reader.read(message.as_ptr()) };
        ring.read_batch(BATCH as usize - 1, read).expect("received");
        last
    }
}
