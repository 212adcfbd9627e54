//! What every kind of channel is built on, compiled here with loom's atomics: who creates a channel at the same time agrees on it or
//! is told, wherever one of them is killed; places in the roster come back exactly once, and what a dead member held is cleaned up by
//! whoever comes, without touching what the next one has.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    pub(crate) use super::mortal::AtomicU64;
    pub(crate) use loom::sync::atomic::Ordering;
}

#[path = "support/mortal.rs"]
mod mortal;

#[path = "../src/station/agree.rs"]
mod agree;

#[path = "../src/station/owner.rs"]
#[allow(dead_code)]
mod owner;

use agree::{Found, Wish, CONTENT_AT};
use loom::sync::Arc;
use loom::thread;
use owner::{Owner, Role};
use prim::{AtomicU64, Ordering};

fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(if cfg!(debug_assertions) { 1 } else { preemptions });
    builder.check(model);
}

/// Words of content in this model; more would only take longer.
const CONTENT: usize = 2;
/// Stores of somebody who writes a header.
const STORES: usize = CONTENT + 5;

struct Page(Vec<AtomicU64>);

impl Page {
    fn new() -> Arc<Page> {
        Arc::new(Page((0..CONTENT_AT + CONTENT).map(|_| AtomicU64::new(0)).collect()))
    }

    /// Whether this was agreed on.
    fn write(&self, wish: u64, id: u64) -> bool {
        let words: Vec<&AtomicU64> = self.0.iter().collect();
        agree::write(&words, &self::wish(wish), id)
    }

    fn read(&self) -> Found {
        let word = |at: usize| Ok::<_, ()>(self.0[at].load(Ordering::Acquire));
        agree::read(CONTENT, word).unwrap()
    }
}

fn wish(number: u64) -> Wish {
    Wish { sum: number * 100, kind: number, content: vec![number + 1; CONTENT] }
}

/// Nobody ever reads half a header.
fn assert_whole(found: &Found, numbers: &[u64]) {
    if let Found::Ready(read, id) = found {
        assert!(numbers.iter().any(|number| *read == wish(*number)), "{read:?}");
        assert_ne!(*id, 0);
    }
}

#[test]
fn of_creators_who_want_the_same_one_may_be_killed_at_any_store() {
    for stores in 0..=STORES {
        check(2, move || {
            let page = Page::new();
            let victim = {
                let page = page.clone();
                thread::spawn(move || {
                    mortal::die_after(stores);
                    page.write(1, 11);
                })
            };
            assert!(page.write(1, 12));
            let Found::Ready(read, id) = page.read() else { panic!("it is written") };
            assert_eq!(read, wish(1));
            assert!([11, 12].contains(&id));
            victim.join().unwrap();
            // Nothing changes any more, least of all the id.
            assert_eq!(page.read(), Found::Ready(wish(1), id));
        });
    }
}

#[test]
fn of_creators_who_want_different_things_one_decides_and_the_other_is_told() {
    for stores in [1, 3, STORES, usize::MAX] {
        check(3, move || {
            let page = Page::new();
            let other = {
                let page = page.clone();
                thread::spawn(move || {
                    mortal::die_after(stores);
                    page.write(1, 11)
                })
            };
            let mine = page.write(2, 12);
            assert_whole(&page.read(), &[1, 2]);
            let theirs = other.join().unwrap();
            match page.read() {
                Found::Ready(read, 12) => assert!(mine && !theirs && read == wish(2)),
                Found::Ready(read, 11) => assert!(!mine && read == wish(1)),
                Found::Unfinished => assert!(!mine && stores < STORES, "it was killed at its work"),
                found => panic!("{found:?}"),
            }
        });
    }
}

#[test]
fn who_reads_a_header_sees_all_of_it_or_none() {
    check(3, || {
        let page = Page::new();
        let creator = {
            let page = page.clone();
            thread::spawn(move || page.write(1, 11))
        };
        assert_whole(&page.read(), &[1]);
        creator.join().unwrap();
        assert_eq!(page.read(), Found::Ready(wish(1), 11));
    });
}

/// A roster of two places, and a word of another table that one member at a time has: what `bury` cleans up.
struct Roster {
    places: [AtomicU64; 2],
    held: AtomicU64,
}

