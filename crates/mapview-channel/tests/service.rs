//! Services within one process: what the calls do.

mod support;

use std::time::Duration;

use mapview::Deadline;
use mapview_channel::{Client, ErrorKind, Receiver, Server, ServiceOptions};
use support::unique;

fn pair(name: &str) -> (Client, Server) {
    let name = unique(name);
    (Client::create(&name).unwrap(), Server::open(&name).unwrap())
}

/// All replies that are there, and the end if it is one.
fn replies(call: &mut mapview_channel::Call) -> Vec<Vec<u8>> {
    let mut replies = Vec::new();
    while let Some(reply) = call.try_recv().unwrap() {
        replies.push(reply.to_vec().unwrap());
    }
    replies
}

#[test]
fn replies_come_in_order_and_then_the_end() {
    let (client, mut server) = pair("in-order");
    let mut call = client.call(b"abc").unwrap();
    assert!(call.try_recv().unwrap().is_none() && !call.is_finished() && !call.is_taken());
    let mut request = server.recv().unwrap();
    assert_eq!((request.to_vec().unwrap(), request.redelivered()), (b"abc".to_vec(), false));
    assert!(call.is_taken() && server.try_recv().unwrap().is_none());
    for letter in request.to_vec().unwrap() {
        assert!(request.reply(&[letter; 5]).unwrap());
    }
    assert_eq!(replies(&mut call), [b"aaaaa", b"bbbbb", b"ccccc"]);
    assert!(!call.is_finished());
    request.finish();
    assert!(call.recv().unwrap().is_none() && call.is_finished());
    assert!(call.recv().unwrap().is_none(), "the end stays the end");
}

