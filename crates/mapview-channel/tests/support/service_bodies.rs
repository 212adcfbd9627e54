//! Clients and servers that write down what they do: the bodies of processes that may be killed.

use std::path::Path;
use std::time::Duration;

use mapview_channel::{Call, Client, ErrorKind, Request, ServiceOptions};

use crate::ledger::{self, Ledger, Stop, MESSAGES};
use crate::support::{part, Part, Random};

fn begin(part: &Part) -> (Ledger, Random, ServiceOptions) {
    part.end_with_the_test();
    let ledger = Ledger::open(Path::new(&part.words[1]));
    let mut options = ServiceOptions::new();
    options.longest_request(16 << 10);
    (ledger, Random::new(part.number(2)), options)
}

/// The replies to a request: their numbers and its bytes.
fn replies(id: (u32, u32)) -> u64 {
    1 + u64::from(id.1) % 4
}

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn calls() {
    let Some(part) = part() else { return };
    let (ledger, mut random, options) = begin(&part);
    while !ledger.is_stopped(Stop::Senders) {
        let client = options.client(&part.words[0]).unwrap();
        call_a_life(&ledger, &mut random, &client);
    }
}

fn call_a_life(ledger: &Ledger, random: &mut Random, client: &Client) {
    let life = ledger.begin_life();
    let mut bytes = Vec::new();
    for number in 1..MESSAGES {
        if ledger.is_stopped(Stop::Senders) {
            return;
        }
        let id = (life, number);
        ledger::fill(id, &mut bytes);
        ledger.begin(life, number);
        let mut call = client.call(&bytes).unwrap();
        // Some are cancelled before they have all replies.
        let wanted = if random.below(16) == 0 { random.below(3) } else { u64::MAX };
        if wanted != u64::MAX {
            ledger.took_back(id);
        }
        let got = get_replies(&mut call, &bytes, wanted);
        if wanted == u64::MAX {
            assert_eq!(got, replies(id));
            assert!(call.is_finished());
        }
    }
}

/// Gets the replies to a request; when its server ended, those of another.
fn get_replies(call: &mut Call, request: &[u8], wanted: u64) -> u64 {
    let mut got = 0;
    while got < wanted {
        let reply = match call.recv() {
            Ok(Some(reply)) => Ok(reply.to_vec().unwrap()),
            Ok(None) => break,
            Err(error) => Err(error),
        };
        match reply {
            Ok(reply) => {
                assert_eq!(reply[..8], u64::to_le_bytes(got), "replies are out of order");
                assert_eq!(reply[8..], *request, "a reply is torn, or to another request");
                got += 1;
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Abandoned, "{error}");
                call.retry().unwrap();
                got = 0;
            }
        }
    }
    got
}

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn serves() {
    let Some(part) = part() else { return };
    let (ledger, mut random, options) = begin(&part);
    while !ledger.is_stopped(Stop::All) {
        let mut server = options.server(&part.words[0]).unwrap();
        for _ in 0..10_000 {
            if ledger.is_stopped(Stop::All) {
                return;
            }
            let request = server.recv_until(Duration::from_millis(50)).unwrap();
            if let Some(request) = request {
                serve(&ledger, &mut random, request);
            }
        }
    }
}

fn serve(ledger: &Ledger, random: &mut Random, mut request: Request) {
    let bytes = request.to_vec().unwrap();
    let id = ledger::parse(&bytes);
    ledger.got(id, Some(request.redelivered()));
    for number in 0..replies(id) {
        if random.below(256) == 0 {
            std::thread::sleep(Duration::from_micros(random.below(400)));
        }
        let mut reply = number.to_le_bytes().to_vec();
        reply.extend(&bytes);
        if !request.reply(&reply).unwrap() {
            return; // cancelled, or the client ended
        }
    }
    ledger.committed(id.0, id.1);
    request.finish();
    ledger.gave_back(id);
}
