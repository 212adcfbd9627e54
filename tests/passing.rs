//! Objects that travel as a plain descriptor or handle.

use std::process::{Command, Stdio};

use mapview::{Access, ErrorKind, Event, Mapping, MappingOptions, Mutex, Reset, Semaphore, Timer};

#[cfg(unix)]
use std::os::fd::{AsFd as Lend, OwnedFd as Owned};
#[cfg(windows)]
use std::os::windows::io::{AsHandle as Lend, OwnedHandle as Owned};

/// A descriptor or handle of its own for the same thing.
fn copy(object: &impl Lend) -> Owned {
    #[cfg(unix)]
    return object.as_fd().try_clone_to_owned().unwrap();
    #[cfg(windows)]
    return object.as_handle().try_clone_to_owned().unwrap();
}

#[test]
fn what_is_passed_is_the_same_memory() {
    let mapping = MappingOptions::new().size(8192).create().unwrap();
    let passed = Mapping::try_from(copy(&mapping)).unwrap();
    mapping.view().unwrap().copy_in(5000, b"here").unwrap();
    assert_eq!(passed.size(), 8192);
    assert_eq!(passed.view().unwrap().to_vec(5000, 4).unwrap(), b"here");
}

#[test]
fn what_is_passed_has_the_rights_of_the_handle() {
    let name = format!("passed-read-only-{}", std::process::id());
    let whole = Mapping::create(&name, 4096).unwrap();
    let reader = Mapping::open_read_only(&name).unwrap();
    assert!(!Mapping::try_from(copy(&reader)).unwrap().access().contains(Access::WRITE));
    assert!(Mapping::try_from(copy(&whole)).unwrap().access().contains(Access::WRITE));
}

#[test]
fn a_mutex_is_passed_as_the_same_mutex() {
    let mutex = Mutex::create("").unwrap();
    let passed = Mutex::try_from(copy(&mutex)).unwrap();
    let _guard = mutex.lock().unwrap();
    let tried = std::thread::spawn(move || passed.try_lock().unwrap().is_some());
    assert!(!tried.join().unwrap());
    let wrong = Mapping::try_from(copy(&mutex)).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::WrongKind);
}

#[test]
fn an_event_is_passed_as_the_same_event() {
    let event = Event::create("", Reset::Auto).unwrap();
    let passed = Event::try_from(copy(&event)).unwrap();
    passed.set().unwrap();
    assert!(event.try_wait().unwrap());
    assert!(!passed.try_wait().unwrap());
    let wrong = Semaphore::try_from(copy(&event)).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::WrongKind);
}

#[test]
fn a_semaphore_is_passed_as_the_same_semaphore() {
    let semaphore = Semaphore::create("", 1, 5).unwrap();
    let passed = Semaphore::try_from(copy(&semaphore)).unwrap();
    assert_eq!(passed.release(2).unwrap(), 1);
    assert_eq!(semaphore.release(1).unwrap(), 3);
    let wrong = Event::try_from(copy(&semaphore)).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::WrongKind);
}

#[test]
fn a_timer_is_passed_as_the_same_timer() {
    let timer = Timer::create("", Reset::Manual).unwrap();
    let passed = Timer::try_from(copy(&timer)).unwrap();
    passed.set(std::time::Duration::ZERO, None).unwrap();
    assert!(timer.wait_timeout(std::time::Duration::from_secs(20)).unwrap());
    let wrong = Event::try_from(copy(&timer)).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::WrongKind);
}

#[test]
fn a_child_maps_its_standard_input() {
    let mapping = MappingOptions::new().size(4096).create().unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "receiver", "--ignored", "--nocapture"])
        .env("MAPVIEW_TEST_RECEIVES", "1")
        .stdin(Stdio::from(copy(&mapping)))
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(mapping.view().unwrap().to_vec(0, 10).unwrap(), b"from child");
}

#[test]
#[ignore = "not a test: the body of the child"]
fn receiver() {
    if std::env::var_os("MAPVIEW_TEST_RECEIVES").is_none() {
        return;
    }
    let mapping = Mapping::try_from(copy(&std::io::stdin())).unwrap();
    mapping.view().unwrap().copy_in(0, b"from child").unwrap();
}
