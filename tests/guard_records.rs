//! Objects in `Global\` whose files somebody truncates, who may write them: errors for a process with the guard. Linux.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod support;

use std::fs::File;
use std::os::unix::process::ExitStatusExt;

use mapview::{wait_all, wait_any, Deadline, Event, Guard, Mutex, Reset, Semaphore, Shared, Timer};
use support::{code, is_child, with_suffix, World};

/// How a process ends that saw what it should.
const FINE: i32 = 40;

#[test]
#[ignore = "not a test: the body of a process whose objects are truncated"]
fn use_truncated_objects() {
    if !is_child() {
        return;
    }
    if std::env::var_os("MAPVIEW_TEST_GUARD").is_some() {
        Guard::install().unwrap();
    }
    let name = |kind: &str| with_suffix(&format!(r"Global\{kind}"));
    let mutex = Mutex::create(&name("mutex")).unwrap();
    let owned = Mutex::create(&name("owned")).unwrap();
    let other = Mutex::create(&with_suffix("other")).unwrap();
    let event = Event::create(&name("event"), Reset::Auto).unwrap();
    let manual = Event::create(&name("manual"), Reset::Manual).unwrap();
    let semaphore = Semaphore::create(&name("semaphore"), 1, 5).unwrap();
    let timer = Timer::create(&name("timer"), Reset::Auto).unwrap();
    let tick = Timer::create(&name("tick"), Reset::Manual).unwrap();
    let guard = owned.lock().unwrap();
    truncate_all();

    assert_eq!(code(mutex.lock()), 999);
    assert_eq!(code(mutex.try_lock()), 999, "and it is not left locked");
    drop(guard);
    assert_eq!(code(owned.lock()), 999);
    for event in [&event, &manual] {
        assert_eq!(code(event.set()), 999);
        assert_eq!(code(event.try_wait()), 999);
        assert_eq!(code(event.reset()), 999);
        assert_eq!(code(event.pulse()), 999);
    }
    assert_eq!(code(semaphore.release(1)), 999);
    assert_eq!(code(semaphore.try_wait()), 999);
    for timer in [&timer, &tick] {
        assert_eq!(code(timer.set(std::time::Duration::ZERO, None)), 999);
        assert_eq!(code(timer.try_wait()), 999);
        assert_eq!(code(timer.cancel()), 999);
    }
    assert_eq!(code(wait_any(&[&other, &event], Deadline::now())), 999);
    assert_eq!(code(wait_any(&[&event, &other], Deadline::now())), 999);
    assert_eq!(code(wait_all(&[&mutex, &other], Deadline::now())), 999);
    std::thread::scope(|scope| {
        let theirs = scope.spawn(|| other.try_lock().unwrap().is_some());
        assert!(theirs.join().unwrap(), "what was taken beside it was given back");
    });
    drop((mutex, owned, event, manual, semaphore, timer, tick));
    std::process::exit(FINE);
}

#[test]
#[ignore = "not a test: the body of a process whose value is truncated"]
fn use_a_truncated_value() {
    if !is_child() {
        return;
    }
    Guard::install().unwrap();
    let everybody = mapview::Security::Everybody(mapview::Grant::ReadWrite);
    let mut options = mapview::SharedOptions::new();
    let name = with_suffix(r"Global\value");
    let value: Shared<[u64; 1000]> =
        options.security(everybody).create(&name, "", || [1; 1000]).unwrap();
    assert_eq!(value.lock().unwrap().sound().unwrap()[999], 1);
    truncate_all();
    assert_eq!(code(value.lock()), 999);
    assert_eq!(code(value.try_lock()), 999);
    drop(value);
    std::process::exit(FINE);
}

/// Does what a hostile process does that may write the files in the namespace `Global\`.
fn truncate_all() {
    let base = std::env::var_os("MAPVIEW_DIR").unwrap();
    let mut truncated = 0;
    let mut directories = vec![std::path::PathBuf::from(base)];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if is_global_record(&path) {
                File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
                truncated += 1;
            }
        }
    }
    assert!(truncated > 0, "the records were not found");
}

/// Whether the file starts as a record and says that its name is global.
fn is_global_record(path: &std::path::Path) -> bool {
    const GLOBAL: u8 = 16;
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes.starts_with(b"mapview\0") && bytes.get(16).is_some_and(|flags| flags & GLOBAL != 0)
}

#[test]
fn with_the_guard_truncated_objects_are_an_error() {
    let output =
        World::new().command("use_truncated_objects").env("MAPVIEW_TEST_GUARD", "1").output();
    let output = output.unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(FINE), "{:?} {text}", output.status);
}

#[test]
fn without_it_they_end_the_process() {
    let output = World::new().command("use_truncated_objects").output().unwrap();
    assert_eq!(output.status.signal(), Some(libc::SIGBUS));
}

#[test]
fn with_the_guard_a_truncated_value_is_an_error() {
    let output = World::new().command("use_a_truncated_value").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(FINE), "{:?} {text}", output.status);
}
