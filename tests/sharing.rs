//! Sharing without a name: inherited by a child, duplicated out of another process, cloned.

mod support;

use std::process::Stdio;

use mapview::{
    Access, CommandExt, Event, EventOptions, Inherit, Mapping, MappingOptions, MutexOptions, Reset,
    SemaphoreOptions,
};
use support::{code, unique, Peer, World};

/// A child that inherits; it looks for names where this process does.
fn child(world: &World, hand_over: impl FnOnce(&mut std::process::Command)) -> Peer {
    world.peer_with(|command| {
        command.env_remove("MAPVIEW_DIR");
        hand_over(command);
    })
}

#[test]
fn a_child_inherits_an_unnamed_mapping() {
    let world = World::new();
    let mapping = MappingOptions::new().size(5000).inheritable(true).create().unwrap();
    let view = mapping.view().unwrap();
    view.copy_in(0, b"parent").unwrap();
    let mut child = child(&world, |command| {
        command.inherit("frames", &mapping).unwrap();
    });
    assert_eq!(child.ask("m = inherited frames"), "existed 8192");
    child.ask("v = view m rw");
    assert_eq!(child.ask("read v 0 6"), "parent");
    child.ask("write v 0 child!");
    assert_eq!(view.to_vec(0, 6).unwrap(), b"child!");
    child.ask("again = inherited frames");
}

/// In a process of its own: on Windows a child gets all inheritable handles, so one of another test would keep the name.
#[test]
fn a_child_keeps_an_inherited_name_alive() {
    let world = World::new();
    let mut parent = world.command("parent_of_an_heir");
    let ended =
        parent.env_remove("MAPVIEW_DIR").stdin(Stdio::null()).stdout(Stdio::null()).status();
    assert!(ended.unwrap().success());
}

#[test]
#[ignore = "not a test: the body of a process that hands over a name"]
fn parent_of_an_heir() {
    if !support::is_child() {
        return;
    }
    let (world, name) = (World::new(), unique("inherited"));
    let mapping = MappingOptions::new().name(&name).size(4096).inheritable(true).create().unwrap();
    mapping.view().unwrap().copy_in(0, b"kept").unwrap();
    let mut child = child(&world, |command| {
        command.inherit("named", &mapping).unwrap();
    });
    child.ask("m = inherited named");
    drop(mapping);
    assert_eq!(Mapping::open(&name).unwrap().view().unwrap().to_vec(0, 4).unwrap(), b"kept");
    child.kill();
    assert_eq!(code(Mapping::open(&name)), 2);
}

#[test]
fn a_child_inherits_the_rights_of_the_handle() {
    let (world, name) = (World::new(), unique("rights"));
    let _object = Mapping::create(&name, 4096).unwrap();
    let reader = MappingOptions::new().name(&name).inheritable(true).open(Access::READ).unwrap();
    let mut child = child(&world, |command| {
        command.inherit("reader", &reader).unwrap();
    });
    child.ask("m = inherited reader");
    child.ask("v = view m r");
    assert_eq!(child.refused("w = view m rw"), 5);
}

#[test]
fn a_child_inherits_a_mutex_but_not_its_ownership() {
    let world = World::new();
    let mutex = MutexOptions::new().inheritable(true).initial_owner(true).create().unwrap();
    let mut child = child(&world, |command| {
        command.inherit("lock", &mutex).unwrap();
    });
    child.ask("x = inherited_mutex lock");
    assert_eq!(child.refused("unlock x"), 288);
    assert_eq!(child.ask("lock x within 0"), "timeout");
    mutex.unlock().unwrap();
    child.ask("lock x");
    child.kill();
    assert!(mutex.lock().unwrap().abandoned());
}

#[test]
fn a_child_inherits_events_and_semaphores() {
    let world = World::new();
    let event = EventOptions::new(Reset::Auto).inheritable(true).create().unwrap();
    let semaphore = SemaphoreOptions::new(1, 5).inheritable(true).create().unwrap();
    let mut child = child(&world, |command| {
        command.inherit("go", &event).unwrap().inherit("slots", &semaphore).unwrap();
    });
    child.ask("e = inherited_event go ; s = inherited_semaphore slots");
    child.start("wait e");
    event.set().unwrap();
    assert_eq!(child.answer().unwrap(), "signaled");
    assert_eq!(child.ask("release s 2"), "1");
    assert_eq!(semaphore.release(1).unwrap(), 3);
    child.ask("set e ; wait s");
    child.kill();
    assert!(event.try_wait().unwrap(), "what it did stays");
    assert_eq!(semaphore.release(1).unwrap(), 3);
}

#[test]
fn a_child_inherits_a_mapping_of_a_file() {
    let world = World::new();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"in the file").unwrap();
    let mapping = MappingOptions::new().path(file.path()).inheritable(true).create().unwrap();
    let mut child = child(&world, |command| {
        command.inherit("file", &mapping).unwrap();
    });
    assert_eq!(child.ask("m = inherited file"), "existed 11");
    child.ask("v = view m rw");
    child.ask("write v 0 IN");
    assert_eq!(std::fs::read(file.path()).unwrap(), b"IN the file");
}

