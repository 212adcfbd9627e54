//! Making a channel in one process and joining it in another one, both of which hold some already.

use std::time::Instant;

use crate::contenders::{iceoryx, own, service, topic};
use crate::measured::{Effort, Measured, Unit};
use crate::message::{Handling, Spec};
use crate::peer::{orders, say, Peer};
use crate::stage::Stage;

/// The group's name.
pub const SETUP: &str = "setup";
/// Disciplines, as the tables call them.
pub const CREATE: &str = "create, as the one that receives";
pub const CONNECT: &str = "connect from another process, as the one that sends";
const NODE: &str = "a node, once in each process";

pub fn measure(_: &mut Stage, effort: &Effort) -> Vec<Measured> {
    let mut peer = Peer::start(&["connector"]);
    let new = |what, who| Measured { unit: Unit::Microseconds, ..Measured::new(SETUP, what, who) };
    let spec = Spec::new("", 64, Handling::Whole);
    let mut all = Vec::new();
    let mut pair = |who, way: &str, create: &mut dyn FnMut(&str) -> Box<dyn FnOnce()>| {
        let (mut creating, mut connecting) = (new(CREATE, who), new(CONNECT, who));
        for round in 0..effort.rounds(200) + 2 {
            let name = format!("setup-{}-{way}-{round}", std::process::id());
            let start = Instant::now();
            let end = create(&name);
            let created = start.elapsed();
            peer.tell(&format!("{way} {name}"));
            let connected: f64 = peer.hear().parse().expect("nanoseconds");
            end();
            if round >= 2 {
                creating.rounds.push(created.as_nanos() as f64 / 1e3);
                connecting.rounds.push(connected / 1e3);
            }
        }
        all.extend([creating, connecting]);
    };
    let _held = own::ring_receiver(&spec, &format!("setup-{}-held", std::process::id()));
    pair(crate::latency::RING, "ring", &mut |name| {
        let receiver = own::ring_receiver(&spec, name);
        Box::new(|| drop(receiver))
    });
    pair(crate::latency::TOPIC, "topic", &mut |name| {
        let subscriber = topic::subscriber(&spec, name);
        Box::new(|| drop(subscriber))
    });
    pair(crate::latency::SERVICE, "service", &mut |name| {
        let server = service::server(name);
        Box::new(|| drop(server))
    });
    let node = iceoryx::node();
    pair(crate::latency::ICEORYX, "iceoryx2", &mut |name| {
        let service = iceoryx::service(&node, &spec, name);
        let subscriber = iceoryx::subscriber(&service);
        Box::new(|| drop((service, subscriber)))
    });
    let mut nodes = new(NODE, crate::latency::ICEORYX);
    for _ in 0..effort.rounds(50) {
        let start = Instant::now();
        let node = iceoryx::node();
        nodes.rounds.push(start.elapsed().as_nanos() as f64 / 1e3);
        drop(node);
    }
    all.push(nodes);
    all
}

/// As the other process: joins, and says how long it took.
pub fn be_connector() {
    let spec = Spec::new("", 64, Handling::Whole);
    let node = iceoryx::node();
    let _held = own::ring_sender(&spec, &format!("setup-{}-held", std::process::id()));
    for order in orders() {
        let (way, name) = order.split_once(' ').expect("a way and a name");
        let start = Instant::now();
        let joined: Box<dyn std::any::Any> = match way {
            "ring" => Box::new(own::ring_sender(&spec, name)),
            "topic" => Box::new(topic::publisher(&spec, name)),
            "service" => Box::new(service::client(name)),
            _ => {
                let service = iceoryx::service(&node, &spec, name);
                Box::new((iceoryx::publisher(&service, &spec), service))
            }
        };
        say(start.elapsed().as_nanos());
        drop(joined);
    }
}
