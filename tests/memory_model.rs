//! Random sequences of calls on private memory against a plain model of the rules, comparing every page after each step.

use mapview::memory::{self, Allocate, Free};
use mapview::{MemoryKind, MemoryState, Protect, Result};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const PAGE: usize = 4096;
const SLOTS: usize = 3;
const LONGEST: usize = 20; // pages: more than a slot of 64 KiB

#[derive(Clone, Copy, Debug)]
enum Step {
    Reserve { slot: usize, pages: usize, commit: bool, protect: Protect },
    Commit { part: Part, protect: Protect },
    Protect { part: Part, protect: Protect },
    Decommit(Part),
    Reset(Part),
    Discard(Part),
    Write(Part, u8),
    Release(usize),
}

/// Pages of the allocation in a slot; may reach past its end, may begin in the middle of a page.
#[derive(Clone, Copy, Debug)]
struct Part {
    slot: usize,
    from: usize,
    pages: usize,
    skew: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Page {
    protect: Option<Protect>,
    value: u8,
    /// The content may have turned to zero.
    reset: bool,
}

const RESERVED: Page = Page { protect: None, value: 0, reset: false };

struct Model {
    base: usize,
    first: Protect,
    pages: Vec<Page>,
}

fn protect() -> impl Strategy<Value = Protect> {
    prop_oneof![
        3 => Just(Protect::READ_WRITE),
        1 => Just(Protect::READ_ONLY),
        1 => Just(Protect::NO_ACCESS),
        1 => Just(Protect::EXECUTE_READ),
        1 => Just(Protect::READ_WRITE.guarded()),
    ]
}

fn part() -> impl Strategy<Value = Part> {
    let skew = prop_oneof![3 => Just(0), 1 => 1..PAGE];
    (0..SLOTS, 0..LONGEST, 1..8_usize, skew).prop_map(|(slot, from, pages, skew)| Part {
        slot,
        from,
        pages,
        skew,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..SLOTS, 1..=LONGEST, any::<bool>(), protect())
            .prop_map(|(slot, pages, commit, protect)| Step::Reserve { slot, pages, commit, protect }),
        4 => (part(), protect()).prop_map(|(part, protect)| Step::Commit { part, protect }),
        3 => (part(), protect()).prop_map(|(part, protect)| Step::Protect { part, protect }),
        2 => part().prop_map(Step::Decommit),
        1 => part().prop_map(Step::Reset),
        1 => part().prop_map(Step::Discard),
        4 => (part(), 1..=255_u8).prop_map(|(part, value)| Step::Write(part, value)),
        1 => (0..SLOTS).prop_map(Step::Release),
    ]
}

fn byte(address: usize) -> *mut u8 {
    std::ptr::with_exposed_provenance_mut(address)
}

fn allocate(wanted: Allocate) -> Result<usize> {
    // SAFETY: only this test uses what it allocates.
    unsafe { memory::allocate(&wanted) }.map(|base| base.expose_provenance())
}

fn free(address: usize, size: usize, how: Free) -> Result<()> {
    // SAFETY: as above.
    unsafe { memory::free(address, size, how) }
}

#[track_caller]
fn check<T: std::fmt::Debug>(outcome: &Result<T>, expected: Option<u32>) -> bool {
    let code = outcome.as_ref().err().map(|error| error.win32_code());
    // Wine 8 has other codes for ranges that reach past the end.
    let alike = code == expected || cfg!(windows) && code.is_some() && expected.is_some();
    assert!(alike, "{outcome:?}, not {expected:?}");
    expected.is_none()
}

impl Model {
    /// Does the step to the memory and to the model.
    fn apply(&mut self, step: Step) {
        let (Step::Commit { part, .. }
        | Step::Protect { part, .. }
        | Step::Decommit(part)
        | Step::Reset(part)
        | Step::Discard(part)
        | Step::Write(part, _)) = step
        else {
            unreachable!("the others are not for one allocation")
        };
        let from = part.from % self.pages.len();
        let (address, size) = (self.base + from * PAGE + part.skew, part.pages * PAGE);
        let end = from + part.pages + usize::from(part.skew != 0);
        let inside = end <= self.pages.len();
        let touched = if inside { &mut self.pages[from..end] } else { &mut [] };
        match step {
            Step::Commit { protect, .. } => {
                let wanted =
                    Allocate { address, size, commit: true, protect, ..Allocate::default() };
                if check(&allocate(wanted), (!inside).then_some(487)) {
                    touched.iter_mut().for_each(|page| page.protect = Some(protect));
                }
            }
            Step::Protect { protect, .. } => {
                let all = inside && touched.iter().all(|page| page.protect.is_some());
                // SAFETY: as above.
                let old = unsafe { memory::protect(address, size, protect) };
                if check(&old, (!all).then_some(487)) {
                    assert_eq!(old.unwrap(), touched[0].protect.unwrap());
                    touched.iter_mut().for_each(|page| page.protect = Some(protect));
                }
            }
            Step::Decommit(_) => {
                if check(&free(address, size, Free::Decommit), (!inside).then_some(87)) {
                    touched.fill(RESERVED);
                }
            }
            Step::Reset(_) => {
                let wanted = Allocate { address, size, reset: true, ..Allocate::default() };
                if check(&allocate(wanted), (!inside).then_some(487)) {
                    // Only pages that are named whole; Wine 8 takes all that are touched.
                    let whole = match part.skew {
                        _ if cfg!(windows) => touched,
                        0 => touched,
                        _ => {
                            let last = touched.len() - 1;
                            &mut touched[1..last]
                        }
                    };
                    whole.iter_mut().for_each(|page| page.reset = page.protect.is_some());
                }
            }
            // Wine 8 knows only a part of it.
            Step::Discard(_) if cfg!(windows) => {}
            Step::Discard(_) => {
                let all = inside && touched.iter().all(|page| page.protect.is_some());
                // SAFETY: nobody needs the content.
                let outcome = unsafe { memory::discard(address, size) };
                let expected = if part.skew != 0 { Some(87) } else { (!all).then_some(487) };
                if check(&outcome, expected) {
                    touched.iter_mut().for_each(|page| page.reset = true);
                }
            }
            Step::Write(_, value) => {
                for (index, page) in touched.iter_mut().enumerate() {
                    if page.protect == Some(Protect::READ_WRITE) {
                        // SAFETY: the page permits it.
                        unsafe { byte(self.base + (from + index) * PAGE).write_volatile(value) };
                        (page.value, page.reset) = (value, false);
                    }
                }
            }
            Step::Reserve { .. } | Step::Release(_) => {}
        }
    }

