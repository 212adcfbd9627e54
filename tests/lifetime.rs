//! Lifetime is the kernel's: the last handle ends the name, the last view ends the memory, however a process ends.

mod support;

use mapview::{Mapping, MappingOptions, Mutex};
use support::{code, unique, World};

#[test]
fn the_last_handle_ends_the_name_while_views_live() {
    let name = unique("last");
    let (one, two) = (Mapping::create(&name, 4096).unwrap(), Mapping::open(&name).unwrap());
    let view = one.view().unwrap();
    view.copy_in(0, b"old").unwrap();
    drop(one);
    Mapping::open(&name).unwrap();
    drop(two);
    assert_eq!(code(Mapping::open(&name)), 2);
    assert_eq!(view.to_vec(0, 3).unwrap(), b"old");
}

#[test]
fn the_same_name_is_then_a_new_zeroed_object_apart_from_the_old_views() {
    let name = unique("fresh");
    let old = Mapping::create(&name, 4096).unwrap().view().unwrap();
    old.copy_in(0, b"old").unwrap();
    let mapping = Mapping::create(&name, 8192).unwrap();
    assert!(mapping.was_created());
    assert_eq!(mapping.size(), 8192);
    let new = mapping.view().unwrap();
    assert_eq!(new.to_vec(0, 3).unwrap(), [0; 3]);
    new.copy_in(0, b"new").unwrap();
    assert_eq!(old.to_vec(0, 3).unwrap(), b"old");
}

#[test]
fn a_name_that_is_free_takes_any_kind() {
    let name = unique("any");
    drop(Mapping::create(&name, 4096).unwrap());
    drop(Mutex::create(&name).unwrap());
    assert!(Mapping::create(&name, 4096).unwrap().was_created());
}

#[test]
fn the_name_lives_as_long_as_any_process_has_a_handle() {
    let world = World::new();
    let (mut a, mut b, mut c) = (world.peer(), world.peer(), world.peer());
    a.ask("m = create handed 4096");
    a.ask("v = view m rw");
    a.ask("write v 0 kept");
    b.ask("m = open handed");
    a.ask("close m");
    assert_eq!(c.ask("m = open handed"), "existed 4096");
    c.ask("v = view m rw");
    assert_eq!(c.ask("read v 0 4"), "kept");
    b.ask("close m");
    c.ask("close m");
    assert_eq!(b.refused("m = open handed"), 2);
    assert_eq!(a.ask("read v 0 4"), "kept");
    c.ask("write v 0 VIEW");
    assert_eq!(a.ask("read v 0 4"), "VIEW", "old views still share one memory");
}

#[test]
fn a_holder_can_be_asked_for_the_object_after_its_creator_died() {
    let world = World::new();
    let (mut a, mut b, mut c) = (world.peer(), world.peer(), world.peer());
    a.ask("m = create heir 4096");
    a.ask("v = view m rw");
    a.ask("write v 0 kept");
    b.ask("m = open heir access=r");
    a.kill();
    assert_eq!(c.ask("m = create heir 4096"), "existed 4096");
    c.ask("v = view m rw");
    assert_eq!(c.ask("read v 0 4"), "kept");
}

#[test]
fn kill_9_of_the_last_holder_frees_the_name_and_the_next_object_is_zero() {
    for ending in ["kill", "exit"] {
        let world = World::new();
        let (mut a, mut b) = (world.peer(), world.peer());
        for line in ["m = create crash 4096", "v = view m rw", "write v 0 old", "x = mutex lock"] {
            a.ask(line);
        }
        if ending == "kill" {
            a.kill();
        } else {
            a.exit();
        }
        assert_eq!(b.refused("m = open crash"), 2, "{ending}");
        assert_eq!(b.refused("x = open_mutex lock"), 2, "{ending}");
        assert_eq!(b.ask("m = create crash 8192"), "created 8192");
        b.ask("v = view m rw");
        assert_eq!(b.ask("read v 0 3"), "%00%00%00");
        assert_eq!(b.ask("x = mutex lock new"), "created");
    }
}

#[test]
fn a_view_alone_does_not_keep_the_name_after_a_crash_of_the_last_handle() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("m = create alone 4096");
    b.ask("m = open alone");
    b.ask("v = view m rw");
    b.ask("write v 0 mine");
    b.ask("close m");
    a.kill();
    assert_eq!(b.refused("m = open alone"), 2);
    assert_eq!(b.ask("m = create alone 4096 new"), "created 4096");
    assert_eq!(b.ask("read v 0 4"), "mine");
}

#[test]
fn nothing_is_left_in_the_namespace() {
    let world = World::new();
    let (mut a, mut b, mut c) = (world.peer(), world.peer(), world.peer());
    for prefix in ["", r"Global\"] {
        for peer in [&mut a, &mut b, &mut c] {
            peer.ask(&format!("m{} = create {prefix}m 65536", prefix.len()));
            peer.ask(&format!("n{} = create {prefix}sparse 65536 reserve", prefix.len()));
            peer.ask(&format!("x{} = mutex {prefix}x", prefix.len()));
        }
        c.ask(&format!("lock x{}", prefix.len()));
    }
    for slot in ["m0", "n0", "x0", "m7", "n7", "x7"] {
        a.ask(&format!("close {slot}"));
    }
    b.exit();
    c.kill();
    drop(a);
    world.assert_empty();
}

#[test]
fn a_crash_of_thousands_of_objects_leaves_nothing() {
    let world = World::new();
    let mut peer = world.peer();
    for number in 0..1000 {
        peer.ask(&format!("m{number} = create many{number} 4096"));
    }
    peer.kill();
    world.assert_empty();
}

