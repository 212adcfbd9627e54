//! Rings against queues: random sequences of operations, also with drafts that are dropped, batches, participants that come and go.

mod support;

use std::collections::VecDeque;

use mapview_channel::{Receiver, RingOptions, Sender};
use proptest::prelude::*;
use support::unique;

#[derive(Clone, Debug)]
enum Step {
    /// A message of this length by this sender.
    Send(usize, usize),
    /// A draft of this length, of which so much is committed; it is dropped if that is more.
    Draft(usize, usize, usize),
    /// Several messages at once.
    Batch(usize, Vec<usize>),
    /// So many messages, one by one, by this receiver.
    Recv(usize, usize),
    RecvBatch(usize, usize),
    RestartSender(usize),
    RestartReceiver(usize),
}

/// Sender and number: what every message begins with, so that each is another.
const HEAD: usize = 9;

fn len() -> impl Strategy<Value = usize> {
    prop_oneof![4 => HEAD..100, 2 => HEAD..3000, 1 => 20_000..65_537_usize]
}

fn step(senders: usize, receivers: usize) -> impl Strategy<Value = Step> {
    let (sender, receiver) = (0..senders, 0..receivers);
    let batch = prop::collection::vec(HEAD..500, 0..40);
    prop_oneof![
        8 => (sender.clone(), len()).prop_map(|(by, len)| Step::Send(by, len)),
        3 => (sender.clone(), len(), len()).prop_map(|(by, a, b)| Step::Draft(by, a, b)),
        2 => (sender.clone(), batch).prop_map(|(by, lens)| Step::Batch(by, lens)),
        8 => (receiver.clone(), 1..6_usize).prop_map(|(by, count)| Step::Recv(by, count)),
        3 => (receiver.clone(), 0..80_usize).prop_map(|(by, count)| Step::RecvBatch(by, count)),
        1 => sender.prop_map(Step::RestartSender),
        1 => receiver.prop_map(Step::RestartReceiver),
    ]
}

/// The ring, and what should be under way in it.
struct Model {
    options: RingOptions,
    name: String,
    senders: Vec<Option<Sender>>,
    receivers: Vec<Option<Receiver>>,
    queues: Vec<VecDeque<Vec<u8>>>,
    number: u64,
}

impl Model {
    fn new(senders: usize, receivers: usize) -> Model {
        let mut options = RingOptions::new();
        options.senders(senders).receivers(receivers).schema("model");
        let name = unique("model");
        let sender = |_| Some(options.sender(&name).unwrap());
        let receiver = |_| Some(options.receiver(&name).unwrap());
        Model {
            senders: (0..senders).map(sender).collect(),
            receivers: (0..receivers).map(receiver).collect(),
            queues: vec![VecDeque::new(); senders],
            number: 0,
            options: options.clone(),
            name,
        }
    }

    fn bytes(&mut self, by: usize, len: usize) -> Vec<u8> {
        self.number += 1;
        let number = self.number.to_le_bytes();
        let rest = (0..len.max(HEAD) - HEAD).map(|at| number[at % 2] ^ at as u8);
        std::iter::once(by as u8).chain(number).chain(rest).collect()
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Send(by, len) => {
                let bytes = self.bytes(by, len);
                if self.sender(by).try_send(&bytes).unwrap() {
                    self.queues[by].push_back(bytes);
                } else {
                    assert!(!self.queues[by].is_empty(), "an empty ring has no room");
                }
            }
            Step::Draft(by, len, committed) => {
                let bytes = self.bytes(by, committed);
                let Some(mut draft) = self.sender(by).try_reserve(len).unwrap() else { return };
                if committed <= len {
                    draft.copy_in(0, &bytes).unwrap();
                    draft.commit_len(committed).unwrap();
                    self.queues[by].push_back(bytes);
                }
            }
            Step::Batch(by, lens) => {
                let all: Vec<Vec<u8>> = lens.iter().map(|len| self.bytes(by, *len)).collect();
                let mut batch = self.senders[by].as_mut().unwrap().batch();
                for bytes in all {
                    let Some(mut draft) = batch.try_reserve(bytes.len()).unwrap() else { break };
                    draft.copy_in(0, &bytes).unwrap();
                    draft.commit();
                    self.queues[by].push_back(bytes);
                }
            }
            Step::Recv(by, mut most) => {
                while most > 0 && self.receive(by) {
                    most -= 1;
                }
            }
            Step::RecvBatch(by, most) => self.receive_batch(by, most),
            Step::RestartSender(by) => {
                self.senders[by] = None;
                let sender = self.options.sender(&self.name).unwrap();
                assert_eq!(sender.id(), by, "it is the only one that is free");
                self.senders[by] = Some(sender);
            }
            Step::RestartReceiver(by) => {
                self.receivers[by] = None;
                self.receivers[by] = Some(self.options.receiver(&self.name).unwrap());
            }
        }
    }

    fn sender(&mut self, by: usize) -> &mut Sender {
        self.senders[by].as_mut().unwrap()
    }

    /// Whether there was a message.
    fn receive(&mut self, by: usize) -> bool {
        let Some(message) = self.receivers[by].as_mut().unwrap().try_recv().unwrap() else {
            let none = self.queues.iter().all(VecDeque::is_empty);
            assert!(none, "there is a message, and it does not come");
            return false;
        };
        assert!(!message.redelivered());
        let sent = self.queues[message.sender()].pop_front().expect("never sent");
        assert!(message.to_vec().unwrap() == sent, "another message than was sent");
        true
    }

    fn receive_batch(&mut self, by: usize, most: usize) {
        let (receiver, queues) = (self.receivers[by].as_mut().unwrap(), &mut self.queues);
        let there: usize = queues.iter().map(VecDeque::len).sum();
        let read = |payload: mapview_channel::Payload<'_>| {
            let bytes = payload.to_vec().unwrap();
            let sent = queues[usize::from(bytes[0])].pop_front().expect("never sent");
            assert!(bytes == sent, "another message than was sent");
        };
        assert_eq!(receiver.read_batch(most, read).unwrap(), there.min(most));
    }
}

fn run(senders: usize, receivers: usize, steps: Vec<Step>) {
    let mut model = Model::new(senders, receivers);
    for step in steps {
        model.apply(step);
    }
    while model.receive(receivers - 1) {}
}

fn steps(senders: usize, receivers: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(senders, receivers), 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_sender_and_one_receiver_are_a_queue(steps in steps(1, 1)) {
        run(1, 1, steps);
    }

    #[test]
    fn many_senders_are_a_queue_each(steps in steps(4, 1)) {
        run(4, 1, steps);
    }

    #[test]
    fn many_receivers_share_a_queue(steps in steps(1, 3)) {
        run(1, 3, steps);
    }

    #[test]
    fn many_of_both_share_a_queue_for_each_sender(steps in steps(3, 3)) {
        run(3, 3, steps);
    }
}
