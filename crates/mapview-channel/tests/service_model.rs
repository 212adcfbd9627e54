//! Services against a model: whatever clients and servers do in whatever order, each call gets what was replied to it.

mod support;

use std::collections::VecDeque;

use mapview_channel::{Call, Client, ErrorKind, Request, Server, ServiceOptions};
use proptest::prelude::*;
use support::unique;

const CALLS: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Step {
    Call { client: usize, len: usize },
    Take { server: usize },
    Reply { request: usize, len: usize },
    Finish { request: usize },
    GiveUp { request: usize },
    Recv { call: usize },
    Cancel { call: usize },
    Retry { call: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let any = 0..1000_usize;
    let step = prop_oneof![
        4 => (0..2_usize, 0..70_000_usize)
            .prop_map(|(client, len)| Step::Call { client, len: len % 65_537 }),
        4 => (0..2_usize).prop_map(|server| Step::Take { server }),
        6 => (any.clone(), 0..2000_usize).prop_map(|(request, len)| Step::Reply { request, len }),
        3 => any.clone().prop_map(|request| Step::Finish { request }),
        1 => any.clone().prop_map(|request| Step::GiveUp { request }),
        8 => any.clone().prop_map(|call| Step::Recv { call }),
        1 => any.clone().prop_map(|call| Step::Cancel { call }),
        2 => any.prop_map(|call| Step::Retry { call }),
    ];
    proptest::collection::vec(step, 1..150)
}

/// What the model knows of a call.
#[derive(Debug, PartialEq)]
enum Stage {
    Ready { redelivered: bool },
    Taken,
    Done,
    Dropped,
}

struct Asked {
    call: Call,
    client: usize,
    id: u64,
    text: Vec<u8>,
    stage: Stage,
    replies: VecDeque<Vec<u8>>,
    /// Whether the end was seen.
    over: bool,
}

struct Held {
    request: Request,
    client: usize,
    id: u64,
}

struct World {
    clients: Vec<Client>,
    servers: Vec<Server>,
    asked: Vec<Asked>,
    held: Vec<Held>,
    /// Of each client, calls that wait for a server, oldest first.
    waiting: [VecDeque<u64>; 2],
    next: u64,
}

fn text(seed: u64, len: usize) -> Vec<u8> {
    (0..len as u64).map(|at| (seed.wrapping_mul(31) + at * 7) as u8).collect()
}

impl World {
    fn new() -> World {
        let name = unique("model");
        let options = ServiceOptions::new().calls(CALLS as u64).clone();
        World {
            clients: (0..2).map(|_| options.client(&name).unwrap()).collect(),
            servers: (0..2).map(|_| options.server(&name).unwrap()).collect(),
            asked: Vec::new(),
            held: Vec::new(),
            waiting: Default::default(),
            next: 0,
        }
    }

    fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Call { client, len } => self.call(client, len),
            Step::Take { server } => self.take(server),
            Step::Reply { request, len } if !self.held.is_empty() => {
                let index = request % self.held.len();
                let id = self.fresh();
                let (held, reply) = (&mut self.held[index], text(id, len));
                let of = self.asked.iter_mut().find(|asked| asked.id == held.id);
                assert_eq!(held.request.try_reply(&reply).unwrap(), of.is_some());
                assert_eq!(held.request.is_cancelled(), of.is_none());
                if let Some(asked) = of {
                    asked.replies.push_back(reply);
                }
            }
            Step::Finish { request } if !self.held.is_empty() => {
                let held = self.held.remove(request % self.held.len());
                held.request.finish();
                self.end(held.id, Stage::Done);
            }
            Step::GiveUp { request } if !self.held.is_empty() => {
                let held = self.held.remove(request % self.held.len());
                drop(held.request);
                self.end(held.id, Stage::Dropped);
            }
            Step::Recv { call } if !self.asked.is_empty() => {
                let index = call % self.asked.len();
                self.recv(index);
            }
            Step::Cancel { call } if !self.asked.is_empty() => {
                let asked = self.asked.remove(call % self.asked.len());
                self.waiting[asked.client].retain(|id| *id != asked.id);
            }
            Step::Retry { call } if !self.asked.is_empty() => {
                let index = call % self.asked.len();
                self.retry(index);
            }
            _ => {}
        }
    }

    fn call(&mut self, client: usize, len: usize) {
        let id = self.fresh();
        let asked = self.asked.iter().filter(|asked| asked.client == client).count();
        let text = text(id, len);
        let made = self.clients[client].call_until(&text, mapview::Deadline::now());
        if asked == CALLS {
            assert_eq!(made.unwrap_err().kind(), ErrorKind::Occupied);
            return;
        }
        // Slots of cancelled calls come back when their servers are done.
        let is_cancelled = |held: &&Held| !self.asked.iter().any(|asked| asked.id == held.id);
        let of_client = self.held.iter().filter(|held| held.client == client);
        let room = asked + of_client.filter(is_cancelled).count() < CALLS;
        let made = made.unwrap();
        assert_eq!(made.is_some(), room);
        if let Some(call) = made {
            let (stage, replies) = (Stage::Ready { redelivered: false }, VecDeque::new());
            self.asked.push(Asked { call, client, id, text, stage, replies, over: false });
            self.waiting[client].push_back(id);
        }
    }

    fn take(&mut self, server: usize) {
        let Some(request) = self.servers[server].try_recv().unwrap() else {
            assert!(self.waiting.iter().all(VecDeque::is_empty), "a call was not seen");
            return;
        };
        let oldest = self.waiting.iter().map(|waiting| waiting.front().copied());
        let text = request.to_vec().unwrap();
        let is_it = |id: &u64| self.asked.iter().any(|asked| asked.id == *id && asked.text == text);
        // Empty texts may look the same, so the stage decides; texts of others differ by their ids.
        let mut candidates: Vec<_> =
            oldest.enumerate().filter_map(|(client, id)| Some((client, id?))).collect();
        candidates.retain(|(_, id)| is_it(id));
        let taken = candidates.iter().find(|(_, id)| {
            self.asked.iter().any(|asked| asked.id == *id && asked.call.is_taken())
        });
        let (client, id) = *taken.expect("the oldest call of a client");
        self.waiting[client].pop_front();
        let asked = self.asked.iter_mut().find(|asked| asked.id == id).unwrap();
        assert_eq!(asked.stage, Stage::Ready { redelivered: request.redelivered() });
        asked.stage = Stage::Taken;
        self.held.push(Held { request, client, id });
    }

    fn end(&mut self, id: u64, stage: Stage) {
        if let Some(asked) = self.asked.iter_mut().find(|asked| asked.id == id) {
            asked.stage = stage;
        }
    }

    fn recv(&mut self, index: usize) {
        let asked = &mut self.asked[index];
        let expected = asked.replies.pop_front();
        let got = asked.call.try_recv().map(|reply| reply.map(|reply| reply.to_vec().unwrap()));
        match got {
            Ok(Some(reply)) => assert_eq!(Some(reply), expected),
            Ok(None) => {
                assert_eq!(expected, None);
                assert_eq!(asked.call.is_finished(), asked.stage == Stage::Done);
                assert_ne!(asked.stage, Stage::Dropped);
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Abandoned);
                assert_eq!((expected, &asked.stage), (None, &Stage::Dropped));
                asked.over = true;
            }
        }
    }

    fn retry(&mut self, index: usize) {
        let asked = &mut self.asked[index];
        let tried = asked.call.retry().map_err(|error| error.kind());
        if !asked.over {
            assert_eq!(tried, Err(ErrorKind::InvalidParameter));
            return;
        }
        assert_eq!(tried, Ok(()));
        (asked.over, asked.stage) = (false, Stage::Ready { redelivered: true });
        self.waiting[asked.client].push_back(asked.id);
    }
}

#[test]
fn a_service_does_what_its_model_does() {
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() };
    proptest!(config, |(steps in steps())| {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        // Whatever is left comes to its end.
        while world.waiting.iter().any(|waiting| !waiting.is_empty()) {
            world.take(0);
        }
        while !world.held.is_empty() {
            world.step(Step::Finish { request: 0 });
        }
        for index in 0..world.asked.len() {
            while !world.asked[index].over && !world.asked[index].call.is_finished() {
                world.recv(index);
            }
        }
    });
}