    /// Every page is as the model says.
    fn compare(&mut self) {
        let count = self.pages.len();
        for index in 0..count {
            let address = self.base + index * PAGE;
            let info = memory::query(address + index % PAGE).unwrap();
            let page = self.pages[index];
            let state = match page.protect {
                Some(_) => MemoryState::Committed,
                None => MemoryState::Reserved,
            };
            assert_eq!((info.state, info.protect), (state, page.protect), "page {index}");
            let alike = self.pages[index..].iter().take_while(|next| next.protect == page.protect);
            assert_eq!(info.base, address);
            // Wine 8 tells decommitted pages apart from those that never were.
            if cfg!(not(windows)) || page.protect.is_some() {
                assert_eq!(info.len, alike.count() * PAGE, "page {index}");
            }
            assert_eq!((info.allocation_base, info.kind), (self.base, Some(MemoryKind::Private)));
            assert_eq!(info.allocation_protect, Some(self.first));
            if page.protect.is_some_and(|protect| protect.readable() && !protect.is_guarded()) {
                // SAFETY: the page permits it.
                let value = unsafe { byte(address).read_volatile() };
                assert!(value == page.value || page.reset && value == 0, "page {index}");
                self.pages[index].value = value;
            }
        }
        let behind = memory::query(self.base + count * PAGE).unwrap();
        assert_ne!(behind.allocation_base, self.base);
    }
}

fn reserve(pages: usize, commit: bool, protect: Protect) -> Model {
    let size = pages * PAGE;
    let wanted = Allocate { size, reserve: true, commit, protect, ..Allocate::default() };
    let base = allocate(wanted).unwrap();
    let page = Page { protect: commit.then_some(protect), ..RESERVED };
    Model { base, first: protect, pages: vec![page; pages] }
}

#[test]
fn memory_follows_the_model() {
    let config = ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() };
    let steps = prop::collection::vec(step(), 1..50);
    let run = |steps: Vec<Step>| {
        follow(steps);
        Ok(())
    };
    TestRunner::new(config).run(&steps, run).unwrap();
}

fn follow(steps: Vec<Step>) {
    let mut slots: [Option<Model>; SLOTS] = [None, None, None];
    for step in steps {
        match step {
            Step::Reserve { slot, pages, commit, protect } => {
                slots[slot].get_or_insert_with(|| reserve(pages, commit, protect));
            }
            Step::Release(slot) => {
                if let Some(model) = slots[slot].take() {
                    free(model.base, 0, Free::Release).unwrap();
                    assert_eq!(memory::query(model.base).unwrap().state, MemoryState::Free);
                }
            }
            Step::Commit { part, .. }
            | Step::Protect { part, .. }
            | Step::Decommit(part)
            | Step::Reset(part)
            | Step::Discard(part)
            | Step::Write(part, _) => {
                if let Some(model) = &mut slots[part.slot] {
                    model.apply(step);
                }
            }
        }
        slots.iter_mut().flatten().for_each(Model::compare);
    }
    for model in slots.into_iter().flatten() {
        free(model.base, 0, Free::Release).unwrap();
    }
}
