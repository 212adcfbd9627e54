//! Names of objects: what is legal, what meets, and what each bad form is refused with.

mod support;

use std::any::Any;

use mapview::{
    Access, Event, EventOptions, Mapping, MappingOptions, Mutex, MutexOptions, Name, Reset, Result,
    Semaphore, SemaphoreOptions, Timer, TimerOptions,
};
use support::{code, unique, World};

/// One kind of object: its article and word, and what makes or opens one.
struct Kind {
    word: &'static str,
    create: fn(&str) -> Result<Made>,
    create_new: fn(&str) -> Result<Made>,
    open: fn(&str) -> Result<Made>,
}

/// An object of any kind, and whether it is new.
type Made = (Box<dyn Any>, bool);

fn kinds() -> [Kind; 5] {
    fn mapping(made: Mapping) -> Made {
        let new = made.was_created();
        (Box::new(made), new)
    }
    fn mutex(made: Mutex) -> Made {
        let new = made.was_created();
        (Box::new(made), new)
    }
    fn event(made: Event) -> Made {
        let new = made.was_created();
        (Box::new(made), new)
    }
    fn semaphore(made: Semaphore) -> Made {
        let new = made.was_created();
        (Box::new(made), new)
    }
    fn timer(made: Timer) -> Made {
        let new = made.was_created();
        (Box::new(made), new)
    }
    [
        Kind {
            word: "a mapping",
            create: |name| Mapping::create(name, 4096).map(mapping),
            create_new: |name| {
                MappingOptions::new().name(name).size(4096).create_new().map(mapping)
            },
            open: |name| Mapping::open(name).map(mapping),
        },
        Kind {
            word: "a mutex",
            create: |name| Mutex::create(name).map(mutex),
            create_new: |name| MutexOptions::new().name(name).create_new().map(mutex),
            open: |name| Mutex::open(name).map(mutex),
        },
        Kind {
            word: "an event",
            create: |name| Event::create(name, Reset::Auto).map(event),
            create_new: |name| EventOptions::new(Reset::Auto).name(name).create_new().map(event),
            open: |name| Event::open(name).map(event),
        },
        Kind {
            word: "a semaphore",
            create: |name| Semaphore::create(name, 0, 1).map(semaphore),
            create_new: |name| SemaphoreOptions::new(0, 1).name(name).create_new().map(semaphore),
            open: |name| Semaphore::open(name).map(semaphore),
        },
        Kind {
            word: "a timer",
            create: |name| Timer::create(name, Reset::Auto).map(timer),
            create_new: |name| TimerOptions::new(Reset::Auto).name(name).create_new().map(timer),
            open: |name| Timer::open(name).map(timer),
        },
    ]
}

/// The bad forms and their codes; the same for every kind, for creating and for opening.
fn assert_refused_everywhere(name: &str, want: u32) {
    for kind in kinds() {
        assert_eq!(code((kind.create)(name)), want, "create {} {name:?}", kind.word);
        assert_eq!(code((kind.create_new)(name)), want, "create new {} {name:?}", kind.word);
        assert_eq!(code((kind.open)(name)), want, "open {} {name:?}", kind.word);
    }
}

fn assert_usable(name: &str) {
    let created = Mapping::create(name, 4096).unwrap();
    assert!(created.was_created(), "{name:?}");
    created.view().unwrap().copy_in(0, b"here").unwrap();
    let opened = Mapping::open(name).unwrap();
    assert_eq!(opened.view().unwrap().to_vec(0, 4).unwrap(), b"here", "{name:?}");
}

#[test]
fn prefixes_are_case_sensitive() {
    assert_refused_everywhere(r"local\x", 3);
    assert_refused_everywhere(r"LOCAL\x", 3);
    assert_refused_everywhere(r"global\x", 3);
}

#[test]
fn any_other_backslash_is_no_such_path() {
    for name in [r"a\b", r"Local\a\b", r"Global\a\b", r"x\", r"NS1\x"] {
        assert_refused_everywhere(name, 3);
    }
}

#[test]
fn a_leading_backslash_is_a_bad_path_name() {
    assert_refused_everywhere(r"\x", 161);
}

