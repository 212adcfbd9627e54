//! `Shared` within one process: guards, mismatches, and mappings that are something else.

mod support;

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Duration;

use mapview::{ErrorKind, Latest, Locked, Mapping, Mutex, OnceInit, Shared, SharedOptions};
use support::{code, unique};

fn shared(name: &str) -> Shared<u64> {
    Shared::create(name, "number", || 1).unwrap()
}

fn get(shared: &Shared<u64>) -> u64 {
    *shared.lock().unwrap().sound().unwrap()
}

#[test]
fn a_changed_value_is_written_when_its_guard_is_dropped() {
    let name = unique("write");
    let (one, two) = (shared(&name), shared(&name));
    *one.lock().unwrap().sound().unwrap() = 2;
    assert_eq!(get(&two), 2);
}

#[test]
fn only_a_value_that_was_borrowed_mutably_is_written() {
    let name = unique("unwritten");
    let value = shared(&name);
    let view = Mapping::open(&name).unwrap().view().unwrap();
    let before = view.to_vec(0, 4096).unwrap();
    assert_eq!(get(&value), 1);
    assert_eq!(view.to_vec(0, 4096).unwrap(), before);
    *value.lock().unwrap().sound().unwrap() += 0;
    assert_ne!(view.to_vec(0, 4096).unwrap(), before);
}

#[test]
fn committing_writes_at_once_and_discarding_forgets() {
    let name = unique("commit");
    let value = shared(&name);
    let mut guard = value.lock().unwrap().sound().unwrap();
    *guard = 2;
    guard.commit().unwrap();
    *guard = 3;
    guard.discard();
    assert_eq!(get(&value), 2);
}

#[test]
fn a_commit_stays_when_the_holder_then_panics() {
    let value = shared(&unique("commit-panic"));
    panic_with(&value, |guard| {
        **guard = 2;
        guard.commit().unwrap();
        **guard = 3;
    });
    let Locked::Abandoned(found) = value.lock().unwrap() else { panic!("it was not told") };
    assert_eq!(*found, 2);
}

fn panic_with(value: &Shared<u64>, change: impl FnOnce(&mut mapview::SharedGuard<'_, u64>)) {
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let mut guard = value.lock().unwrap().sound().unwrap();
        change(&mut guard);
        panic!("as the test wants it");
    }));
    assert!(ended.is_err());
}

#[test]
fn a_panic_with_the_guard_alive_writes_nothing_and_abandons_the_value() {
    let name = unique("panic");
    let (value, other) = (shared(&name), shared(&name));
    panic_with(&value, |guard| **guard = 2);
    assert_eq!(other.lock().unwrap().sound().unwrap_err().kind(), ErrorKind::Abandoned);
    let Locked::Abandoned(found) = other.lock().unwrap() else { panic!("it was told once only") };
    assert_eq!(*found, 1);
    drop(found.replace(9));
    assert_eq!(get(&value), 9);
}

#[test]
fn a_repair_that_panics_leaves_the_value_as_it_was_and_abandoned() {
    let value = shared(&unique("repair"));
    panic_with(&value, |_| ());
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let _ = value.lock().unwrap().or_repair(|number| {
            *number = 77;
            panic!("as the test wants it");
        });
    }));
    assert!(ended.is_err());
    let mut guard = value.lock().unwrap().or_repair(|number| *number += 1);
    assert_eq!(*guard, 2);
    *guard += 1;
    drop(guard);
    assert_eq!(get(&value), 3);
}

#[test]
fn a_thread_that_ends_with_a_forgotten_guard_abandons_the_value() {
    let value = shared(&unique("forgotten"));
    std::thread::scope(|scope| {
        scope.spawn(|| std::mem::forget(value.lock().unwrap().sound().unwrap()));
    });
    assert!(matches!(value.lock().unwrap(), Locked::Abandoned(_)));
}

#[test]
fn the_lock_is_the_mutex_of_that_name_and_its_news_count() {
    let name = unique("by-name");
    let value = shared(&name);
    let mutex = Mutex::open(&format!("{name}.lock")).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let guard = mutex.lock().unwrap();
            std::thread::scope(|scope| {
                scope.spawn(|| assert!(value.try_lock().unwrap().is_none())).join().unwrap();
            });
            std::mem::forget(guard);
        });
    });
    assert!(matches!(value.lock().unwrap(), Locked::Abandoned(_)));
    assert_eq!(code(value.lock().unwrap().sound()), 735, "dropped, so it stays");
}

