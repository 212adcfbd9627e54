//! iceoryx2's publish-subscribe, busy polling, as in its own benchmark: the next sample is loaned before the answer is awaited. And
//! with its event, for who wants to sleep.

use std::hint::spin_loop;
use std::mem::MaybeUninit;

use iceoryx2::port::listener::Listener;
use iceoryx2::port::notifier::Notifier;
use iceoryx2::port::publisher::Publisher;
use iceoryx2::port::subscriber::Subscriber;
use iceoryx2::prelude::*;
use iceoryx2::sample_mut_uninit::SampleMutUninit;
use iceoryx2::service::port_factory::publish_subscribe::PortFactory;

use super::capacity;
use crate::message::{Reader, Spec, Writer};

/// More than ever take part.
const MOST: usize = 16;

type Loan = SampleMutUninit<ipc::Service, [MaybeUninit<u8>], ()>;

pub fn node() -> Node<ipc::Service> {
    set_log_level(LogLevel::Error);
    NodeBuilder::new().create::<ipc::Service>().expect("a node")
}

pub fn service(
    node: &Node<ipc::Service>,
    spec: &Spec,
    name: &str,
) -> PortFactory<ipc::Service, [u8], ()> {
    let name = ServiceName::new(name).expect("a good name");
    let service = node.service_builder(&name).publish_subscribe::<[u8]>();
    service
        .payload_alignment(Alignment::new(64).expect("a power of two"))
        .enable_safe_overflow(false)
        .history_size(0)
        .max_publishers(MOST)
        .max_subscribers(MOST)
        .subscriber_max_buffer_size((capacity(spec) / spec.bytes).min(128))
        .subscriber_max_borrowed_samples(2)
        .open_or_create()
        .expect("a service")
}

pub fn publisher(
    service: &PortFactory<ipc::Service, [u8], ()>,
    spec: &Spec,
) -> Publisher<ipc::Service, [u8], ()> {
    let publisher = service.publisher_builder().initial_max_slice_len(spec.bytes);
    let publisher = publisher.backpressure_strategy(BackpressureStrategy::RetryUntilDelivered);
    publisher.max_loaned_samples(1).create().expect("a publisher")
}

pub fn subscriber(
    service: &PortFactory<ipc::Service, [u8], ()>,
) -> Subscriber<ipc::Service, [u8], ()> {
    service.subscriber_builder().create().expect("a subscriber")
}

pub fn sender(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
    let node = node();
    let service = service(&node, spec, name);
    let publisher = publisher(&service, spec);
    let (mut writer, bytes) = (Writer::new(spec), spec.bytes);
    let loan = move || -> Loan { publisher.loan_slice_uninit(bytes).expect("a loan") };
    let mut next = Some(loan());
    move |number| {
        let _kept = (&node, &service);
        let mut sample = next.take().expect("loaned after the last one was sent");
        // SAFETY: the payload, which is ours until it is sent, is written.
        let sample = unsafe {
            writer.write(sample.payload_mut().as_mut_ptr().cast(), number);
            sample.assume_init()
        };
        sample.send().expect("sent");
        next = Some(loan());
        1
    }
}

pub fn receiver(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    let mut try_receive = polling_receiver(spec, name);
    move || loop {
        if let Some(number) = try_receive() {
            return number;
        }
        spin_loop();
    }
}

/// `None` if there is nothing.
pub fn polling_receiver(spec: &Spec, name: &str) -> impl FnMut() -> Option<u64> {
    let node = node();
    let service = service(&node, spec, name);
    let (subscriber, mut reader) = (subscriber(&service), Reader::new(spec));
    move || {
        let _kept = (&node, &service);
        let sample = subscriber.receive().expect("received")?;
        // SAFETY: nobody writes a sample that was sent.
        Some(unsafe { reader.read(sample.payload().as_ptr()) })
    }
}

pub fn notifying_sender(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
    let mut send = sender(spec, name);
    let (node, notifier) = notifier(name);
    move |number| {
        let _kept = &node;
        let sent = send(number);
        notifier.notify().expect("notified");
        sent
    }
}

pub fn listening_receiver(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    let mut try_receive = polling_receiver(spec, name);
    let (node, listener) = listener(name);
    move || loop {
        let _kept = &node;
        if let Some(number) = try_receive() {
            return number;
        }
        listener.blocking_wait(|_| ()).expect("a wait");
    }
}

fn notifier(name: &str) -> (Node<ipc::Service>, Notifier<ipc::Service>) {
    let node = node();
    let event = node.service_builder(&ServiceName::new(name).expect("a good name")).event();
    let event = event.open_or_create().expect("an event");
    let notifier = event.notifier_builder().create().expect("a notifier");
    (node, notifier)
}

fn listener(name: &str) -> (Node<ipc::Service>, Listener<ipc::Service>) {
    let node = node();
    let event = node.service_builder(&ServiceName::new(name).expect("a good name")).event();
    let event = event.open_or_create().expect("an event");
    let listener = event.listener_builder().create().expect("a listener");
    (node, listener)
}