#[test]
fn requests_and_replies_may_be_empty_or_as_long_as_can_be() {
    let (client, mut server) = pair("lengths");
    for len in [0, 1, client.longest_request()] {
        let mut call = client.call(&vec![7; len]).unwrap();
        let request = server.recv().unwrap();
        assert_eq!(request.len(), len);
        let longest = server.longest_reply();
        request.answer(&vec![9; len.min(longest)]).unwrap();
        assert_eq!(call.recv().unwrap().unwrap().to_vec().unwrap(), vec![9; len.min(longest)]);
    }
    let error = client.call(&vec![0; client.longest_request() + 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLong);
    let mut call = client.call(b"").unwrap();
    let mut request = server.recv().unwrap();
    let error = request.reply(&vec![0; server.longest_reply() + 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLong);
    assert!(request.reply(b"short").unwrap());
    request.finish();
    assert_eq!(replies(&mut call), [b"short"]);
}

#[test]
fn a_stream_of_replies_goes_through_a_full_lane_many_times() {
    let (client, mut server) = pair("stream");
    let mut call = client.call(b"").unwrap();
    let mut request = server.recv().unwrap();
    let mut sent = 0_u32;
    let mut got = 0_u32;
    for round in 0..200_usize {
        let len = 4 + round * 997 % 9000;
        let mut reply = vec![round as u8; len];
        loop {
            reply[..4].copy_from_slice(&sent.to_le_bytes());
            if !request.try_reply(&reply).unwrap() {
                break;
            }
            sent += 1;
        }
        while got < sent - round as u32 % 3 {
            let reply = call.recv().unwrap().unwrap();
            assert_eq!(reply.read::<u32>(0).unwrap(), got);
            got += 1;
        }
    }
    request.finish();
    while let Some(reply) = call.recv().unwrap() {
        assert_eq!(reply.read::<u32>(0).unwrap(), got);
        got += 1;
    }
    assert_eq!(got, sent);
    assert!(sent > 1000);
}

#[test]
fn calls_are_taken_in_order_and_answered_in_any() {
    let (client, mut server) = pair("several");
    let mut calls: Vec<_> = (0..8_u8).map(|number| client.call(&[number]).unwrap()).collect();
    assert_eq!(client.call(b"one more").unwrap_err().kind(), ErrorKind::Occupied);
    let mut requests: Vec<_> = (0..8).map(|_| server.recv().unwrap()).collect();
    for (number, request) in requests.iter().enumerate() {
        assert_eq!(request.read::<u8>(0).unwrap(), number as u8);
    }
    for request in requests.drain(..).rev() {
        let number = request.read::<u8>(0).unwrap();
        request.answer(&[number * 2]).unwrap();
    }
    for (number, call) in calls.iter_mut().enumerate() {
        assert_eq!(replies(call), [[number as u8 * 2]]);
    }
    // Freed in any order, the slots are used again, and the order of calls stays that of their commits.
    for slots in [[3, 1], [6, 2], [5, 0]] {
        let mut kept: Vec<_> = calls.drain(..).enumerate().collect();
        kept.retain(|(slot, _)| !slots.contains(slot));
        calls = kept.into_iter().map(|(_, call)| call).collect();
        calls.extend((0..2_u8).map(|number| client.call(&[number]).unwrap()));
        for number in 0..2 {
            let request = server.recv().unwrap();
            assert_eq!(request.read::<u8>(0).unwrap(), number);
            request.finish();
        }
    }
}

#[test]
fn a_draft_that_is_dropped_is_no_call() {
    let (client, mut server) = pair("draft");
    for _ in 0..20 {
        drop(client.reserve(10).unwrap());
    }
    assert!(server.try_recv().unwrap().is_none());
    let mut draft = client.reserve(10).unwrap();
    draft.write(2, &5_u32).unwrap();
    assert_eq!(draft.copy_in(8, b"too long").unwrap_err().kind(), ErrorKind::InvalidParameter);
    let mut call = draft.commit_len(6).unwrap();
    let mut request = server.recv().unwrap();
    assert_eq!((request.len(), request.read::<u32>(2).unwrap()), (6, 5));
    let draft = request.reserve(100).unwrap().unwrap();
    let _ = draft; // given up
    let draft = request.reserve(100).unwrap().unwrap();
    draft.commit_len(3).unwrap();
    let error = request.reserve(3).unwrap().unwrap().commit_len(4).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidParameter);
    request.finish();
    assert_eq!(replies(&mut call).len(), 1);
    assert_eq!(
        client.reserve(1).unwrap().commit_len(2).unwrap_err().kind(),
        ErrorKind::InvalidParameter
    );
}

#[test]
fn a_call_that_is_dropped_is_cancelled() {
    let (client, mut server) = pair("cancelled");
    drop(client.call(b"never seen").unwrap());
    assert!(server.try_recv().unwrap().is_none());

    let call = client.call(b"cancelled later").unwrap();
    let mut request = server.recv().unwrap();
    assert!(!request.is_cancelled() && request.reply(b"one").unwrap());
    drop(call);
    assert!(request.is_cancelled());
    assert!(!request.reply(b"goes nowhere").unwrap());
    assert!(request.reserve(1).unwrap().is_none());

    // Until the server is done with it, the slot carries no other call.
    let mut others: Vec<_> = (0..7_u8).map(|number| client.call(&[number]).unwrap()).collect();
    let soon = Deadline::after(Duration::from_millis(2));
    assert!(client.call_until(b"", soon).unwrap().is_none());
    assert!(client.call_until(b"", Deadline::now()).unwrap().is_none());
    request.finish();
    others.push(client.call(&[7]).unwrap());
    for number in 0..8 {
        let request = server.recv().unwrap();
        assert_eq!(request.read::<u8>(0).unwrap(), number);
        request.answer(&[number]).unwrap();
    }
    for (number, call) in others.iter_mut().enumerate() {
        assert_eq!(replies(call), [[number as u8]], "nothing of the cancelled call is seen");
    }
}

#[test]
fn a_request_that_is_given_up_is_abandoned_and_may_be_tried_again() {
    let (client, mut server) = pair("given-up");
    let mut call = client.call(b"hard").unwrap();
    assert_eq!(call.retry().unwrap_err().kind(), ErrorKind::InvalidParameter);
    let mut request = server.recv().unwrap();
    request.reply(b"a part").unwrap();
    drop(request);
    assert_eq!(call.recv().unwrap().unwrap().to_vec().unwrap(), b"a part");
    for _ in 0..2 {
        assert_eq!(call.recv().unwrap_err().kind(), ErrorKind::Abandoned);
    }
    call.retry().unwrap();
    let request = server.recv().unwrap();
    assert!(request.redelivered());
    assert_eq!(request.to_vec().unwrap(), b"hard");
    request.answer(b"all").unwrap();
    assert_eq!(replies(&mut call), [b"all"]);
    assert!(call.is_finished());
}

#[test]
fn a_client_may_have_its_calls_redelivered_by_themselves() {
    let name = unique("redeliver");
    let client = ServiceOptions::new().redeliver(true).client(&name).unwrap();
    let mut server = Server::open(&name).unwrap();
    let (mut again, mut begun) = (client.call(b"again").unwrap(), client.call(b"begun").unwrap());
    drop(server.recv().unwrap());
    let mut request = server.recv().unwrap();
    request.reply(b"a part").unwrap();
    drop(request);
    assert!(again.try_recv().unwrap().is_none(), "offered again, and not taken yet");
    let request = server.recv().unwrap();
    assert!(request.redelivered());
    request.answer(b"done").unwrap();
    assert_eq!(replies(&mut again), [b"done"]);
    // A part of the answer was got, so it is for the caller to say what a second answer would mean.
    assert_eq!(begun.recv().unwrap().unwrap().to_vec().unwrap(), b"a part");
    assert_eq!(begun.recv().unwrap_err().kind(), ErrorKind::Abandoned);
    assert!(server.try_recv().unwrap().is_none());
}

#[test]
fn clients_have_their_turns() {
    let name = unique("turns");
    let clients: Vec<_> = (0..3).map(|_| Client::create(&name).unwrap()).collect();
    let mut server = Server::open(&name).unwrap();
    let calls: Vec<_> = (0..18_u8)
        .map(|number| clients[number as usize / 6].call(&[number / 6, number]).unwrap())
        .collect();
    let mut last = [None; 3];
    let mut longest_row = 0;
    let mut row = (9, 0);
    for _ in 0..calls.len() {
        let request = server.recv().unwrap();
        let (client, number) = (request.read::<u8>(0).unwrap(), request.read::<u8>(1).unwrap());
        assert!(last[client as usize] < Some(number), "a client's calls are taken in order");
        last[client as usize] = Some(number);
        row = if row.0 == client { (client, row.1 + 1) } else { (client, 1) };
        longest_row = longest_row.max(row.1);
        request.finish();
    }
    assert_eq!(longest_row, 1, "no client waits for another's second call");
}

#[test]
fn all_must_agree() {
    let name = unique("agree");
    let options = ServiceOptions::new().calls(4).schema("a").clone();
    let _client = options.client(&name).unwrap();
    let error = ServiceOptions::new().calls(5).schema("a").server(&name).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    let text = error.to_string();
    assert!(text.contains("the number of calls of a client is 4, not 5"), "{text}");
    let error = ServiceOptions::new().schema("b").open_server(&name).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert_eq!(Receiver::open(&name).unwrap_err().kind(), ErrorKind::NotSuchAChannel);
    assert_eq!(ServiceOptions::new().schema("a").open_client(&name).unwrap().calls(), 4);
    for bad in [0, 65] {
        let error = ServiceOptions::new().calls(bad).client(&unique("bad")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidParameter);
    }
    let mut long = ServiceOptions::new();
    let error = long.longest_request(u64::MAX).client(&unique("long")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidParameter);
}

#[test]
fn requests_are_answered_by_other_threads_and_calls_awaited_by_others() {
    let (client, mut server) = pair("threads");
    let answering = std::thread::spawn(move || {
        let mut workers = Vec::new();
        for _ in 0..200 {
            let request = server.recv().unwrap();
            workers.push(std::thread::spawn(move || {
                let number = request.read::<u32>(0).unwrap();
                request.answer(&(number + 1).to_le_bytes()).unwrap()
            }));
        }
        assert!(workers.into_iter().all(|worker| worker.join().unwrap()));
    });
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let client = &client;
            scope.spawn(move || {
                for round in 0..50_u32 {
                    let number = thread * 1000 + round;
                    let mut call = client.call(&number.to_le_bytes()).unwrap();
                    let reply = call.recv().unwrap().unwrap();
                    assert_eq!(reply.read::<u32>(0).unwrap(), number + 1);
                }
            });
        }
    });
    answering.join().unwrap();
}

#[test]
fn names_are_free_after_the_last() {
    let name = unique("free");
    let client = Client::create(&name).unwrap();
    let mut server = Server::open(&name).unwrap();
    let call = client.call(b"x").unwrap();
    let request = server.recv().unwrap();
    drop((client, server));
    assert!(Client::open(&name).is_ok(), "a call or a request keeps the service");
    drop((call, request));
    assert!(Client::open(&name).is_err());
}

#[test]
fn sixty_four_take_part_and_their_places_come_back() {
    let name = unique("places");
    let mut server = Server::create(&name).unwrap();
    for _ in 0..2 {
        let clients: Vec<_> = (0..63).map(|_| Client::open(&name).unwrap()).collect();
        assert_eq!(Client::open(&name).unwrap_err().kind(), ErrorKind::Occupied);
        let mut calls: Vec<_> = clients.iter().map(|client| client.call(b"?").unwrap()).collect();
        for _ in 0..63 {
            server.recv().unwrap().answer(b"!").unwrap();
        }
        assert!(calls.iter_mut().all(|call| replies(call) == [b"!"]));
    }
}
