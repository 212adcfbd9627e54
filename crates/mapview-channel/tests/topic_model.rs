//! Topics against a model of them: queues, and counts of what was lost.

mod support;

use std::collections::VecDeque;

use mapview_channel::{Policy, Publisher, Sample, Subscriber, TopicOptions};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use support::unique;

const PLACES: usize = 3;
const SEATS: usize = 3;
const HELD: usize = 2;

/// What can happen. Indices are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    Publish(usize, usize),
    Receive(usize),
    Release(usize, usize),
    Batch(usize, usize),
    Come(usize, bool, u32),
    Leave(usize),
    Restart(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let few = 0..PLACES;
    prop_oneof![
        8 => (few.clone(), 0..100_usize).prop_map(|(who, len)| Step::Publish(who, len)),
        6 => few.clone().prop_map(Step::Receive),
        3 => (few.clone(), 0..HELD).prop_map(|(who, which)| Step::Release(who, which)),
        1 => (few.clone(), 0..5_usize).prop_map(|(who, most)| Step::Batch(who, most)),
        1 => (few.clone(), any::<bool>(), 0..4_u32).prop_map(|(who, blocks, history)| {
            Step::Come(who, blocks, history)
        }),
        1 => few.clone().prop_map(Step::Leave),
        1 => few.prop_map(Step::Restart),
    ]
}

/// What is published, with its number.
type Said = (usize, u64, Vec<u8>);

/// A subscriber, and what it must get.
struct Seat {
    subscriber: Subscriber,
    held: VecDeque<(Sample, Said)>,
    blocks: bool,
    /// The next number of each publisher's place.
    next: [u64; PLACES],
    dropped: u64,
}

struct Model {
    depth: u64,
    options: TopicOptions,
    name: String,
    publishers: Vec<Option<Publisher>>,
    /// All that was published, by place.
    said: [Vec<Vec<u8>>; PLACES],
    seats: Vec<Option<Seat>>,
    count: u8,
}

impl Model {
    fn new(depth: u32) -> Model {
        let name = unique("model");
        let mut options = TopicOptions::new();
        options.depth(depth).longest(100).held(HELD as u32);
        options.publishers(PLACES as u32).subscribers(SEATS as u32);
        let publishers = (0..PLACES).map(|_| Some(options.publisher(&name).unwrap())).collect();
        Model {
            depth: u64::from(depth),
            options,
            name,
            publishers,
            said: Default::default(),
            seats: (0..SEATS).map(|_| None).collect(),
            count: 0,
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Publish(who, len) => self.publish(who, len),
            Step::Receive(who) => self.receive(who),
            Step::Release(who, which) => {
                if let Some(seat) = &mut self.seats[who] {
                    if let Some((sample, said)) = seat.held.remove(which) {
                        check(&sample, &said);
                    }
                }
            }
            Step::Batch(who, most) => {
                let held = self.seats[who].as_ref().map_or(HELD, |seat| seat.held.len());
                if held < HELD {
                    self.batch(who, most);
                }
            }
            Step::Come(who, blocks, history) => {
                self.leave(who);
                self.come(who, blocks, u64::from(history).min(self.depth));
            }
            Step::Leave(who) => self.leave(who),
            Step::Restart(who) => {
                // The places below are taken, so it gets its own again.
                self.publishers[who] = None;
                let publisher = self.options.publisher(&self.name).unwrap();
                assert_eq!(publisher.sequence(), self.said[who].len() as u64);
                self.publishers[who] = Some(publisher);
            }
        }
        for seat in self.seats.iter().flatten() {
            seat.held.iter().for_each(|(sample, said)| check(sample, said));
            assert_eq!(seat.subscriber.dropped(), seat.dropped);
        }
    }

    fn publish(&mut self, who: usize, len: usize) {
        self.count = self.count.wrapping_add(1);
        let bytes = vec![self.count; len];
        let tail = self.said[who].len() as u64;
        let behind = |seat: &Seat| seat.blocks && tail - seat.next[who] >= self.depth;
        let must_wait = self.seats.iter().flatten().any(behind);
        let publisher = self.publishers[who].as_mut().unwrap();
        assert_eq!(publisher.try_publish(&bytes).unwrap(), !must_wait);
        if !must_wait {
            self.said[who].push(bytes);
        }
    }