#[test]
fn only_what_is_marked_can_be_inherited() {
    let mapping = MappingOptions::new().size(4096).create().unwrap();
    let mut command = std::process::Command::new("nothing");
    assert_eq!(code(command.inherit("key", &mapping)), 87);
    let marked = MappingOptions::new().size(4096).inheritable(true).create().unwrap();
    assert_eq!(code(command.inherit("", &marked)), 87);
    assert_eq!(code(command.inherit("a b", &marked)), 87);
    assert_eq!(code(command.inherit("clone", &marked.try_clone().unwrap())), 87);
    assert_eq!(code(Mapping::inherited("nothing_of_the_kind")), 2);
    assert_eq!(
        code(command.inherit("event", &EventOptions::new(Reset::Auto).create().unwrap())),
        87
    );
    assert_eq!(code(command.inherit("count", &SemaphoreOptions::new(0, 1).create().unwrap())), 87);
    assert_eq!(code(Event::inherited("nothing_of_the_kind")), 2);
}

#[test]
fn a_child_finds_nothing_under_another_kind_or_key() {
    let world = World::new();
    let mapping = MappingOptions::new().size(4096).inheritable(true).create().unwrap();
    let mut child = child(&world, |command| {
        command.inherit("frames", &mapping).unwrap();
        command.env("MAPVIEW_INHERIT_nonsense", "no token at all");
    });
    assert_eq!(child.refused("m = inherited other"), 2);
    assert_eq!(child.refused("x = inherited_mutex frames"), 13);
    assert_eq!(child.refused("e = inherited_event frames"), 13);
    assert_eq!(child.refused("s = inherited_semaphore frames"), 13);
    assert_eq!(child.refused("m = inherited nonsense"), 13);
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "not a test: the body of a process that has nothing inheritable"]
fn count_the_descriptors_of_children() {
    if !support::is_child() {
        return;
    }
    let count = || World::new().peer().ask("resources").split(' ').next().unwrap().to_string();
    let before = count();
    let name = unique("kept");
    let _objects = (Mapping::create(&name, 4096).unwrap(), mapview::Mutex::create("").unwrap());
    assert_eq!(count(), before);
}

/// In a process of its own: here, other tests mark objects meanwhile.
#[test]
#[cfg(target_os = "linux")]
fn a_child_gets_no_descriptor_of_what_is_not_marked() {
    let output = World::new().command("count_the_descriptors_of_children").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn another_process_duplicates_a_handle_by_its_number() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("m = unnamed 4096");
    a.ask("v = view m rw");
    a.ask("write v 0 here");
    let raw = a.ask("raw m");
    assert_eq!(b.ask(&format!("m = duplicate {} {raw}", a.pid())), "existed 4096");
    b.ask("v = view m rw");
    assert_eq!(b.ask("read v 0 4"), "here");
    b.ask("write v 0 back");
    assert_eq!(a.ask("read v 0 4"), "back");
    a.kill();
    assert_eq!(b.ask("read v 0 4"), "back");
    b.ask("w = view m");
}

#[test]
fn a_duplicate_has_the_rights_of_its_source() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("m = create source 4096");
    a.ask("r = open source access=r");
    let raw = a.ask("raw r");
    b.ask(&format!("m = duplicate {} {raw}", a.pid()));
    b.ask("v = view m cow");
    assert_eq!(b.refused("w = view m rw"), 5);
}

#[test]
fn a_duplicated_mutex_is_the_same_mutex() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("x = mutex shared owner");
    let raw = a.ask("raw x");
    b.ask(&format!("x = duplicate_mutex {} {raw}", a.pid()));
    assert_eq!(b.ask("lock x within 0"), "timeout");
    assert_eq!(b.refused("unlock x"), 288);
    a.kill();
    assert!(b.ask("lock x").starts_with("abandoned"));
}

#[test]
fn duplicated_events_and_semaphores_are_the_same_objects() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("e = event shared ; s = semaphore shared-count 2 5");
    let (pid, event, semaphore) = (a.pid(), a.ask("raw e"), a.ask("raw s"));
    b.ask(&format!("e = duplicate_event {pid} {event}"));
    b.ask(&format!("s = duplicate_semaphore {pid} {semaphore}"));
    assert_eq!(b.ask("wait e within 0"), "timeout");
    a.ask("set e");
    assert_eq!(b.ask("wait e within 0 ; release s 1"), "signaled ; 2");
    assert_eq!(a.ask("wait e within 0 ; release s 1"), "timeout ; 3");
    assert_eq!(b.ask("any e s within 0"), "1");
    a.kill();
    assert_eq!(b.ask("set e ; wait e within 0 ; release s 1"), " ; signaled ; 3");
}

#[test]
fn duplicating_checks_process_handle_and_kind() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("m = unnamed 4096");
    a.ask("x = mutex some");
    let (pid, mapping, mutex) = (a.pid(), a.ask("raw m"), a.ask("raw x"));
    assert_eq!(b.refused(&format!("n = duplicate {pid} 7654320")), 2);
    assert_eq!(b.refused(&format!("n = duplicate 0 {mapping}")), 2);
    assert_eq!(b.refused(&format!("n = duplicate {pid} {mutex}")), 6);
    assert_eq!(b.refused(&format!("y = duplicate_mutex {pid} {mapping}")), 6);
    assert_eq!(b.refused(&format!("e = duplicate_event {pid} {mutex}")), 6);
    assert_eq!(b.refused(&format!("s = duplicate_semaphore {pid} {mutex}")), 6);
    a.kill();
    assert_eq!(b.refused(&format!("n = duplicate {pid} {mapping}")), 2);
}