#[test]
fn closing_by_the_owner_ends_a_mutex_too() {
    let name = unique("owned");
    let mutex = Mutex::create(&name).unwrap();
    std::mem::forget(mutex.lock().unwrap());
    mutex.close().unwrap();
    assert_eq!(code(Mutex::open(&name)), 2);
    let fresh = Mutex::create(&name).unwrap();
    assert!(fresh.was_created());
    std::thread::scope(|scope| {
        let other = scope.spawn(|| fresh.try_lock().unwrap().map(|guard| guard.abandoned()));
        assert_eq!(other.join().unwrap(), Some(false), "free, and nothing was abandoned");
    });
}

#[test]
fn a_failed_create_leaves_nothing() {
    let world = World::new();
    let mut peer = world.peer();
    let missing = world.directory().join("missing");
    assert_eq!(peer.refused(&format!("m = create failed 4096 path={}", missing.display())), 2);
    assert!(peer.refused(&format!("m = create failed {}", 1_u64 << 50)) > 0);
    assert!(peer.refused(r"m = create Global\failed 1125899906842624") > 0);
    world.assert_empty();
}

#[test]
#[cfg(target_os = "linux")]
fn memory_is_free_when_the_last_view_or_its_process_is_gone() {
    const SIZE: u64 = 256 << 20; // far above the noise of other tests
    let world = World::new();
    for name in ["big", r"Global\big"] {
        let before = shmem();
        let taken = || shmem().saturating_sub(before) > SIZE / 2;
        let (mut a, mut b) = (world.peer(), world.peer());
        a.ask(&format!("m = create {name} {SIZE}"));
        assert!(taken(), "memory is allocated at creation");
        a.ask("v = view m rw");
        a.ask("close m");
        assert!(taken(), "a view keeps it");
        a.ask("close v");
        assert!(!taken(), "the last view ends it");

        a.ask(&format!("m = create {name} {SIZE}"));
        b.ask(&format!("m = open {name}"));
        b.ask("v = view m rw");
        a.kill();
        assert!(taken(), "another process keeps it");
        b.kill();
        world.assert_empty(); // a crash leaves what the next operation in the namespace removes
        assert!(!taken(), "kill -9 of the last holder ends it");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn reserved_memory_costs_nothing_until_touched() {
    let world = World::new();
    let mut peer = world.peer();
    peer.ask(&format!("m = create sparse {} reserve", 1_u64 << 40));
    peer.ask("v = view m rw len=65536 offset=549755813888");
    peer.ask("write v 0 touched");
    let listed = mapping_in(&peer.ask("list"));
    assert!(listed.contains("sparse"), "{listed}");
    // A terabyte would not fit; that this line is reached shows that it was not taken.
    assert_eq!(peer.ask("read v 0 7"), "touched");
}

#[cfg(target_os = "linux")]
fn mapping_in(list: &str) -> String {
    list.split(' ').find(|object| object.starts_with("mapping:")).unwrap_or_default().to_string()
}

#[cfg(target_os = "linux")]
fn shmem() -> u64 {
    let info = std::fs::read_to_string("/proc/meminfo").unwrap();
    let line = info.lines().find(|line| line.starts_with("Shmem:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

#[test]
#[cfg(target_os = "linux")]
fn loops_leak_no_descriptor_and_no_mapped_range() {
    let world = World::new();
    let (mut a, mut keeper) = (world.peer(), world.peer());
    keeper.ask("m = create kept 4096");
    keeper.ask("x = mutex kept-lock");
    let mut round = || {
        for line in [
            "m = create looped 65536",
            "n = open looped access=r",
            "v = view m rw offset=5 len=70",
            "w = view n cow",
            "write w 0 x",
            "k = open kept",
            "kv = view k",
            "x = mutex looped-lock owner",
            "y = open_mutex kept-lock",
            "lock y",
            "unlock y",
            "unlock x",
            "close m",
            "close v",
            "close n",
            "close w",
            "close k",
            "close kv",
            "close x",
            "close y",
        ] {
            a.ask(line);
        }
        assert_eq!(a.refused("m = open looped"), 2);
        assert_eq!(a.refused("m = create looped 0"), 87);
        assert_eq!(a.refused("m = create kept-lock 4096"), 6);
        a.ask("resources")
    };
    round(); // what is set up once, at first use, is no leak
    let first = round();
    for _ in 0..100 {
        round();
    }
    assert_eq!(round(), first);
}

#[test]
#[cfg(target_os = "linux")]
fn mutexes_that_end_while_owned_leak_nothing() {
    let world = World::new();
    let mut peer = world.peer();
    let mut round = || {
        peer.ask("x = mutex looped owner");
        peer.ask("close x");
        peer.ask("resources")
    };
    round();
    let first = round();
    for _ in 0..100 {
        round();
    }
    assert_eq!(round(), first);
}

#[test]
fn handles_close_in_any_order_and_report_success() {
    let name = unique("order");
    let handles: Vec<Mapping> = (0..10).map(|_| Mapping::create(&name, 4096).unwrap()).collect();
    let views: Vec<_> = handles.iter().map(|handle| handle.view().unwrap()).collect();
    for (index, handle) in handles.into_iter().enumerate() {
        handle.close().unwrap();
        assert_eq!(Mapping::open(&name).is_ok(), index != 9, "after {index}");
    }
    for view in views {
        view.unmap().unwrap();
    }
    assert_eq!(code(MappingOptions::new().name(&name).open(mapview::Access::READ)), 2);
}
