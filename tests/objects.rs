//! The list of objects: kinds, sizes, holders and states.

mod support;

use mapview::{
    objects, Event, Mapping, MappingOptions, Mutex, Name, ObjectInfo, ObjectKind, ObjectState,
    Reset, Semaphore,
};
use support::{unique, World};

fn find(name: &str) -> Option<ObjectInfo> {
    let name = Name::new(name).unwrap();
    objects().unwrap().into_iter().find(|object| object.name == name)
}

#[test]
fn objects_are_listed_while_they_are_held() {
    let (name, global) = (unique("listed"), format!(r"Global\{}", unique("listed")));
    let (mapping, mutex) = (Mapping::create(&name, 5000).unwrap(), Mutex::create(&global).unwrap());
    assert_eq!(find(&name).unwrap().kind, ObjectKind::Mapping);
    assert_eq!(find(&global).unwrap().kind, ObjectKind::Mutex);
    drop((mapping, mutex));
    assert!(find(&name).is_none());
    assert!(find(&global).is_none());
}

#[test]
fn unnamed_objects_are_not_listed() {
    let world = World::new();
    let mut peer = world.peer();
    let before = peer.ask("list");
    peer.ask("m = unnamed 4096");
    let after = peer.ask("list");
    assert!(!after.split(' ').any(|object| object.ends_with(':')), "{after}");
    if cfg!(target_os = "linux") {
        assert_eq!(after, before); // elsewhere those of other tests are listed, too
    }
}

#[test]
fn the_list_is_sorted_by_name() {
    let names = [unique("b"), unique("a"), unique("c")];
    let _objects: Vec<Mapping> =
        names.iter().map(|name| Mapping::create(name, 4096).unwrap()).collect();
    let listed: Vec<_> = objects().unwrap().into_iter().map(|object| object.name).collect();
    let places: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|letter| names.iter().find(|name| name.starts_with(letter)).unwrap())
        .map(|name| listed.iter().position(|other| *other == Name::new(name).unwrap()).unwrap())
        .collect();
    assert!(places.is_sorted(), "{places:?}");
}

/// Windows tells neither holders nor what is allocated.
#[test]
fn size_holders_and_state_are_told() {
    let (name, sparse, filed, lock) =
        (unique("told"), unique("sparse"), unique("filed"), unique("lock"));
    let _mapping = Mapping::create(&name, 5000).unwrap();
    let told = find(&name).unwrap();
    assert_eq!((told.size, told.state), (Some(8192), ObjectState::Memory));
    if cfg!(target_os = "linux") {
        assert_eq!(told.holders, [std::process::id()]);
        assert_eq!(told.allocated, Some(8192));
    }

    let _sparse = MappingOptions::new().name(&sparse).size(1 << 30).reserve(true).create().unwrap();
    let told = find(&sparse).unwrap();
    assert_eq!((told.size, told.state), (Some(1 << 30), ObjectState::Reserved));
    if cfg!(target_os = "linux") {
        assert_eq!(told.allocated, Some(0));
    }

    let file = tempfile::NamedTempFile::new().unwrap();
    let _filed = MappingOptions::new().name(&filed).path(file.path()).size(100).create().unwrap();
    let told = find(&filed).unwrap();
    assert_eq!((told.size, told.state), (Some(100), ObjectState::File));

    let mutex = Mutex::create(&lock).unwrap();
    assert_eq!(find(&lock).unwrap().state, ObjectState::Free);
    let guard = mutex.lock().unwrap();
    let ObjectState::Owned(thread) = find(&lock).unwrap().state else { panic!("not owned") };
    #[cfg(target_os = "linux")]
    // SAFETY: gettid has no duties.
    assert_eq!(thread, unsafe { libc::gettid() } as u32);
    assert_ne!(thread, 0);
    drop(guard);
    std::thread::scope(|scope| {
        // Joined, because the end of the scope does not wait for the thread itself.
        let owner = scope.spawn(|| std::mem::forget(mutex.lock().unwrap()));
        owner.join().unwrap();
    });
    assert_eq!(find(&lock).unwrap().state, ObjectState::Abandoned);
    assert!(mutex.lock().unwrap().abandoned(), "looking does not take the news away");
}

#[test]
fn states_of_events_and_semaphores_are_told_and_left_alone() {
    let (auto, manual, count) = (unique("auto"), unique("manual"), unique("count"));
    let events = [
        Event::create(&auto, Reset::Auto).unwrap(),
        Event::create(&manual, Reset::Manual).unwrap(),
    ];
    for (event, name) in events.iter().zip([&auto, &manual]) {
        let told = find(name).unwrap();
        assert_eq!((told.kind, told.state), (ObjectKind::Event, ObjectState::NotSet));
        assert_eq!((told.size, told.allocated), (None, None));
        event.set().unwrap();
        assert_eq!(find(name).unwrap().state, ObjectState::Set);
        assert!(event.try_wait().unwrap(), "looking has not taken it");
        event.reset().unwrap();
        assert_eq!(find(name).unwrap().state, ObjectState::NotSet);
    }

    let semaphore = Semaphore::create(&count, 2, 7).unwrap();
    let told = find(&count).unwrap();
    assert_eq!(told.kind, ObjectKind::Semaphore);
    assert_eq!(told.state, ObjectState::Count { count: 2, maximum: 7 });
    semaphore.wait().unwrap();
    semaphore.wait().unwrap();
    assert_eq!(find(&count).unwrap().state, ObjectState::Count { count: 0, maximum: 7 });
    assert_eq!(semaphore.release(1).unwrap(), 0);
}

/// Windows does not tell who waits.
#[test]
#[cfg(target_os = "linux")]
fn waiters_are_told_while_they_wait() {
    let world = World::new();
    let mut looker = world.peer();
    let mut waiters = [world.peer(), world.peer()];
    looker.ask("e = event waited manual");
    assert_eq!(looker.ask("waiters waited"), "");
    for waiter in &mut waiters {
        waiter.ask("e = open_event waited");
        waiter.start("wait e");
        waiter.wait_until_it_waits();
    }
    let mut both = waiters.each_ref().map(|waiter| waiter.pid().to_string());
    both.sort_by_key(|pid| pid.parse::<u32>().unwrap());
    assert_eq!(looker.ask("waiters waited"), both.join(" "));
    looker.ask("set e");
    for waiter in &mut waiters {
        waiter.answer().unwrap();
    }
    assert_eq!(looker.ask("waiters waited"), "");
}

#[test]
#[cfg(target_os = "linux")]
fn all_holders_are_listed_until_they_die() {
    let world = World::new();
    let (mut a, mut b, mut c) = (world.peer(), world.peer(), world.peer());
    for peer in [&mut a, &mut b] {
        peer.ask("m = create held 4096");
    }
    let holders = |peer: &mut support::Peer| peer.ask("holders held");
    let mut both = [a.pid(), b.pid()];
    both.sort();
    assert_eq!(holders(&mut c), format!("{both:?}"));
    a.kill();
    assert_eq!(holders(&mut c), format!("[{}]", b.pid()));
    b.ask("close m");
    assert_eq!(holders(&mut c), "none");
}
