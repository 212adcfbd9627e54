//! Topics whose memory others scribble over: bad data and errors, never more.

mod support;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mapview::{Mapping, View};
use mapview_channel::{ErrorKind, Policy, Publisher, Sample, Subscriber, TopicOptions};
use support::{unique, Random};

/// Where a topic's own words begin, and so many bytes of them and its first samples.
const KIND_AT: usize = 8192;
const SPAN: usize = 1 << 16;

fn options() -> TopicOptions {
    TopicOptions::new().longest(256).depth(4).publishers(2).subscribers(3).held(2).clone()
}

fn memory(name: &str) -> View {
    Mapping::open(name).unwrap().view().unwrap()
}

/// A word that is wrong in one of many ways.
fn nonsense(random: &mut Random, old: u64) -> u64 {
    match random.below(6) {
        0 => 0,
        1 => u64::MAX,
        2 => random.next(),
        3 => old ^ 1 << random.below(64),
        4 => old.wrapping_add(random.below(20)).wrapping_sub(10),
        _ => random.below(1 << 20),
    }
}

fn touch(sample: &Sample) {
    assert!(sample.len() <= 256);
    assert_eq!(sample.to_vec().unwrap().len(), sample.len());
    assert!(sample.copy_out(sample.len(), &mut [0]).is_err());
}

/// Takes what there is, whatever it is.
fn drain(subscriber: &mut Subscriber, held: &mut Vec<Sample>) {
    for _ in 0..50 {
        match subscriber.try_recv() {
            Ok(Some(sample)) => {
                touch(&sample);
                held.truncate(1);
                held.push(sample);
            }
            Ok(None) => break,
            Err(error) => {
                assert!(
                    matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Occupied),
                    "{error}"
                );
                held.clear();
            }
        }
    }
}

#[test]
fn a_hostile_peer_spoils_data_and_nothing_else() {
    let name = unique("hostile");
    let mut publishers: Vec<Publisher> =
        (0..2).map(|_| options().publisher(&name).unwrap()).collect();
    let mut subscribers: Vec<Subscriber> = [Policy::Overwrite, Policy::Overwrite, Policy::Block]
        .into_iter()
        .map(|policy| options().policy(policy).subscriber(&name).unwrap())
        .collect();
    let memory = memory(&name);
    let stop = AtomicBool::new(false);
    let rounds = if std::env::var_os("MAPVIEW_LONG").is_some() { 300 } else { 6 };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut random = Random::new(3);
            while !stop.load(Ordering::Relaxed) {
                let at = KIND_AT + random.below((SPAN - KIND_AT) as u64 / 8) as usize * 8;
                let word = memory.atomic::<AtomicU64>(at).unwrap();
                word.store(nonsense(&mut random, word.load(Ordering::Relaxed)), Ordering::Relaxed);
            }
        });
        let mut held: Vec<Vec<Sample>> = (0..3).map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            let begin = Instant::now();
            while begin.elapsed() < Duration::from_millis(40) {
                for publisher in &mut publishers {
                    publisher.publish_until(&[7; 200], Duration::from_millis(1)).unwrap();
                }
                for (subscriber, held) in subscribers.iter_mut().zip(&mut held) {
                    drain(subscriber, held);
                }
            }
        }
        held.clear();
        // Others may come and go meanwhile, or be refused.
        for _ in 0..rounds * 5 {
            drop(options().publisher(&name));
            drop(options().history(4).subscriber(&name));
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn after_the_scribbling_the_honest_get_on() {
    let mut random = Random::new(5);
    for round in 0..30 {
        let name = unique("scribbled");
        let mut publisher = options().publisher(&name).unwrap();
        let mut subscriber = options().subscriber(&name).unwrap();
        let memory = memory(&name);
        (0..20_u64).for_each(|n| publisher.publish(&n.to_le_bytes()).unwrap());
        drain(&mut subscriber, &mut Vec::new());
        // Everything of the publisher: its tail and its entries.
        for at in (KIND_AT + 4096..KIND_AT + 4096 + 256).step_by(8) {
            let word = memory.atomic::<AtomicU64>(at).unwrap();
            word.store(nonsense(&mut random, word.load(Ordering::Relaxed)), Ordering::Relaxed);
        }
        drain(&mut subscriber, &mut Vec::new());
        // The publisher does not read what it wrote. Within one round of its ring, all of it is right again.
        for n in 0..20_u64 {
            publisher.publish(&(1000 + n).to_le_bytes()).unwrap();
            if n >= 6 {
                drain(&mut subscriber, &mut Vec::new());
            }
        }
        publisher.publish(&2000_u64.to_le_bytes()).unwrap();
        let sample = subscriber.try_recv().unwrap().unwrap_or_else(|| panic!("round {round}"));
        assert_eq!(sample.read::<u64>(0).unwrap(), 2000);
    }
}

#[test]
fn a_count_that_cannot_be_is_refused_by_name() {
    let name = unique("refused");
    let publisher = options().publisher(&name).unwrap();
    let _subscriber = options().subscriber(&name).unwrap();
    memory(&name).atomic::<AtomicU64>(KIND_AT + 4096).unwrap().store(u64::MAX, Ordering::SeqCst);
    let error = options().subscriber(&name).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains(&name), "{error}");
    drop(publisher);
    assert_eq!(options().publisher(&name).unwrap_err().kind(), ErrorKind::Corrupt);
}
