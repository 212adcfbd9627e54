//! Which pages were written, by the rules of `GetWriteWatch`.

use mapview::memory::{self, Allocate, Free};
use mapview::{ErrorKind, Protect, Region, RegionOptions};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const PAGE: usize = 4096;

fn watched(pages: usize) -> Region {
    let mut options = RegionOptions::new();
    options.size(pages * PAGE).write_watch(true);
    options.commit(Protect::READ_WRITE).expect("Linux 6.7 with userfaultfd, or Windows")
}

fn pages(offsets: Vec<usize>) -> Vec<usize> {
    offsets.into_iter().map(|offset| offset / PAGE).collect()
}

#[test]
fn written_pages_are_told_in_order_and_read_ones_are_not() {
    let region = watched(16);
    assert_eq!(region.written(0..region.len()).unwrap(), []);
    region.read::<u64>(3 * PAGE).unwrap();
    region.write(9 * PAGE + 17, &1_u8).unwrap();
    region.write(2 * PAGE - 1, &[1_u8; 2]).unwrap();
    assert_eq!(pages(region.written(0..region.len()).unwrap()), [1, 2, 9]);
    assert_eq!(pages(region.written(2 * PAGE..9 * PAGE).unwrap()), [2]);
}

#[test]
fn resetting_forgets_what_it_tells() {
    let region = watched(8);
    region.fill(0, 4 * PAGE, 1).unwrap();
    assert_eq!(pages(region.reset_written(PAGE..3 * PAGE).unwrap()), [1, 2]);
    assert_eq!(pages(region.written(0..region.len()).unwrap()), [0, 3]);
    region.write(PAGE, &2_u8).unwrap();
    assert_eq!(pages(region.written(0..region.len()).unwrap()), [0, 1, 3]);
    memory::reset_written(region.as_ptr().addr(), region.len()).unwrap();
    assert_eq!(region.written(0..region.len()).unwrap(), []);
}

#[test]
fn at_most_as_many_as_asked_for_are_told_and_forgotten() {
    let region = watched(8);
    region.fill(0, 8 * PAGE, 1).unwrap();
    let base = region.as_ptr().addr();
    let some = memory::written(base, region.len(), true, 3).unwrap();
    assert_eq!(some, [base, base + PAGE, base + 2 * PAGE]);
    assert_eq!(pages(region.written(0..region.len()).unwrap()), [3, 4, 5, 6, 7]);
}

#[test]
fn only_watched_allocations_can_be_asked() {
    let region = RegionOptions::new().size(4 * PAGE).commit(Protect::READ_WRITE).unwrap();
    let code = |outcome: mapview::Result<Vec<usize>>| outcome.unwrap_err().kind();
    assert_eq!(code(region.written(0..PAGE)), ErrorKind::InvalidParameter);
    let watched = watched(4);
    let base = watched.as_ptr().addr();
    assert_eq!(code(memory::written(base, 0, false, 9)), ErrorKind::InvalidParameter);
    assert_eq!(code(memory::written(base, 5 * PAGE, false, 9)), ErrorKind::InvalidParameter);
    let local = 0;
    let elsewhere = memory::reset_written((&raw const local).addr(), 1);
    assert_eq!(elsewhere.unwrap_err().kind(), ErrorKind::InvalidParameter);
}

#[test]
fn a_watched_reservation_is_committed_piece_by_piece() {
    let region = RegionOptions::new().size(64 * PAGE).write_watch(true).reserve().unwrap();
    region.commit(8 * PAGE..16 * PAGE, Protect::READ_WRITE).unwrap();
    assert_eq!(region.written(0..region.len()).unwrap(), []);
    region.write(9 * PAGE, &1_u8).unwrap();
    region.protect(9 * PAGE..10 * PAGE, Protect::READ_ONLY).unwrap();
    assert_eq!(pages(region.written(0..region.len()).unwrap()), [9]);
}

#[test]
fn what_the_system_writes_counts_too() {
    use std::io::Read;
    let mut region = watched(4);
    let mut file = std::fs::File::open(std::env::current_exe().unwrap()).unwrap();
    // SAFETY: committed for writing, and used here alone.
    file.read_exact(unsafe { region.as_mut_slice(2 * PAGE..2 * PAGE + 10) }).unwrap();
    // Wine 8 reads through a buffer where it has to; the page counts either way.
    assert_eq!(pages(region.written(0..region.len()).unwrap()), [2]);
}

