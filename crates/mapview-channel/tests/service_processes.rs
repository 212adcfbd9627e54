//! Services between processes: who is killed or stopped harms nobody else.

mod support;

use std::time::Duration;

use mapview_channel::{Client, ErrorKind, Server, ServiceOptions};
use support::{part, unique, until, Part, Peer};

#[test]
#[ignore = "not a test: the body of a server"]
fn server() {
    let Some(part) = part() else { return };
    let mut server = Server::open(&part.words[0]).unwrap();
    part.say("ready");
    loop {
        let mut request = server.recv().unwrap();
        match request.to_vec().unwrap().as_slice() {
            b"end" => return request.finish(),
            b"keep" => keep(&part, request),
            b"begin" => {
                request.reply(b"one").unwrap();
                request.reply(b"two").unwrap();
                drop(request.reserve(100).unwrap().unwrap().copy_in(0, b"half writ"));
                keep(&part, request)
            }
            b"flood" => {
                let mut count = 0;
                while request.reply(&[7; 1000]).unwrap() {
                    count += 1;
                }
                assert!(request.is_cancelled());
                part.say(format!("cancelled after {count}"));
            }
            b"redelivered?" => {
                let answer = [u8::from(request.redelivered())];
                assert!(request.answer(&answer).unwrap());
            }
            other => assert!(request.answer(other).unwrap()),
        }
    }
}

/// Says that it has the request, and does not answer.
fn keep(part: &Part, request: mapview_channel::Request) {
    part.say("kept");
    std::mem::forget(request);
}

#[test]
#[ignore = "not a test: the body of a client who leaves calls behind"]
fn client() {
    let Some(part) = part() else { return };
    part.end_with_the_test();
    let client = Client::open(&part.words[0]).unwrap();
    let calls: Vec<_> =
        part.words[1..].iter().map(|word| client.call(word.as_bytes()).unwrap()).collect();
    part.say("called");
    until("taken", || calls[0].is_taken());
    part.say("taken");
    loop {
        std::thread::park();
    }
}

fn start_server(name: &str) -> Peer {
    let mut peer = Peer::start("server", &[name]);
    assert_eq!(peer.hear(), "ready");
    peer
}

fn ask(client: &Client, request: &[u8]) -> Vec<u8> {
    let mut call = client.call(request).unwrap();
    let reply = call.recv().unwrap().expect("a reply").to_vec().unwrap();
    assert!(call.recv().unwrap().is_none());
    reply
}

#[test]
fn a_server_answers_many_calls() {
    let name = unique("answers");
    let client = Client::create(&name).unwrap();
    let peer = start_server(&name);
    for round in 0..1000_usize {
        let request = vec![round as u8; 3 + round * 37 % 3000];
        assert_eq!(ask(&client, &request), request);
    }
    let mut end = client.call(b"end").unwrap();
    assert!(end.recv().unwrap().is_none());
    peer.join();
    // Nobody is there, so a call waits; and is taken by the next who comes.
    let mut waiting = client.call(b"hello").unwrap();
    assert!(waiting.recv_until(Duration::from_millis(5)).unwrap().is_none());
    let _peer = start_server(&name);
    assert_eq!(waiting.recv().unwrap().unwrap().to_vec().unwrap(), b"hello");
}

#[test]
fn what_a_killed_server_had_taken_is_abandoned_after_what_it_had_replied() {
    let name = unique("killed");
    let client = Client::create(&name).unwrap();
    let mut peer = start_server(&name);
    let (mut begun, mut kept) = (client.call(b"begin").unwrap(), client.call(b"keep").unwrap());
    assert_eq!((peer.hear(), peer.hear()), ("kept".into(), "kept".into()));
    assert_eq!(begun.recv().unwrap().unwrap().to_vec().unwrap(), b"one");
    assert!(kept.recv_until(Duration::from_millis(5)).unwrap().is_none());
    let waiting = std::thread::spawn(move || {
        let error = kept.recv().unwrap_err();
        (kept, error.kind())
    });
    peer.kill();
    assert_eq!(begun.recv().unwrap().unwrap().to_vec().unwrap(), b"two");
    assert_eq!(begun.recv().unwrap_err().kind(), ErrorKind::Abandoned);
    let (mut kept, kind) = waiting.join().unwrap();
    assert_eq!(kind, ErrorKind::Abandoned);

    // Another one gets them again, unchanged.
    kept.retry().unwrap();
    let mut peer = start_server(&name);
    assert_eq!(peer.hear(), "kept");
    begun.retry().unwrap();
    assert_eq!(peer.hear(), "kept");
    assert_eq!(begun.recv().unwrap().unwrap().to_vec().unwrap(), b"one");
    assert_eq!(ask(&client, b"others go on"), b"others go on");
}