#[test]
fn locking_twice_on_one_thread_is_refused_also_through_another_handle() {
    let name = unique("twice");
    let (one, two) = (shared(&name), Shared::<u64>::open(&name, "number").unwrap());
    let other = shared(&unique("another"));
    let mut guard = one.lock().unwrap().sound().unwrap();
    for handle in [&one, &two] {
        assert_eq!(code(handle.lock()), 170);
        assert_eq!(code(handle.try_lock()), 170);
        assert_eq!(code(handle.lock_timeout(Duration::from_millis(1))), 170);
    }
    assert!(one.lock().unwrap_err().to_string().contains("this thread has it locked already"));
    assert_eq!(get(&other), 1, "another value is another matter");
    *guard = 5;
    drop(guard);
    assert_eq!(get(&two), 5);
}

#[test]
fn creating_a_value_within_its_own_initialiser_is_refused() {
    let name = unique("within");
    let value = Shared::<u64>::create(&name, "number", || {
        assert_eq!(code(Shared::<u64>::create(&name, "number", || 2)), 170);
        1
    });
    assert_eq!(get(&value.unwrap()), 1);
}

#[test]
fn an_initialiser_that_panics_leaves_nothing_and_the_next_one_runs() {
    let name = unique("init-panic");
    let ended = catch_unwind(|| Shared::<u64>::create(&name, "number", || panic!("as wanted")));
    assert!(ended.is_err());
    assert_eq!(code(Shared::<u64>::open(&name, "number")), 2);
    // Neither what it was to be, nor how large, binds the next one.
    let value = Shared::<[u64; 1000]>::create(&name, "numbers", || [3; 1000]).unwrap();
    assert_eq!(value.lock().unwrap().sound().unwrap()[999], 3);
}

#[test]
fn threads_can_share_a_handle() {
    fn shareable<T: Send + Sync>(value: T) -> T {
        value
    }
    let value = shareable(shared(&unique("threads")));
    shareable(OnceInit::create(&unique("threads")).unwrap());
    shareable(Latest::create(&unique("threads"), "", || 1_u64).unwrap());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    *value.lock().unwrap().sound().unwrap() += 1;
                }
            });
        }
    });
    assert_eq!(get(&value), 4001);
}

#[test]
fn a_half_made_mapping_that_somebody_keeps_serves_every_type_it_has_room_for() {
    let name = unique("half-made");
    let mut kept = None;
    let ended = catch_unwind(AssertUnwindSafe(|| {
        Shared::<u64>::create(&name, "number", || {
            kept = Some(Mapping::open(&name).unwrap());
            panic!("as wanted")
        })
    }));
    assert!(ended.is_err());
    let error = Shared::create(&name, "numbers", || [3_u64; 1000]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(error.to_string().contains("its mapping has 4096 bytes, but"), "{error}");
    let value = Shared::create(&name, "numbers", || [3_u64; 7]).unwrap();
    assert_eq!(*value.lock().unwrap().sound().unwrap(), [3; 7]);
}

/// What a creator leaves that ends, in a process that goes on, between making the mapping and writing to it.
#[test]
fn an_empty_mapping_whose_maker_died_with_the_lock_is_taken_over() {
    let name = unique("taken-over");
    let lock = Mutex::create(&format!("{name}.lock")).unwrap();
    let mut left = None;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::mem::forget(lock.lock().unwrap());
            left = Some(Mapping::create(&name, 4096).unwrap());
        });
    });
    assert!(shared(&name).was_created());
}

#[test]
fn waiting_for_the_lock_gives_up_in_time() {
    let value = shared(&unique("time"));
    let guard = value.lock().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert!(value.try_lock().unwrap().is_none());
            assert!(value.lock_timeout(Duration::from_millis(30)).unwrap().is_none());
        });
    });
    drop(guard);
    assert!(value.try_lock().unwrap().is_some());
}

#[test]
fn a_mismatch_is_refused_and_the_message_names_both_sides() {
    let name = unique("mismatch");
    let _value = Shared::create(&name, "config v1", || [0_u64; 3]).unwrap();
    let refused = |error: mapview::Error, says: &str| {
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert_eq!(error.object(), Some(&*name));
        assert!(error.to_string().contains(says), "{error}");
    };
    let says =
        "it holds `config v1` of 24 bytes aligned to 8, not `config v2` of 32 bytes aligned to 8";
    refused(Shared::create(&name, "config v2", || [0_u64; 4]).unwrap_err(), says);
    refused(Shared::<[u64; 4]>::open(&name, "config v2").unwrap_err(), says);
    let says = "not `config v2` of 24 bytes aligned to 8";
    refused(Shared::<[u64; 3]>::open(&name, "config v2").unwrap_err(), says);
    let says = "not `config v1` of 24 bytes aligned to 4";
    refused(Shared::<[u32; 6]>::open(&name, "config v1").unwrap_err(), says);
    let says = "is a `Shared` of `config v1` of 24 bytes aligned to 8, not a `Latest`";
    refused(Latest::<[u64; 3]>::open(&name, "config v1").unwrap_err(), says);
    refused(OnceInit::create(&name).unwrap_err(), "not a `OnceInit`");
}

