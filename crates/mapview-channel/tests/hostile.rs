//! Channels whose memory somebody overwrites with nonsense: whoever keeps to the rules gets an answer or an error that names the channel,
//! in time; never a crash, a panic, or a hang.

#[path = "support/scribble.rs"]
mod scribble;
mod support;

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mapview_channel::Policy;
use proptest::prelude::*;
use scribble::{memory, scribble, Ring, Service, Topic, ANSWERS};
use support::{part, unique, Peer, Random};

/// Nothing that a test below does may take longer; all of it has deadlines of milliseconds, but for a header that is being made.
const LIMIT: Duration = Duration::from_secs(20);

/// Uses a channel, overwrites some of it, uses it again, and so on.
fn damage(name: &str, chances: &[u64], use_it: &mut dyn FnMut(u64)) {
    let memory = memory(name);
    for chance in chances {
        let begin = Instant::now();
        use_it(chance >> 3);
        scribble(&memory, *chance);
        use_it(chance >> 5);
        assert!(begin.elapsed() < LIMIT, "it took {:?}", begin.elapsed());
    }
}

fn chances() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(any::<u64>(), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_ring_of_two(chances in chances()) {
        let name = unique("hostile");
        let mut ring = Ring::new(&name, 1);
        damage(&name, &chances, &mut |chance| ring.use_it(chance));
    }

    #[test]
    fn a_ring_of_many(chances in chances()) {
        let name = unique("hostile");
        let mut ring = Ring::new(&name, 3);
        damage(&name, &chances, &mut |chance| ring.use_it(chance));
    }

    #[test]
    fn a_topic(chances in chances(), block in any::<bool>()) {
        let name = unique("hostile");
        let mut topic = Topic::new(&name, if block { Policy::Block } else { Policy::Overwrite });
        damage(&name, &chances, &mut |chance| topic.use_it(chance));
    }

    #[test]
    fn a_service(chances in chances()) {
        let name = unique("hostile");
        let mut service = Service::new(&name);
        damage(&name, &chances, &mut |chance| service.use_it(chance));
    }
}

#[test]
#[ignore = "not a test: the body of a process that overwrites channels until it is killed"]
fn overwrites() {
    let Some(part) = part() else { return };
    part.end_with_the_test();
    let memories: Vec<_> = part.words.iter().map(|name| memory(name)).collect();
    let mut random = Random::new(7);
    part.say("overwrites");
    loop {
        let memory = &memories[random.below(memories.len() as u64) as usize];
        let (at, before) = scribble(memory, random.next());
        if random.below(2) == 0 {
            memory.write(at, &before).unwrap(); // else nothing would go on for long
        }
        for _ in 0..random.below(20_000) {
            std::hint::spin_loop();
        }
    }
}

#[test]
fn a_process_that_overwrites_everything_harms_nobody() {
    let long = std::env::var_os("MAPVIEW_LONG").is_some();
    let end = Instant::now() + Duration::from_secs(if long { 60 } else { 3 });
    let mut random = Random::new(1);
    let mut rounds = 0;
    while Instant::now() < end {
        let names = [0; 4].map(|_| unique("hostile"));
        let (mut ring, mut rings) = (Ring::new(&names[0], 1), Ring::new(&names[1], 3));
        let mut topic = Topic::new(&names[2], Policy::Overwrite);
        let mut service = Service::new(&names[3]);
        let mut hostile = Peer::start("overwrites", &names.each_ref().map(String::as_str));
        assert_eq!(hostile.hear(), "overwrites");
        let until = Instant::now() + Duration::from_millis(100);
        while Instant::now() < until {
            let begin = Instant::now();
            let chance = random.next() >> 8;
            ring.use_it(chance);
            rings.use_it(chance);
            topic.use_it(chance);
            service.use_it(chance);
            assert!(begin.elapsed() < LIMIT, "it took {:?}", begin.elapsed());
            rounds += 1;
        }
        hostile.kill();
    }
    println!("{rounds} rounds, {} answers", ANSWERS.load(Ordering::Relaxed));
}