#[test]
fn a_prefix_alone_is_an_invalid_name() {
    assert_refused_everywhere(r"Local\", 123);
    assert_refused_everywhere(r"Global\", 123);
}

#[test]
fn a_namespace_is_not_an_object() {
    assert_refused_everywhere("Local", 6);
    assert_refused_everywhere("Global", 6);
}

#[test]
fn too_long_a_name_is_invalid() {
    assert_refused_everywhere(&"x".repeat(32_767), 123);
}

#[test]
fn opening_without_a_name_is_an_invalid_parameter() {
    assert_eq!(code(MappingOptions::new().open(Access::READ)), 87);
    assert_eq!(code(MutexOptions::new().open()), 87);
    assert_eq!(code(EventOptions::new(Reset::Auto).open()), 87);
    assert_eq!(code(SemaphoreOptions::new(0, 1).open()), 87);
    assert_eq!(code(TimerOptions::new(Reset::Auto).open()), 87);
}

#[test]
fn opening_the_empty_name_is_refused() {
    for kind in kinds() {
        assert_eq!(code((kind.open)("")), 6, "{}", kind.word);
    }
}

#[test]
fn the_empty_name_creates_distinct_unnamed_objects() {
    let (one, two) = (Mapping::create("", 4096).unwrap(), Mapping::create("", 4096).unwrap());
    assert!(one.was_created() && two.was_created());
    assert_eq!((one.name(), two.name()), (None, None));
    one.view().unwrap().copy_in(0, b"one").unwrap();
    assert_eq!(two.view().unwrap().to_vec(0, 3).unwrap(), [0; 3]);

    let (one, two) = (Mutex::create("").unwrap(), Mutex::create("").unwrap());
    assert!(one.was_created() && two.was_created());
    let _guard = one.lock().unwrap();
    std::thread::scope(|scope| {
        let free = scope.spawn(|| two.try_lock().unwrap().is_some());
        assert!(free.join().unwrap(), "the two mutexes are one");
    });

    let (one, two) =
        (Event::create("", Reset::Auto).unwrap(), Event::create("", Reset::Auto).unwrap());
    assert!(one.was_created() && two.was_created());
    one.set().unwrap();
    assert!(!two.try_wait().unwrap(), "the two events are one");

    let (one, two) = (Semaphore::create("", 1, 1).unwrap(), Semaphore::create("", 1, 1).unwrap());
    assert!(one.was_created() && two.was_created());
    assert!(one.try_wait().unwrap() && two.try_wait().unwrap(), "the two semaphores are one");
}

#[test]
fn local_prefix_and_no_prefix_are_the_same_object() {
    let name = unique("same");
    let _object = Mapping::create(&name, 4096).unwrap();
    assert!(!Mapping::create(&format!(r"Local\{name}"), 4096).unwrap().was_created());
    Mapping::open(&format!(r"Local\{name}")).unwrap();
}

#[test]
fn global_is_another_namespace() {
    let name = unique("apart");
    let _local = Mapping::create(&name, 4096).unwrap();
    let global = format!(r"Global\{name}");
    assert_eq!(code(Mapping::open(&global)), 2);
    assert!(Mapping::create(&global, 4096).unwrap().was_created());
}

#[test]
fn prefixes_lead_through_each_other() {
    let name = unique("links");
    let _local = Mapping::create(&name, 4096).unwrap();
    let _global = Mapping::create(&format!(r"Global\{name}"), 8192).unwrap();
    let size = |prefix: &str| Mapping::open(&format!("{prefix}{name}")).unwrap().size();
    assert_eq!(size(r"Local\Local\"), 4096);
    assert_eq!(size(r"Global\Local\"), 4096);
    assert_eq!(size(r"Local\Global\"), 8192);
}

#[test]
fn case_counts_and_unicode_is_not_normalised() {
    let name = unique("é");
    let _object = Mapping::create(&name, 4096).unwrap();
    assert_eq!(code(Mapping::open(&name.to_uppercase())), 2);
    assert_eq!(code(Mapping::open(&name.replace('é', "e\u{301}"))), 2);
}

#[test]
fn text_and_utf16_units_meet() {
    let name = unique("共享内存");
    let units: Vec<u16> = name.encode_utf16().collect();
    let object = Mapping::create(&name, 4096).unwrap();
    assert!(!Mapping::create(&units[..], 4096).unwrap().was_created());
    assert_eq!(object.name(), Some(&Name::from_utf16(&units).unwrap()));
}

#[test]
fn units_that_are_no_text_are_legal_and_distinct() {
    let tail: Vec<u16> = unique("lone").encode_utf16().collect();
    let with = |unit: u16| [&[unit][..], &tail].concat();
    let _object = Mapping::create(&with(0xD800)[..], 4096).unwrap();
    assert!(!Mapping::create(&with(0xD800)[..], 4096).unwrap().was_created());
    // Both would be U+FFFD if anything on the way went through text.
    assert_eq!(code(Mapping::open(&with(0xD801)[..])), 2);
    assert_eq!(code(Mapping::open(&with(0xFFFD)[..])), 2);
}

#[test]
fn everything_but_a_backslash_is_legal() {
    for name in ["/", "a/b", ".", "..", "a:b*?\"<>|", " ", "\x01\x1b\x7f", "\r\n", "共享内存", "🦀"]
    {
        assert_usable(&unique(name));
        assert_usable(&format!("{}{name}", unique("")));
    }
}

#[test]
fn long_names_work_and_their_last_unit_counts() {
    for length in [259, 260, 261, 300, 1000, 32_000] {
        let mut name = unique("");
        name.push_str(&"y".repeat(length - name.len()));
        assert_usable(&name);
        let _object = Mapping::create(&name, 4096).unwrap();
        name.pop();
        assert_eq!(code(Mapping::open(&format!("{name}z"))), 2);
    }
}

/// Linux only in its second half: Windows has no directory to escape from.
#[test]
fn nothing_in_a_name_escapes_the_namespace_directory() {
    let world = World::new();
    let before = world.files();
    let mut peer = world.peer();
    let names = ["../../up", "/abs", "..", ".", "a/../../b", "-rf", "x\n", "%2e%2e%2f", "~"];
    for (number, name) in names.iter().enumerate() {
        peer.ask(&format!("m{number} = create {} 4096", support::quote(name)));
        peer.ask(&format!(r"g{number} = create Global\{} 4096", support::quote(name)));
    }
    if cfg!(target_os = "linux") {
        let files = world.files();
        assert!(files.len() >= before.len() + 2 * names.len(), "each name has a record: {files:?}");
        for file in files {
            let namespace = file.parent().unwrap();
            assert_eq!(namespace.parent(), Some(world.directory()), "{file:?}");
            let name = file.file_name().unwrap().to_str().unwrap();
            assert!(name.bytes().all(|byte| byte.is_ascii_graphic()), "{file:?}");
        }
    }
    peer.exit();
    world.assert_empty();
}

#[test]
fn all_kinds_share_one_namespace() {
    for holder in kinds() {
        for other in kinds().into_iter().filter(|other| other.word != holder.word) {
            let name = unique("kind");
            let held = (holder.create)(&name).unwrap();
            for refused in [(other.create)(&name), (other.create_new)(&name), (other.open)(&name)] {
                let error = refused.err().unwrap();
                assert_eq!(error.win32_code(), 6, "{} is {}", other.word, holder.word);
                assert!(error.to_string().contains(&name), "{error}");
            }
            drop(held);
            assert!((other.create)(&name).unwrap().1, "the name is free again");
        }
    }
}

#[test]
fn the_refusal_says_which_kind_has_the_name() {
    for holder in kinds() {
        let name = unique("which");
        let _held = (holder.create)(&name).unwrap();
        for other in kinds().into_iter().filter(|other| other.word != holder.word) {
            let want = format!("is {}, not {}", holder.word, other.word);
            for refused in [(other.create)(&name), (other.open)(&name)] {
                let message = refused.err().unwrap().to_string();
                assert!(message.contains(&want), "{message}");
            }
        }
    }
}

#[test]
fn creating_a_name_of_the_same_kind_opens_it() {
    for kind in kinds() {
        let name = unique("again");
        let (_first, first_is_new) = (kind.create)(&name).unwrap();
        let (_second, second_is_new) = (kind.create)(&name).unwrap();
        assert_eq!((first_is_new, second_is_new), (true, false), "{}", kind.word);
        assert!(!(kind.open)(&name).unwrap().1);
    }
}

#[test]
fn creating_a_new_object_refuses_a_name_that_is_taken() {
    let name = unique("new");
    for kind in kinds() {
        let (first, is_new) = (kind.create_new)(&name).unwrap();
        assert!(is_new);
        assert_eq!(code((kind.create_new)(&name)), 183, "{}", kind.word);
        drop(first);
    }
}

#[test]
fn opening_what_does_not_exist_is_not_found() {
    let name = unique("missing");
    for kind in kinds() {
        assert_eq!(code((kind.open)(&name)), 2, "{}", kind.word);
    }
    assert_eq!(code(Mapping::open_read_only(&name)), 2);
    assert_eq!(code(Mapping::open(&format!(r"Global\{name}"))), 2);
}

#[test]
fn an_error_names_the_object() {
    let name = unique("named");
    let error = Mapping::open(&name).unwrap_err();
    assert_eq!(error.object(), Some(name.as_str()));
}

#[test]
fn unrelated_processes_meet_under_a_name() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    assert_eq!(a.ask("m = create meet 4096"), "created 4096");
    a.ask("v = view m rw");
    a.ask("write v 100 shared");
    assert_eq!(b.ask("m = create meet 9999"), "existed 4096");
    b.ask("v = view m rw");
    assert_eq!(b.ask("read v 100 6"), "shared");
    b.ask("write v 0 back");
    assert_eq!(a.ask("read v 0 4"), "back");
}

#[test]
fn two_processes_that_create_at_once_agree_on_one_object() {
    let world = World::new();
    let mut peers: Vec<_> = (0..4).map(|_| world.peer()).collect();
    for round in 0..50 {
        for peer in &mut peers {
            peer.start(&format!("m = create race{round} 4096"));
        }
        let answers: Vec<String> = peers.iter_mut().map(|peer| peer.answer().unwrap()).collect();
        let creators = answers.iter().filter(|answer| answer.starts_with("created")).count();
        assert_eq!(creators, 1, "{answers:?}");
    }
}
