//! `Shared` between processes: one initialiser, whole values, and the news of a holder that ended in the midst.

mod support;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use mapview::{AbandonedGuard, Locked, Mapping, Shared, SharedGuard, SharedOptions};
use std::sync::atomic::{AtomicU64, Ordering};
use support::{is_child, serve, with_suffix, Line, Peer, World};

type Small = [u64; 4];
/// Large enough that much of a holder's time goes into writing it back.
type Big = [u64; 32_768];

enum Guard {
    Sound(SharedGuard<'static, Small>),
    Abandoned(AbandonedGuard<'static, Small>),
}

#[derive(Default)]
struct Objects {
    values: HashMap<String, &'static Shared<Small>>,
    guards: HashMap<String, Guard>,
    big: Option<Shared<Big>>,
}

#[test]
#[ignore = "not a test: the body of the processes that the tests start"]
fn peer() {
    if is_child() {
        let mut objects = Objects::default();
        serve(|line| obey(line, &mut objects));
    }
}

fn obey(line: &Line, objects: &mut Objects) -> mapview::Result<String> {
    if ["make_big", "see_big_change", "hammer_big", "check_big"].contains(&&*line.verb) {
        return obey_big(line, objects);
    }
    let name = line.text(0);
    let full = with_suffix(&name);
    let value = |objects: &Objects| objects.values[&name];
    Ok(match line.verb.as_str() {
        "create" | "create_slowly" | "open" => {
            let shared = match line.verb.as_str() {
                "create" => Shared::create(&full, "small", || [line.number(1); 4])?,
                "create_slowly" => Shared::create(&full, "small", init_when_told)?,
                _ => Shared::open(&full, "small")?,
            };
            let created = if shared.was_created() { "created" } else { "existed" };
            objects.values.insert(name, Box::leak(Box::new(shared)));
            created.into()
        }
        "lock" => {
            let (text, guard) = match value(objects).lock()? {
                Locked::Sound(guard) => (format!("sound {:?}", *guard), Guard::Sound(guard)),
                Locked::Abandoned(guard) => {
                    (format!("abandoned {:?}", *guard), Guard::Abandoned(guard))
                }
            };
            objects.guards.insert(name, guard);
            text
        }
        "try" => match value(objects).try_lock()? {
            None => "taken".into(),
            Some(locked) => format!("{:?}", *locked.sound()?),
        },
        "set" => {
            let Guard::Sound(guard) = objects.guards.get_mut(&name).unwrap() else { panic!() };
            **guard = [line.number(1); 4];
            String::new()
        }
        "accept" => {
            let Some(Guard::Abandoned(guard)) = objects.guards.remove(&name) else { panic!() };
            objects.guards.insert(name, Guard::Sound(guard.accept()));
            String::new()
        }
        "drop" => {
            objects.guards.remove(&name);
            String::new()
        }
        "count" => {
            for _ in 0..line.number(1) {
                value(objects).lock()?.or_repair(|_| ())[0] += 1;
            }
            String::new()
        }
        // Comes and goes; if nobody else is there, each time is a creation.
        "churn" => {
            for _ in 0..line.number(1) {
                let shared = Shared::create(&full, "small", || [u64::from(std::process::id()); 4])?;
                let guard = shared.lock()?.or_repair(|_| ());
                assert!(guard[0] != 0 && *guard == [guard[0]; 4], "not complete: {:?}", *guard);
            }
            String::new()
        }
        verb => panic!("no verb: {verb}"),
    })
}

/// Tells through the mapping `witness` that it is at work, and goes on when told there.
fn init_when_told() -> Small {
    let view = Mapping::open(&with_suffix("witness")).unwrap().view().unwrap();
    let word = |index: usize| view.atomic::<AtomicU64>(8 * index).unwrap();
    let me = u64::from(std::process::id());
    word(0).store(me, Ordering::SeqCst);
    while word(1).load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    word(2).fetch_add(1, Ordering::SeqCst);
    [me; 4]
}

fn obey_big(line: &Line, objects: &mut Objects) -> mapview::Result<String> {
    let options = SharedOptions::new();
    let open = || options.create_in_place::<Big>(&with_suffix("big"), "big", |_| ());
    let big = match &mut objects.big {
        Some(big) => &*big,
        none => none.insert(open()?),
    };
    let look = || -> mapview::Result<(&str, u64)> {
        let (how, guard) = match big.lock()? {
            Locked::Sound(guard) => ("sound", guard),
            Locked::Abandoned(guard) => ("abandoned", guard.accept()),
        };
        assert!(guard.iter().all(|&word| word == guard[0]), "torn");
        Ok((how, guard[0]))
    };
    Ok(match line.verb.as_str() {
        "make_big" => String::new(),
        "check_big" => look()?.0.to_string(),
        "see_big_change" => {
            let before = look()?.1;
            while look()?.1 == before {
                std::thread::yield_now();
            }
            String::new()
        }
        _ => {
            let blocks = [vec![1; 32_768], vec![2; 32_768]];
            for round in 0.. {
                big.lock()?.or_repair(|_| ()).copy_from_slice(&blocks[round % 2]);
            }
            unreachable!()
        }
    })
}

fn peers<const N: usize>(world: &World) -> [Peer; N] {
    std::array::from_fn(|_| world.peer_of("peer"))
}

#[test]
fn the_first_creator_initialises_and_the_others_find_its_value() {
    let world = World::new();
    let [mut a, mut b, mut c] = peers(&world);
    assert_eq!(a.refused("open x"), 2);
    assert_eq!(a.ask("create x 7"), "created");
    assert_eq!(b.ask("create x 8"), "existed");
    assert_eq!(c.ask("open x"), "existed");
    for peer in [&mut a, &mut b, &mut c] {
        assert_eq!(peer.ask("lock x"), "sound [7, 7, 7, 7]");
        peer.ask("drop x");
    }
}

#[test]
fn exactly_one_of_many_racing_creators_initialises_though_some_are_killed_over_it() {
    race(false);
}

/// As long as anybody else holds the mapping, the next creator finds what the dead one left.
#[test]
fn a_creator_begins_anew_in_what_a_dead_one_left() {
    race(true);
}

fn race(somebody_keeps_the_mapping: bool) {
    let world = World::new();
    let mut director = world.peer();
    director.ask("m = create witness 4096");
    director.ask("v = view m rw");
    let mut racers: Vec<Peer> = peers::<6>(&world).into();
    for racer in &mut racers {
        racer.start("create_slowly x");
    }
    let mut last = 0;
    while racers.len() > 2 {
        let working = someone_else_at_work(&mut director, last);
        if somebody_keeps_the_mapping && last == 0 {
            director.ask("k = open x");
            director.ask("w = view k rw");
            director.ask("fill w 192 200 255"); // the word and the slots, as if half-made
        }
        let index = racers.iter().position(|racer| u64::from(racer.pid()) == working).unwrap();
        racers.remove(index).kill();
        last = working;
    }
    let survivor = someone_else_at_work(&mut director, last);
    director.ask("add v 8 1");
    let answers: Vec<_> = racers.iter_mut().map(|racer| racer.answer().unwrap()).collect();
    assert_eq!(answers.iter().filter(|answer| *answer == "created").count(), 1, "{answers:?}");
    assert_eq!(director.ask("add v 16 0"), "1", "it was completed once");
    for racer in &mut racers {
        assert_eq!(racer.ask("lock x"), format!("sound {:?}", [survivor; 4]));
        racer.ask("drop x");
    }
}

/// The process that is initialising now and is not the one that was killed before.
fn someone_else_at_work(director: &mut Peer, last: u64) -> u64 {
    let begin = Instant::now();
    loop {
        let working: u64 = director.ask("add v 0 0").parse().unwrap();
        if working != last {
            return working;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "nobody went on");
        std::thread::yield_now();
    }
}

#[test]
fn a_process_killed_at_any_moment_of_creating_and_closing_spoils_nothing_for_others() {
    let rounds = if cfg!(windows) { 15 } else { 150 };
    let world = World::new();
    let [mut survivor, mut other] = peers(&world);
    for round in 0..rounds {
        let [mut victim] = peers(&world);
        victim.ask("churn x 1");
        victim.start("churn x 1000000000");
        other.start("churn x 30");
        survivor.ask(&format!("churn x {}", round % 5));
        let end = Instant::now() + Duration::from_micros(round * 7919 % 1000);
        while Instant::now() < end {
            std::hint::spin_loop(); // a moment, not a wait
        }
        victim.kill();
        survivor.ask("churn x 5");
        other.answer().unwrap();
    }
    survivor.exit();
    other.exit();
    world.assert_empty();
}

#[test]
fn opening_waits_for_a_creator_and_is_not_found_when_that_one_dies() {
    for (dies, kept) in [(false, false), (true, false), (true, true)] {
        let world = World::new();
        let mut director = world.peer();
        director.ask("m = create witness 4096");
        director.ask("v = view m rw");
        let [mut creator, mut opener] = peers(&world);
        creator.start("create_slowly x");
        someone_else_at_work(&mut director, 0);
        if kept {
            director.ask("k = open x"); // so the opener finds what the dead creator left
        }
        opener.start("open x");
        if cfg!(target_os = "linux") {
            opener.wait_until_it_waits();
        }
        if dies {
            creator.kill();
            assert_eq!(opener.answer().unwrap_err().0, 2);
            assert_eq!(opener.ask("create x 5"), "created");
            assert_eq!(opener.ask("lock x"), "sound [5, 5, 5, 5]");
        } else {
            director.ask("add v 8 1");
            assert_eq!(opener.answer().unwrap(), "existed");
        }
    }
}

#[test]
fn nothing_is_lost_under_the_lock_of_several_processes() {
    let world = World::new();
    let mut counters = peers::<4>(&world);
    for counter in &mut counters {
        counter.ask("create x 0");
        counter.start("count x 5000");
    }
    for counter in &mut counters {
        counter.answer().unwrap();
    }
    assert_eq!(counters[0].ask("lock x"), "sound [20000, 0, 0, 0]");
}

#[test]
fn a_killed_holder_leaves_the_old_value_and_the_news_for_the_next() {
    let world = World::new();
    let [mut a, mut b] = peers(&world);
    a.ask("create x 1");
    b.ask("open x");
    a.ask("lock x");
    a.ask("set x 2");
    assert_eq!(b.ask("try x"), "taken");
    a.kill();
    assert_eq!(b.ask("lock x"), "abandoned [1, 1, 1, 1]");
}

#[test]
fn a_value_stays_abandoned_from_locker_to_locker_until_one_accepts_it() {
    let world = World::new();
    let [mut a, mut b, mut c] = peers(&world);
    a.ask("create x 1");
    b.ask("open x");
    c.ask("open x");
    a.ask("lock x");
    a.kill();
    for peer in [&mut b, &mut c] {
        assert_eq!(peer.ask("lock x"), "abandoned [1, 1, 1, 1]");
        peer.ask("drop x");
    }
    assert_eq!(c.refused("try x"), 735);
    c.ask("lock x");
    c.ask("accept x");
    c.ask("set x 3");
    c.ask("drop x");
    assert_eq!(b.ask("lock x"), "sound [3, 3, 3, 3]");
}

#[test]
fn a_holder_killed_at_any_moment_leaves_a_whole_value() {
    let rounds = if cfg!(windows) { 15 } else { 150 };
    let world = World::new();
    let [mut survivor] = peers(&world);
    survivor.ask("make_big");
    let mut abandoned = 0;
    for round in 0..rounds {
        let [mut victim] = peers(&world);
        victim.start("hammer_big");
        survivor.ask("see_big_change"); // it is really at work
        let end = Instant::now() + Duration::from_micros(round * 7919 % 500);
        while Instant::now() < end {
            std::hint::spin_loop(); // a moment, not a wait
        }
        victim.kill();
        abandoned += u32::from(survivor.ask("check_big") == "abandoned");
        assert_eq!(survivor.ask("check_big"), "sound", "told once, then accepted");
    }
    assert!(abandoned > 0, "no victim was killed with the lock");
}

#[test]
fn the_names_end_with_the_last_holder() {
    let world = World::new();
    let [mut a, mut b] = peers(&world);
    a.ask("create x 1");
    b.ask("open x");
    a.ask("lock x");
    a.kill();
    assert_eq!(b.ask("lock x"), "abandoned [1, 1, 1, 1]");
    b.exit();
    world.assert_empty();
    let [mut c] = peers(&world);
    assert_eq!(c.refused("open x"), 2);
    assert_eq!(c.ask("create x 2"), "created");
    assert_eq!(c.ask("lock x"), "sound [2, 2, 2, 2]");
}