#[test]
fn no_write_is_lost_between_telling_and_forgetting() {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    const PAGES: usize = 32;
    let region = watched(PAGES);
    let (done, reached) = (AtomicBool::new(false), AtomicUsize::new(0));
    // The copy follows the region by what is told to be written alone.
    let copy = std::sync::Mutex::new(vec![0_u32; PAGES]);
    let follow = || {
        let mut copy = copy.lock().unwrap();
        for offset in region.reset_written(0..region.len()).unwrap() {
            copy[offset / PAGE] = region.read(offset).unwrap();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                follow();
                reached.fetch_add(1, Ordering::Release);
            }
        });
        for value in 1..3000_u32 {
            region.write(value as usize * 7 % PAGES * PAGE, &value).unwrap();
        }
        while reached.load(Ordering::Acquire) < 3 {
            std::thread::yield_now();
        }
        done.store(true, Ordering::Release);
    });
    follow();
    let all: Vec<u32> = (0..PAGES).map(|page| region.read(page * PAGE).unwrap()).collect();
    assert_eq!(*copy.lock().unwrap(), all);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Write(usize),
    Read(usize),
    Tell(usize, usize),
    Reset(usize, usize),
    Protect(usize, usize),
    Recommit(usize, usize),
    Discard(usize, usize),
}

const PAGES: usize = 12;

fn step() -> impl Strategy<Value = Step> {
    let page = 0..PAGES;
    let part = (0..PAGES, 1..PAGES).prop_map(|(at, len)| (at, (at + len).min(PAGES)));
    prop_oneof![
        4 => page.clone().prop_map(Step::Write),
        1 => page.prop_map(Step::Read),
        1 => part.clone().prop_map(|(from, to)| Step::Tell(from, to)),
        1 => part.clone().prop_map(|(from, to)| Step::Reset(from, to)),
        1 => part.clone().prop_map(|(from, to)| Step::Protect(from, to)),
        1 => part.clone().prop_map(|(from, to)| Step::Recommit(from, to)),
        1 => part.prop_map(|(from, to)| Step::Discard(from, to)),
    ]
}

#[test]
fn written_pages_are_those_of_a_model() {
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() };
    let steps = prop::collection::vec(step(), 1..60);
    let run = |steps: Vec<Step>| {
        follow(steps);
        Ok(())
    };
    TestRunner::new(config).run(&steps, run).unwrap();
}

fn follow(steps: Vec<Step>) {
    let region = watched(PAGES);
    let mut model = [false; PAGES];
    for step in steps {
        match step {
            Step::Write(page) => {
                region.write(page * PAGE + 100, &1_u32).unwrap();
                model[page] = true;
            }
            Step::Read(page) => drop(region.read::<u8>(page * PAGE).unwrap()),
            Step::Tell(from, to) | Step::Reset(from, to) => {
                let reset = matches!(step, Step::Reset(..));
                let range = from * PAGE..to * PAGE;
                let told = if reset { region.reset_written(range) } else { region.written(range) };
                let expected: Vec<usize> = (from..to).filter(|page| model[*page]).collect();
                assert_eq!(pages(told.unwrap()), expected);
                if reset {
                    model[from..to].fill(false);
                }
            }
            Step::Protect(from, to) => {
                region.protect(from * PAGE..to * PAGE, Protect::NO_ACCESS).unwrap();
                region.protect(from * PAGE..to * PAGE, Protect::READ_WRITE).unwrap();
            }
            // What decommitting does to the notes is not documented, and Wine 8 discards only in part.
            Step::Recommit(..) | Step::Discard(..) if cfg!(windows) => {}
            Step::Recommit(from, to) => {
                region.decommit(from * PAGE..to * PAGE).unwrap();
                region.commit(from * PAGE..to * PAGE, Protect::READ_WRITE).unwrap();
                model[from..to].fill(false);
            }
            Step::Discard(from, to) => region.discard(from * PAGE..to * PAGE).unwrap(),
        }
    }
    let expected: Vec<usize> = (0..PAGES).filter(|page| model[*page]).collect();
    assert_eq!(pages(region.written(0..region.len()).unwrap()), expected);
}

#[test]
fn a_watched_allocation_is_freed_like_any_other() {
    let wanted =
        Allocate { size: 4 * PAGE, reserve: true, write_watch: true, ..Allocate::default() };
    for _ in 0..100 {
        // SAFETY: nobody uses it.
        unsafe {
            let base = memory::allocate(&wanted).unwrap();
            memory::free(base.addr(), 0, Free::Release).unwrap();
        }
    }
}