    /// What this subscriber must get next of each place, if there is something.
    fn next(
        seat: &mut Seat,
        depth: u64,
        said: &[Vec<Vec<u8>>; PLACES],
        place: usize,
    ) -> Option<Said> {
        let tail = said[place].len() as u64;
        if tail - seat.next[place] > depth + 1 {
            seat.dropped += tail - depth - seat.next[place];
            seat.next[place] = tail - depth;
        }
        let number = seat.next[place];
        let bytes = said[place].get(number as usize)?.clone();
        seat.next[place] += 1;
        Some((place, number, bytes))
    }

    fn receive(&mut self, who: usize) {
        let Some(seat) = &mut self.seats[who] else { return };
        let waiting = (0..PLACES).any(|place| seat.next[place] < self.said[place].len() as u64);
        if seat.held.len() == HELD && waiting {
            assert!(seat.subscriber.try_recv().is_err());
            return;
        }
        let Some(sample) = seat.subscriber.try_recv().unwrap() else {
            assert!(!waiting);
            return;
        };
        // Any publisher may be next, but of that one this sample.
        let said = Model::next(seat, self.depth, &self.said, sample.publisher());
        let said = said.expect("it was not published");
        check(&sample, &said);
        seat.held.push_back((sample, said));
    }

    fn batch(&mut self, who: usize, most: usize) {
        let Some(seat) = &mut self.seats[who] else { return };
        let mut lens = Vec::new();
        let count = seat.subscriber.read_batch(most, |sample| lens.push(sample.len())).unwrap();
        assert_eq!(lens.len(), count);
        let waiting = |seat: &Seat, place: usize| seat.next[place] < self.said[place].len() as u64;
        // Whose turn it is, the subscriber knows; so only how many there are is compared, and then all the rest is taken.
        let mut gone = 0;
        let mut rest = Vec::new();
        while let Some(sample) = seat.subscriber.try_recv().unwrap() {
            rest.push((sample.publisher(), sample.sequence(), sample.to_vec().unwrap()));
        }
        for place in 0..PLACES {
            let mut all = Vec::new();
            while waiting(seat, place) {
                all.push(Model::next(seat, self.depth, &self.said, place).unwrap());
            }
            let mine: Vec<_> = rest.iter().filter(|said| said.0 == place).cloned().collect();
            assert!(all.ends_with(&mine));
            gone += all.len() - mine.len();
        }
        assert_eq!(gone, count);
    }

    fn come(&mut self, who: usize, blocks: bool, history: u64) {
        let mut options = self.options.clone();
        options.policy(if blocks { Policy::Block } else { Policy::Overwrite });
        let subscriber = options.history(history as u32).subscriber(&self.name).unwrap();
        let next =
            std::array::from_fn(|place| (self.said[place].len() as u64).saturating_sub(history));
        self.seats[who] =
            Some(Seat { subscriber, held: VecDeque::new(), blocks, next, dropped: 0 });
    }

    fn leave(&mut self, who: usize) {
        let Some(Seat { subscriber, held, .. }) = self.seats[who].take() else { return };
        drop(subscriber);
        held.iter().for_each(|(sample, said)| check(sample, said));
    }
}

fn check(sample: &Sample, (place, number, bytes): &Said) {
    assert_eq!((sample.publisher(), sample.sequence()), (*place, *number));
    assert_eq!(&sample.to_vec().unwrap(), bytes);
}

#[test]
fn a_topic_does_what_the_model_does() {
    let config = ProptestConfig { cases: 150, failure_persistence: None, ..Default::default() };
    let cases = (1..5_u32, prop::collection::vec(step(), 1..200));
    let run = |(depth, steps): (u32, Vec<Step>)| {
        let mut model = Model::new(depth);
        steps.into_iter().for_each(|step| model.step(step));
        Ok(())
    };
    TestRunner::new(config).run(&cases, run).unwrap();
}
