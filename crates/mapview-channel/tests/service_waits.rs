//! Services: waiting for many, in async functions, and with values.

mod support;

use std::time::Duration;

use mapview::{Deadline, Event, Reset};
use mapview_channel::{wait_any, Client, ErrorKind, Server, ServiceOptions, Waitable};
use support::{unique, PATIENCE};

#[test]
fn servers_calls_and_events_are_waited_for_together() {
    let name = unique("together");
    let client = Client::create(&name).unwrap();
    let mut server = Server::open(&name).unwrap();
    let stop = Event::create("", Reset::Auto).unwrap();
    let wait = |server: &mut Server, deadline| {
        let ready = wait_any(&mut [server.waitable(), Waitable::object(&stop)], deadline);
        ready.unwrap().map(|ready| ready.index())
    };
    let soon = || Deadline::after(Duration::from_millis(3));
    assert_eq!(wait(&mut server, soon()), None);
    let (mut one, mut two) = (client.call(b"1").unwrap(), client.call(b"2").unwrap());
    assert_eq!(wait(&mut server, Deadline::now()), Some(0));
    assert_eq!(wait(&mut server, Deadline::never()), Some(0), "nothing is taken");
    let first = server.try_recv().unwrap().expect("it is ready");
    let second = server.recv().unwrap();
    stop.set().unwrap();
    assert_eq!(wait(&mut server, Deadline::never()), Some(1));

    let both = |one: &mut mapview_channel::Call, two: &mut mapview_channel::Call, deadline| {
        let ready = wait_any(&mut [one.waitable(), two.waitable()], deadline);
        ready.unwrap().map(|ready| ready.index())
    };
    assert_eq!(both(&mut one, &mut two, soon()), None);
    let answering = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(5));
        second.answer(b"second").unwrap()
    });
    assert_eq!(both(&mut one, &mut two, Deadline::after(PATIENCE)), Some(1));
    assert_eq!(two.try_recv().unwrap().unwrap().to_vec().unwrap(), b"second");
    assert!(answering.join().unwrap());
    drop(first);
    assert_eq!(both(&mut one, &mut two, Deadline::after(PATIENCE)), Some(0), "an end is news");
    assert_eq!(one.try_recv().unwrap_err().kind(), ErrorKind::Abandoned);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_and_requests_in_async_functions() {
    let name = unique("async");
    let client = Client::create(&name).unwrap();
    let mut server = Server::open(&name).unwrap();
    let serving = tokio::spawn(async move {
        for _ in 0..40 {
            let mut request = server.recv_async().await.unwrap();
            let number: u32 = request.read(0).unwrap();
            for _ in 0..number % 4 {
                let mut draft = request.reserve_async(30_000).await.unwrap().unwrap();
                draft.write(0, &number).unwrap();
                draft.commit();
            }
            request.finish();
        }
    });
    let asking = tokio::spawn(async move {
        for round in 0..20_u32 {
            let (mut one, mut two) = (
                client.call(&(round * 2).to_le_bytes()).unwrap(),
                client.call(&(round * 2 + 1).to_le_bytes()).unwrap(),
            );
            let (one, two) = tokio::join!(all(&mut one), all(&mut two));
            assert_eq!(one, vec![round * 2; (round as usize * 2) % 4]);
            assert_eq!(two, vec![round * 2 + 1; (round as usize * 2 + 1) % 4]);
        }
    });
    asking.await.unwrap();
    serving.await.unwrap();
}

async fn all(call: &mut mapview_channel::Call) -> Vec<u32> {
    let mut replies = Vec::new();
    while let Some(reply) = call.recv_async().await.unwrap() {
        replies.push(reply.read(0).unwrap());
    }
    replies
}

#[test]
fn values_are_asked_and_answered() {
    let name = unique("values");
    let options = ServiceOptions::new().schema("pair -> sum").clone();
    let client = options.typed_client::<[u32; 2], u64>(&name).unwrap();
    let mut server = options.open_typed_server::<[u32; 2], u64>(&name).unwrap();
    let mut call = client.call(&[3, 4]).unwrap();
    let mut request = server.recv().unwrap();
    let [a, b] = request.value();
    assert!(request.reply(&u64::from(a)).unwrap());
    assert!(request.answer(&u64::from(a + b)).unwrap());
    assert_eq!((call.recv().unwrap(), call.recv().unwrap()), (Some(3), Some(7)));
    assert_eq!((call.recv().unwrap(), call.is_finished()), (None, true));

    let error = options.typed_server::<[u32; 2], u32>(&name).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    let error = options.open_typed_client::<u32, u64>(&name).unwrap_err();
    assert!(
        error.to_string().contains("values of 8 and 8 bytes, not values of 4 and 8"),
        "{error}"
    );
    assert_eq!(options.open_client(&name).unwrap_err().kind(), ErrorKind::Mismatch);
    let answering = std::thread::spawn(move || server.recv().unwrap().finish());
    assert_eq!(client.ask(&[1, 1]).unwrap_err().kind(), ErrorKind::Abandoned);
    answering.join().unwrap();
}
