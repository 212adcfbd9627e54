//! Opening against the last close, creating against creating, and death at every step: all interleavings of the real
//! code on the real kernel, with a bounded number of preemptions.

use std::os::fd::AsFd;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::member::{join, prepare, visit, Look, Member};
use super::namespace::Directory;
use super::os::files;
use super::os::schedule::{explore, Actor};
use super::record::Record;
use crate::layout::{kind, Header};
use crate::{Name, Result};

/// What an actor ended with: a hold and the identity of its record, or nothing.
type Ends = Arc<Mutex<Vec<Option<(Member, (u64, u64))>>>>;

fn name() -> Name {
    Name::new("contested").unwrap()
}

/// Opens or creates the object as a process of its own.
fn take(path: &Path, create: bool) -> Result<Option<Member>> {
    let directory = Arc::new(Directory::of_test(path));
    let mut fill = |record: &Record, gate: &super::record::Gate<'_>| {
        let joined = prepare(&record.directory, gate, &name(), -1)?;
        gate.publish(&Header::new(kind::MUTEX, name().units().len()))?;
        Ok(joined)
    };
    // A mapping takes its memory here, and others may meet the empty record.
    let made = if create { Record::create(&directory, &name())? } else { None };
    let found = visit(
        &directory,
        &name(),
        made,
        |record, gate, contents| {
            if !gate.is_held(contents)? {
                return Ok(Look::Dead);
            }
            Ok(Look::Found(join(&record.directory, gate, contents, -1)?))
        },
        if create { Some(&mut fill) } else { None },
    )?;
    Ok(found.map(|(record, joined)| Member::new(record, joined, -1)))
}

fn identity(member: &Member) -> (u64, u64) {
    files::identity(&member.record.stat().unwrap())
}

fn taker(path: &Path, create: bool, ends: &Ends) -> Actor {
    let (path, ends) = (path.to_owned(), ends.clone());
    Box::new(move || {
        let member = take(&path, create).unwrap();
        assert!(member.is_some() || !create, "a create always succeeds");
        let end = member.map(|member| {
            let identity = identity(&member);
            (member, identity)
        });
        ends.lock().unwrap().push(end);
    })
}

fn leaver(member: Member) -> Actor {
    Box::new(move || {
        member.leave().unwrap();
    })
}

/// Whoever holds the object holds the same one, and its name leads to it; if nobody does, nothing is left.
fn check(path: &Path, ends: Ends, killed: bool) {
    let held: Vec<_> = std::mem::take(&mut *ends.lock().unwrap()).into_iter().flatten().collect();
    let again = take(path, false).unwrap();
    match held.first() {
        Some((_, first)) => {
            assert!(held.iter().all(|(_, identity)| identity == first), "two objects of one name");
            let again = again.expect("the name of an object that is held");
            assert_eq!(identity(&again), *first, "the name leads to another object");
            again.leave().unwrap();
        }
        None => assert!(again.is_none(), "a name that nobody holds"),
    }
    for (member, _) in held {
        member.leave().unwrap();
    }
    let directory = files::open_directory(path).unwrap();
    let left = files::names_in(directory.as_fd(), 100).unwrap();
    // A killed process may leave its presence file; looking at it removes it.
    let records = left.iter().filter(|file| file.starts_with("o-")).count();
    assert_eq!(records, 0, "{left:?}");
    assert!(killed || left.is_empty(), "{left:?}");
    for file in left {
        super::presence::is_present(
            &Directory::of_test(path),
            super::presence::number_of(&file).unwrap(),
        );
    }
    assert_eq!(files::names_in(directory.as_fd(), 100).unwrap(), Vec::<String>::new());
}

/// Runs one holder that leaves beside takers, through all schedules.
fn contest(creators: &[bool], with_holder: bool, victim: Option<usize>) {
    let temporary = tempfile::tempdir_in("/dev/shm").unwrap();
    let path = temporary.path().to_owned();
    let runs = explore(victim, || {
        let ends = Ends::default();
        let mut actors = Vec::new();
        if with_holder {
            actors.push(leaver(take(&path, true).unwrap().unwrap()));
        }
        actors.extend(creators.iter().map(|&create| taker(&path, create, &ends)));
        let path = path.clone();
        (actors, Box::new(move |killed| check(&path, ends, killed)))
    });
    println!("{runs} interleavings");
    assert!(runs > 30, "only {runs} interleavings");
}

#[test]
fn open_against_last_close() {
    contest(&[false], true, None);
}

#[test]
fn create_against_last_close() {
    contest(&[true], true, None);
}

#[test]
fn create_against_create() {
    contest(&[true, true], false, None);
}

#[test]
fn create_and_open_against_last_close() {
    contest(&[true, false], true, None);
}

#[test]
fn the_last_holder_dies_while_leaving() {
    contest(&[true], true, Some(0));
    contest(&[false], true, Some(0));
}

#[test]
fn a_creator_dies_while_creating() {
    contest(&[true, true], false, Some(0));
    contest(&[true, false], false, Some(0));
}