#[test]
#[cfg(unix)] // processes are stopped by signals
fn a_call_is_redelivered_when_its_server_is_killed() {
    let name = unique("redelivered");
    let client = ServiceOptions::new().redeliver(true).client(&name).unwrap();
    let mut first = start_server(&name);
    first.stop();
    let mut call = client.call(b"redelivered?").unwrap();
    assert!(call.recv_until(Duration::from_millis(5)).unwrap().is_none());
    let mut kept = client.call(b"keep").unwrap();
    first.go_on();
    assert_eq!(call.recv().unwrap().unwrap().to_vec().unwrap(), [0]);
    assert_eq!(first.hear(), "kept");
    first.kill();
    let mut second = start_server(&name);
    assert!(kept.recv_until(Duration::from_millis(20)).unwrap().is_none());
    assert_eq!(second.hear(), "kept");
}

#[test]
fn calls_of_a_killed_client_vanish_or_are_cancelled() {
    let name = unique("vanish");
    let mut here = Server::create(&name).unwrap();
    let mut peer = Peer::start("client", &[&name, "taken", "also taken", "left"]);
    assert_eq!(peer.hear(), "called");
    let (mut taken, mut also) = (here.recv().unwrap(), here.recv().unwrap());
    assert!(!taken.is_cancelled());
    peer.kill();
    until("the death is seen", || taken.is_cancelled());
    assert!(!also.reply(b"to nobody").unwrap());
    // A server that comes now sees nothing of the call that nobody had taken; and neither does the place's next client.
    let mut late = Server::open(&name).unwrap();
    assert!(late.try_recv().unwrap().is_none());
    let client = Client::open(&name).unwrap();
    let mut calls: Vec<_> = (0..6_u8).map(|number| client.call(&[number]).unwrap()).collect();
    for number in 0..6_u8 {
        let request = late.recv().unwrap();
        assert_eq!(request.to_vec().unwrap(), [number]);
        request.answer(&[number]).unwrap();
    }
    for (number, call) in calls.iter_mut().enumerate() {
        assert_eq!(call.recv().unwrap().unwrap().to_vec().unwrap(), [number as u8]);
    }
}

#[test]
fn a_flood_for_a_killed_client_ends() {
    let name = unique("flood");
    let client = Client::create(&name).unwrap();
    let mut server = start_server(&name);
    let mut peer = Peer::start("client", &[&name, "flood"]);
    assert_eq!((peer.hear(), peer.hear()), ("called".into(), "taken".into()));
    peer.kill();
    assert!(server.hear().starts_with("cancelled after "));
    assert_eq!(ask(&client, b"on"), b"on");
    // And for one who drops the call.
    let mut call = client.call(b"flood").unwrap();
    for _ in 0..200 {
        assert_eq!(call.recv().unwrap().unwrap().len(), 1000);
    }
    drop(call);
    assert!(server.hear().starts_with("cancelled after "));
    assert_eq!(ask(&client, b"on"), b"on");
}

#[test]
#[cfg(unix)]
fn who_is_stopped_stops_nobody_else() {
    let name = unique("stopped");
    let client = Client::create(&name).unwrap();
    let servers = [start_server(&name), start_server(&name)];
    let mut bystander = Peer::start("client", &[&name, "flood"]); // takes one server
    assert_eq!((bystander.hear(), bystander.hear()), ("called".into(), "taken".into()));
    bystander.stop();
    until("one server answers", || {
        let mut call = client.call(b"x").unwrap();
        let answered =
            call.recv_until(mapview::Deadline::after(Duration::from_millis(200))).unwrap();
        answered.is_some()
    });
    // Now one server is stopped with a call in its hands, or while it sleeps; the other goes on.
    servers[0].stop();
    servers[1].stop();
    let mut call = client.call(b"y").unwrap();
    assert!(call
        .recv_until(mapview::Deadline::after(Duration::from_millis(20)))
        .unwrap()
        .is_none());
    bystander.go_on();
    let _third = start_server(&name);
    assert_eq!(call.recv().unwrap().unwrap().to_vec().unwrap(), b"y");
    drop(call);
    for round in 0..100_u8 {
        assert_eq!(ask(&client, &[round; 9]), [round; 9]);
    }
    servers.iter().for_each(Peer::go_on);
}

#[test]
fn a_name_is_free_when_the_last_was_killed() {
    let name = unique("free");
    let peer = {
        let _here = Server::create(&name).unwrap();
        let mut peer = Peer::start("client", &[&name, "x"]);
        assert_eq!(peer.hear(), "called");
        peer
    };
    assert!(Client::open(&name).is_ok());
    peer.kill();
    assert!(Client::open(&name).is_err());
    let options = ServiceOptions::new().calls(3).clone();
    assert_eq!(options.client(&name).unwrap().calls(), 3, "nothing of the old one is left");
}