const DEAD: u64 = 1;

impl Roster {
    /// The first place belongs to one that was killed and held the word.
    fn with_a_dead_member() -> Arc<Roster> {
        let roster = Roster { places: [0, 0].map(AtomicU64::new), held: AtomicU64::new(0) };
        let dead = Owner::take(&roster.places[0], Role::Sender, DEAD).unwrap();
        roster.held.store(Roster::tag(0, dead), Ordering::Relaxed);
        Arc::new(roster)
    }

    fn tag(index: usize, owner: Owner) -> u64 {
        1 << 16 | u64::from(owner.generation()) << 8 | index as u64
    }

    fn take(&self, life: u64) -> Option<(usize, Owner)> {
        let take = |index: usize| Owner::take(&self.places[index], Role::Sender, life);
        (0..2).find_map(|index| take(index).map(|owner| (index, owner)))
    }

    /// As `Member::join`, and takes the word if it is free.
    fn join(&self, life: u64) -> Option<(usize, Owner, bool)> {
        let joined = self.take(life).or_else(|| {
            for (index, place) in self.places.iter().enumerate() {
                let owner = Owner::look(place);
                if owner.life() == DEAD {
                    self.change_held(Roster::tag(index, owner), 0);
                    owner.leave(place);
                }
            }
            self.take(life)
        });
        joined.map(|(index, owner)| (index, owner, self.change_held(0, Roster::tag(index, owner))))
    }

    fn change_held(&self, from: u64, to: u64) -> bool {
        self.held.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

#[test]
fn a_dead_members_place_comes_back_once_and_what_it_held_too() {
    check(3, || {
        let roster = Roster::with_a_dead_member();
        let joiners = [2, 3].map(|life| {
            let roster = roster.clone();
            thread::spawn(move || roster.join(life))
        });
        let joined: Vec<_> = joiners.map(|joiner| joiner.join().unwrap()).into_iter().collect();
        let joined: Vec<_> = joined.into_iter().flatten().collect();
        assert_eq!(joined.len(), 2, "there are two places, and one was dead");
        assert_ne!(joined[0].0, joined[1].0, "two have one place");
        for (index, owner, _) in &joined {
            assert_eq!(Owner::look(&roster.places[*index]), *owner, "it lost its place");
        }
        // At most one has the word; and if one has, it still has it.
        let holders: Vec<_> = joined.iter().filter(|(_, _, has)| *has).collect();
        assert!(holders.len() <= 1, "two hold one word");
        for (index, owner, _) in holders {
            assert_eq!(roster.held.load(Ordering::Relaxed), Roster::tag(*index, *owner));
        }
    });
}

#[test]
fn who_buries_may_be_killed_in_the_midst_of_it() {
    for stores in 0..4 {
        check(3, move || {
            let roster = Roster::with_a_dead_member();
            roster.take(5).expect("the other place is free"); // no place is free any more
            let victim = {
                let roster = roster.clone();
                thread::spawn(move || {
                    mortal::die_after(stores);
                    roster.join(DEAD);
                })
            };
            let joined = roster.join(3);
            victim.join().unwrap();
            // Either the victim was there first, and is buried in its turn, or the place was free for this one.
            let (index, owner, _) = joined.or_else(|| roster.join(3)).expect("a place of the dead");
            assert_eq!((index, Owner::look(&roster.places[0])), (0, owner));
        });
    }
}

#[test]
fn a_place_that_was_given_up_is_not_given_up_again_by_who_thinks_it_dead() {
    check(3, || {
        let roster = Roster::with_a_dead_member();
        let dead = Owner::look(&roster.places[0]);
        let buriers = [2, 3].map(|life| {
            let roster = roster.clone();
            thread::spawn(move || {
                dead.leave(&roster.places[0]);
                Owner::take(&roster.places[0], Role::Receiver, life)
            })
        });
        let owners: Vec<_> = buriers.map(|burier| burier.join().unwrap()).into_iter().collect();
        let owners: Vec<_> = owners.into_iter().flatten().collect();
        assert_eq!(owners.len(), 1, "one place");
        assert_eq!(owners[0], Owner::look(&roster.places[0]));
        assert_ne!(owners[0].generation(), dead.generation());
    });
}
