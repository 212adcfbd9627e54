//! Clients and servers are killed at random moments, and start again, while numbered and summed requests and replies flow: every call
//! ends with exactly its replies, or is abandoned after some of them; nothing is torn, and those who live go on.

mod support;

use mapview_channel::{Call, Client, ErrorKind, Request, Server, ServiceOptions};
use support::{part, unique, Peer, Random};

/// `number | count of replies | length of each | bytes | sum`.
fn message(number: u64, extra: u64, len: usize) -> Vec<u8> {
    let mut bytes = [number.to_le_bytes(), extra.to_le_bytes()].concat();
    bytes.extend((0..len).map(|at| (number.wrapping_mul(0x9E37) >> (at % 7)) as u8));
    let sum = sum(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// The number and what else is said, if all of it is whole.
fn check(bytes: &[u8]) -> (u64, u64) {
    let (body, end) = bytes.split_at(bytes.len() - 8);
    assert_eq!(sum(body).to_le_bytes(), end, "torn");
    let word = |at: usize| u64::from_le_bytes(body[at..at + 8].try_into().unwrap());
    (word(0), word(8))
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn answer(mut request: Request) {
    let (number, count) = check(&request.to_vec().unwrap());
    for index in 0..count {
        let reply = message(number, index, (number % 500) as usize);
        if !request.reply(&reply).unwrap() {
            break;
        }
    }
    request.finish();
}

#[test]
#[ignore = "not a test: the body of a server"]
fn server() {
    let Some(part) = part() else { return };
    part.end_with_the_test();
    let mut server = Server::open(&part.words[0]).unwrap();
    loop {
        // Up to three at once, answered from the last.
        let mut held = vec![server.recv().unwrap()];
        while held.len() < 3 {
            let Some(request) = server.try_recv().unwrap() else { break };
            held.push(request);
        }
        held.drain(..).rev().for_each(answer);
    }
}

/// A call, and what is expected of it.
struct Asked {
    call: Call,
    number: u64,
    count: u64,
    got: u64,
}

impl Asked {
    /// Waits for the end; tries again when the server died.
    fn end(mut self) -> u64 {
        let mut abandoned = 0;
        loop {
            let reply = self.call.recv().map(|reply| reply.map(|reply| reply.to_vec().unwrap()));
            match reply {
                Ok(Some(reply)) => {
                    let found = check(&reply);
                    assert_eq!(found, (self.number, self.got), "another call's, or twice, or lost");
                    self.got += 1;
                }
                Ok(None) => {
                    assert_eq!(self.got, self.count);
                    return abandoned;
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Abandoned, "{error}");
                    assert!(self.got <= self.count);
                    abandoned += 1;
                    self.got = 0;
                    self.call.retry().unwrap();
                }
            }
        }
    }
}

/// Some calls at once, of which one is cancelled now and then.
fn ask(client: &Client, random: &mut Random) -> Vec<Asked> {
    let mut asked: Vec<Asked> = Vec::new();
    for _ in 0..1 + random.below(5) {
        let (number, count) = (random.next() >> 1, random.below(5));
        let request = message(number, count, random.below(3000) as usize);
        let call = client.call(&request).unwrap();
        asked.push(Asked { call, number, count, got: 0 });
        if random.below(20) == 0 {
            asked.swap_remove(random.below(asked.len() as u64) as usize);
        }
    }
    asked
}

fn round(client: &Client, random: &mut Random) -> u64 {
    ask(client, random).into_iter().map(Asked::end).sum()
}

#[test]
#[ignore = "not a test: the body of a client"]
fn client() {
    let Some(part) = part() else { return };
    part.end_with_the_test();
    let client = Client::open(&part.words[0]).unwrap();
    let mut random = Random::new(part.number(1));
    loop {
        round(&client, &mut random);
    }
}

#[test]
fn whoever_is_killed_the_calls_of_the_living_are_answered() {
    let name = unique("kills");
    let client = ServiceOptions::new().client(&name).unwrap();
    let seed = 7;
    let mut random = Random::new(seed);
    let start_server = || Peer::start("server", &[&name]);
    let mut started = 0_u64;
    let mut start_client = || {
        started += 1;
        Peer::start("client", &[&name, &started.to_string()])
    };
    let mut servers = [start_server(), start_server()];
    let mut clients = [start_client(), start_client()];
    let kills = if std::env::var_os("MAPVIEW_LONG").is_some() { 1000 } else { 30 };
    let mut abandoned = 0;
    for kill in 0..kills {
        let which = kill % 2;
        let dies = if random.below(3) < 2 {
            std::mem::replace(&mut servers[which], start_server())
        } else {
            std::mem::replace(&mut clients[which], start_client())
        };
        (0..random.below(20)).for_each(|_| abandoned += round(&client, &mut random));
        let asked = ask(&client, &mut random);
        (0..random.below(3000)).for_each(|_| std::hint::spin_loop());
        dies.kill();
        abandoned += asked.into_iter().map(Asked::end).sum::<u64>();
    }
    eprintln!("{kills} kills, {abandoned} calls of this process were abandoned and answered by another server");
    clients.into_iter().for_each(Peer::kill);
    // Slots that killed clients and servers left are free again.
    for _ in 0..50 {
        round(&client, &mut random);
    }
    servers.into_iter().for_each(Peer::kill);
    drop(client);
    assert!(Client::open(&name).is_err(), "the name is free");
}