#[test]
fn a_schema_has_at_most_64_bytes_and_a_name_is_needed() {
    let name = unique("schema");
    let long = "x".repeat(65);
    assert_eq!(code(Shared::create(&name, &long, || 1_u64)), 87);
    assert!(Shared::create(&name, &long[1..], || 1_u64).is_ok());
    assert_eq!(code(Shared::create("", "x", || 1_u64)), 6);
    assert_eq!(code(Shared::create(r"a\b", "x", || 1_u64)), 3);
}

#[test]
fn a_mapping_that_is_no_typed_value_is_refused_and_left_alone() {
    for content in [&b""[..], b"some text"] {
        let name = unique("foreign");
        let mapping = Mapping::create(&name, 4096).unwrap();
        let view = mapping.view().unwrap();
        view.copy_in(0, content).unwrap();
        let before = view.to_vec(0, 4096).unwrap();
        assert_eq!(code(Shared::<u64>::open(&name, "number")), 13);
        assert_eq!(code(Shared::create(&name, "number", || 1_u64)), 13);
        assert_eq!(view.to_vec(0, 4096).unwrap(), before);
    }
    let name = unique("mutex");
    let _mutex = Mutex::create(&name).unwrap();
    assert_eq!(code(Shared::create(&name, "number", || 1_u64)), 6);
}

#[test]
fn a_mapping_too_small_for_what_its_header_says_is_refused() {
    let (large, small) = (unique("large"), unique("small"));
    let _value = Shared::create(&large, "bytes", || [0_u8; 100_000]).unwrap();
    let header = Mapping::open(&large).unwrap().view().unwrap().to_vec(0, 256).unwrap();
    let mapping = Mapping::create(&small, 4096).unwrap();
    mapping.view().unwrap().copy_in(0, &header).unwrap();
    let _lock = Mutex::create(&format!("{small}.lock")).unwrap();
    let error = Shared::<[u8; 100_000]>::open(&small, "bytes").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(error.to_string().contains("its mapping has 4096 bytes"), "{error}");
}

#[test]
fn whatever_others_write_into_it_nothing_panics_or_hangs() {
    let name = unique("scribbled");
    let value = Shared::create(&name, "numbers", || [1_u64; 20]).unwrap();
    let view = Mapping::open(&name).unwrap().view().unwrap();
    let header = view.to_vec(0, 0x80).unwrap();
    let mut random = 88_172_645_463_325_252_u64;
    for round in 0..2000 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let at = if round % 2 == 0 { 8 * (random % 64) as usize } else { 0xC0 };
        view.write(at, &(random.rotate_left(20))).unwrap();
        drop(value.lock().unwrap().or_repair(|value| value[3] += 1));
        if round % 10 == 9 {
            // Opening believes nothing in the header either; without its magic it would wait for somebody.
            view.write(0, b"mvtyped\0").unwrap();
            let _ = Shared::<[u64; 20]>::open(&name, "numbers");
            view.copy_in(0, &header).unwrap();
        }
    }
}

#[test]
fn a_value_larger_than_the_stack_is_shared() {
    type Huge = [u8; 16 << 20];
    let name = unique("huge");
    let options = SharedOptions::new();
    let one = options.create_in_place::<Huge>(&name, "huge", |huge| huge[5] = 5).unwrap();
    one.lock().unwrap().sound().unwrap()[(16 << 20) - 1] = 6;
    let two = Shared::<Huge>::open(&name, "huge").unwrap();
    let guard = two.lock().unwrap().sound().unwrap();
    assert_eq!((guard[5], guard[(16 << 20) - 1]), (5, 6));
}

#[test]
fn a_value_of_no_bytes_is_a_lock_that_reports_the_dead() {
    let name = unique("empty");
    let value = Shared::create(&name, "", || ()).unwrap();
    drop(value.lock().unwrap().sound().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(|| std::mem::forget(value.lock().unwrap()));
    });
    assert!(matches!(value.lock().unwrap(), Locked::Abandoned(_)));
}

#[test]
fn a_value_lives_on_in_a_bare_mapping_that_somebody_keeps() {
    let name = unique("kept");
    let value = shared(&name);
    let _kept = Mapping::open(&name).unwrap();
    *value.lock().unwrap().sound().unwrap() = 5;
    drop(value);
    let value = Shared::<u64>::open(&name, "number").unwrap();
    assert_eq!(get(&value), 5);
    assert!(Mutex::open(&format!("{name}.lock")).is_ok());
}

#[test]
fn names_end_when_the_last_handle_is_closed() {
    let name = unique("closed");
    let (one, two) = (shared(&name), shared(&name));
    assert!(one.was_created() && !two.was_created());
    drop(one);
    assert_eq!(get(&two), 1);
    drop(two);
    assert_eq!(code(Mapping::open(&name)), 2);
    assert_eq!(code(Mutex::open(&format!("{name}.lock"))), 2);
    assert!(shared(&name).was_created());
}
