//! `OnceInit` between processes: done once, also if whoever does it dies over it.

mod support;

use std::collections::HashMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mapview::{Deadline, Mapping, OnceInit, Shared};
use support::{code, is_child, serve, unique, with_suffix, Line, Peer, World};

#[test]
#[ignore = "not a test: the body of the processes that the tests start"]
fn peer() {
    if is_child() {
        let mut objects = HashMap::new();
        serve(|line| obey(line, &mut objects));
    }
}

/// The bodies that `call` runs tell through the mapping `witness` who they are, the how manieth, and go on when told.
fn obey(line: &Line, objects: &mut HashMap<String, OnceInit>) -> mapview::Result<String> {
    let (name, full) = (line.text(0), with_suffix(&line.text(0)));
    Ok(match line.verb.as_str() {
        "create" | "open" => {
            let once = match line.verb.as_str() {
                "create" => OnceInit::create(&full)?,
                _ => OnceInit::open(&full)?,
            };
            objects.insert(name, once);
            String::new()
        }
        "call" => {
            let deadline = match line.has("within") {
                true => Deadline::after(Duration::from_millis(line.number(2))),
                false => Deadline::never(),
            };
            let view = Mapping::open(&with_suffix("witness"))?.view()?;
            let word = |index: usize| view.atomic::<AtomicU64>(8 * index).unwrap();
            let done = objects[&name].call_once_until(deadline, |attempt| {
                word(3).store(attempt.number(), Ordering::SeqCst);
                word(0).store(u64::from(std::process::id()), Ordering::SeqCst);
                while word(1).load(Ordering::SeqCst) == 0 {
                    std::thread::yield_now();
                }
                word(2).fetch_add(1, Ordering::SeqCst);
            })?;
            assert!(done.is_none() || objects[&name].is_done());
            format!("{done:?} after {}", word(2).load(Ordering::SeqCst))
        }
        "done" => objects[&name].is_done().to_string(),
        verb => panic!("no verb: {verb}"),
    })
}

fn peers<const N: usize>(world: &World) -> [Peer; N] {
    std::array::from_fn(|_| {
        let mut peer = world.peer_of("peer");
        peer.ask("create x");
        peer
    })
}

fn director(world: &World) -> Peer {
    let mut director = world.peer();
    director.ask("m = create witness 4096");
    director.ask("v = view m rw");
    director
}

/// The process that runs its body now and is not the one that was killed before.
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
fn of_many_racing_callers_one_completes_it_though_some_are_killed_over_it() {
    let world = World::new();
    let mut director = director(&world);
    let mut callers: Vec<Peer> = peers::<6>(&world).into();
    for caller in &mut callers {
        caller.start("call x");
    }
    let mut last = 0;
    for attempt in 1..=4 {
        last = someone_else_at_work(&mut director, last);
        assert_eq!(director.ask("add v 24 0"), attempt.to_string(), "attempts are counted");
        if attempt < 4 {
            let index = callers.iter().position(|caller| u64::from(caller.pid()) == last).unwrap();
            callers.remove(index).kill();
        }
    }
    director.ask("add v 8 1");
    for caller in &mut callers {
        let did_it = u64::from(caller.pid()) == last;
        assert_eq!(caller.answer().unwrap(), format!("Some({did_it}) after 1"));
        assert_eq!(caller.ask("call x"), "Some(false) after 1");
    }
}

#[test]
fn callers_wait_until_it_is_done_or_their_deadline_passes() {
    let world = World::new();
    let mut director = director(&world);
    let [mut a, mut b, mut c] = peers(&world);
    a.start("call x");
    someone_else_at_work(&mut director, 0);
    assert_eq!(b.ask("call x within 20"), "None after 0");
    assert_eq!(b.ask("done x"), "false");
    c.start("call x");
    if cfg!(target_os = "linux") {
        c.wait_until_it_waits();
    }
    director.ask("add v 8 1");
    assert_eq!(a.answer().unwrap(), "Some(true) after 1");
    assert_eq!(c.answer().unwrap(), "Some(false) after 1");
    assert_eq!(b.ask("done x"), "true");
}

#[test]
fn what_panics_or_fails_is_not_done_and_the_next_attempt_is_told() {
    let once = OnceInit::create(&unique("again")).unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        once.call_once(|attempt| {
            assert!(!attempt.is_retry());
            panic!("as the test wants it")
        })
    }));
    assert!(panicked.is_err() && !once.is_done());
    let failed = once.try_call_once(|attempt| {
        assert_eq!(attempt.number(), 2);
        Err(Box::from("as the test wants it"))
    });
    let failed: Result<bool, Box<dyn std::error::Error>> = failed;
    assert!(failed.unwrap_err().to_string().contains("wants it") && !once.is_done());
    let done = once.call_once(|attempt| assert!(attempt.is_retry() && attempt.number() == 3));
    assert!(done.unwrap() && once.is_done());
    assert!(!once.call_once(|_| panic!("it is done")).unwrap());
}

#[test]
fn calling_it_from_within_itself_is_refused() {
    let name = unique("within");
    let (once, other) = (OnceInit::create(&name).unwrap(), OnceInit::open(&name).unwrap());
    let mut refused = 0;
    let done = once.call_once(|_| {
        refused = code(other.call_once(|_| panic!("it ran twice")));
    });
    assert!(done.unwrap());
    assert_eq!(refused, 170);
}

#[test]
fn it_is_known_to_be_done_as_long_as_anybody_holds_it() {
    let world = World::new();
    let mut director = director(&world);
    director.ask("add v 8 1");
    let [mut a, mut b] = peers(&world);
    assert_eq!(a.ask("call x"), "Some(true) after 1");
    a.kill();
    assert_eq!(b.ask("done x"), "true");
    b.exit();
    let mut c = world.peer_of("peer");
    assert_eq!(c.refused("open x"), 2);
    c.ask("create x");
    assert_eq!(c.ask("done x"), "false");
    assert_eq!(c.ask("call x"), "Some(true) after 2");
    c.exit();
    director.exit();
    world.assert_empty();
}

#[test]
fn another_kind_of_value_is_refused() {
    let name = unique("kind");
    let _value = Shared::create(&name, "", || 1_u8).unwrap();
    assert_eq!(code(OnceInit::open(&name)), 13);
    assert_eq!(code(OnceInit::open(&unique("nobody"))), 2);
}
