//! Objects that travel as descriptors with a text: with their names and rights, and alive on the way.
#![cfg(target_os = "linux")]

use std::os::fd::OwnedFd;

use mapview::{
    is_same_object, Access, ErrorKind, Event, Mapping, MappingOptions, Mutex, Reset, Semaphore,
};

fn name(text: &str) -> String {
    format!("passing-names-{text}-{}", std::process::id())
}

#[test]
fn a_name_lives_on_the_way() {
    let event_name = name("event");
    let event = Event::create(&event_name, Reset::Manual).unwrap();
    event.set().unwrap();
    let (text, descriptors) = event.to_descriptors().unwrap();
    event.close().unwrap();
    assert!(Event::open(&event_name).unwrap().try_wait().unwrap(), "it lives, set as it was");
    let arrived = Event::from_descriptors(&text, descriptors).unwrap();
    assert_eq!(arrived.name().unwrap().to_string(), event_name);
    assert!(is_same_object(&arrived, &Event::open(&event_name).unwrap()));
    arrived.close().unwrap();
    let gone = Event::open(&event_name).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound, "it ended with who received it");
}

#[test]
fn a_name_ends_with_descriptors_that_nobody_opens() {
    let mutex_name = name("mutex");
    let mutex = Mutex::create(&mutex_name).unwrap();
    let (_, descriptors) = mutex.to_descriptors().unwrap();
    mutex.close().unwrap();
    drop(Mutex::open(&mutex_name).unwrap());
    drop(descriptors);
    assert_eq!(Mutex::open(&mutex_name).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_mapping_arrives_with_its_rights_and_name() {
    let mapping_name = name("mapping");
    let whole = Mapping::create(&mapping_name, 8192).unwrap();
    whole.view().unwrap().copy_in(5000, b"here").unwrap();
    let reader = Mapping::open_read_only(&mapping_name).unwrap();
    let (text, descriptors) = reader.to_descriptors().unwrap();
    drop((whole, reader));
    let arrived = Mapping::from_descriptors(&text, descriptors).unwrap();
    assert_eq!((arrived.size(), arrived.access()), (8192, Access::READ));
    assert_eq!(arrived.view().unwrap().to_vec(5000, 4).unwrap(), b"here");
    assert_eq!(Mapping::open(&mapping_name).unwrap().size(), 8192);
}

#[test]
fn raw_descriptors_of_a_mapping_are_enough_while_it_is_open() {
    for mapping_name in [String::new(), name("raw")] {
        let here = MappingOptions::new().name(&mapping_name).size(4096).create().unwrap();
        let (text, numbers) = here.raw_descriptors();
        let copies: Vec<OwnedFd> = numbers
            .iter()
            .map(|number| {
                std::fs::File::options()
                    .read(true)
                    .write(true)
                    .open(format!("/proc/self/fd/{number}"))
            })
            .map(|file| file.unwrap().into())
            .collect();
        let there = Mapping::from_descriptors(&text, copies).unwrap();
        here.view().unwrap().copy_in(0, b"same").unwrap();
        assert_eq!(there.view().unwrap().to_vec(0, 4).unwrap(), b"same");
        assert_eq!(there.name(), here.name());
    }
}

#[test]
fn what_was_not_made_so_is_refused() {
    let event = Event::create("", Reset::Auto).unwrap();
    let (text, descriptors) = event.to_descriptors().unwrap();
    let wrong = Semaphore::from_descriptors(&text, descriptors).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::WrongKind);
    for text in ["event", "event x y", "mapping 1", "", "mapping zz 2 f 0 0"] {
        let kind = Event::from_descriptors(text, Vec::new()).unwrap_err().kind();
        assert!([ErrorKind::InvalidData, ErrorKind::WrongKind].contains(&kind), "{text}");
        let kind = Mapping::from_descriptors(text, Vec::new()).unwrap_err().kind();
        assert!([ErrorKind::InvalidData, ErrorKind::WrongKind].contains(&kind), "{text}");
    }
    let (text, _) = event.to_descriptors().unwrap();
    let null = std::fs::File::open("/dev/null").unwrap();
    assert!(Event::from_descriptors(&text, vec![null.into()]).is_err());
}
