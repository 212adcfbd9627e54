//! Which pages are in memory: of views, of private memory, of another process.

#[path = "support/looker.rs"]
mod looker;
mod support;

use std::collections::BTreeSet;

use looker::{describe, pages, PAGE};
use mapview::{
    file_residency, memory_residency, process_residency, Mapping, MappingOptions, Place, Protect,
    Region, Sharing, View, ViewAccess,
};
use proptest::prelude::*;
use support::{code, unique, World};

#[test]
#[ignore = "not a test: the body of the processes that look"]
fn looking_process() {
    looker::look();
}

/// Memory that comes at first touch.
fn reserved(pages: usize) -> Mapping {
    MappingOptions::new().size((pages * PAGE) as u64).reserve(true).create().unwrap()
}

#[test]
fn what_was_touched_is_present_and_the_rest_is_nowhere() {
    let view = reserved(64).view().unwrap();
    assert_eq!(pages(&view.residency().unwrap()), [Place::NotAllocated; 64]);
    view.write(7 * PAGE + 5, &1_u8).unwrap();
    let residency = view.residency().unwrap();
    let mut expected = [Place::NotAllocated; 64];
    expected[7] = Place::Present;
    assert_eq!(pages(&residency), expected);
    assert_eq!((residency.page_size, residency.in_memory()), (PAGE as u64, PAGE as u64));
    let run = residency.run_at(7 * PAGE as u64).unwrap();
    assert_eq!((run.sharing, run.huge, run.private), (Sharing::Alone, false, false));
    assert_eq!(run.dirty, None); // there is no file
}

#[test]
fn looking_touches_nothing() {
    let view = reserved(1000).view().unwrap();
    view.write(500 * PAGE, &1_u8).unwrap();
    let first = view.residency().unwrap();
    for _ in 0..3 {
        assert_eq!(view.residency().unwrap(), first);
        let again = memory_residency(view.as_ptr().addr(), view.len()).unwrap();
        assert_eq!(again.runs, first.runs);
    }
    assert_eq!(first.in_memory(), PAGE as u64);
}

#[test]
fn a_part_of_a_view_is_told_with_offsets_of_the_view() {
    let view = reserved(64).view().unwrap();
    view.write(7 * PAGE, &1_u8).unwrap();
    let part = view.residency_range(6 * PAGE + 1, PAGE).unwrap();
    let runs: Vec<_> = part.runs.iter().map(|run| (run.offset, run.len, run.place)).collect();
    let page = PAGE as u64;
    let expected = [(6 * page, page, Place::NotAllocated), (7 * page, page, Place::Present)];
    assert_eq!(runs, expected);
    assert_eq!(view.residency_range(64 * PAGE, 0).unwrap().runs, []);
    assert_eq!(view.residency_range(100, 0).unwrap().runs, []);
    assert_eq!(code(view.residency_range(64 * PAGE, 1)), 87);
    assert_eq!(code(view.residency_range(1, usize::MAX)), 87);
}

#[test]
fn a_view_that_begins_inside_a_page_counts_from_its_start() {
    let mapping = reserved(64);
    let mut options = View::options();
    options.access(ViewAccess::ReadWrite).offset(3 * PAGE as u64 + 100).len(2 * PAGE);
    let view = options.map(&mapping).unwrap();
    view.write(PAGE, &1_u8).unwrap(); // in the second of the three pages
    let expected = [Place::NotAllocated, Place::Present, Place::NotAllocated];
    assert_eq!(pages(&view.residency().unwrap()), expected);
}

#[test]
fn a_written_page_of_a_copy_on_write_view_is_private() {
    let mapping = reserved(8);
    mapping.view().unwrap().fill(0, 8 * PAGE, 1).unwrap();
    let view = View::options().access(ViewAccess::CopyOnWrite).map(&mapping).unwrap();
    (0..8).for_each(|page| assert_eq!(view.read::<u8>(page * PAGE).unwrap(), 1));
    view.write(2 * PAGE, &2_u8).unwrap();
    let residency = view.residency().unwrap();
    assert_eq!(pages(&residency), [Place::Present; 8]);
    let private: Vec<bool> =
        (0..8).map(|page| residency.run_at(page * PAGE as u64).unwrap().private).collect();
    assert_eq!(private, [false, false, true, false, false, false, false, false]);
    assert_eq!(residency.run_at(2 * PAGE as u64).unwrap().sharing, Sharing::Alone);
}

#[test]
fn private_memory_is_nowhere_until_it_is_written_and_after_it_is_decommitted() {
    let region = Region::options().size(64 * PAGE).reserve().unwrap();
    let look = || pages(&memory_residency(region.as_ptr().addr(), 64 * PAGE).unwrap());
    assert_eq!(look(), [Place::NotAllocated; 64]);
    region.commit(0..64 * PAGE, Protect::READ_WRITE).unwrap();
    assert_eq!(look(), [Place::NotAllocated; 64]);
    region.write(5 * PAGE, &1_u8).unwrap();
    let mut expected = [Place::NotAllocated; 64];
    expected[5] = Place::Present;
    assert_eq!(look(), expected);
    let residency = memory_residency(region.as_ptr().addr() + 5 * PAGE + 9, 1).unwrap();
    let run = residency.runs[0];
    assert_eq!((run.offset, run.len, run.private), (0, PAGE as u64, true));
    assert_eq!((run.sharing, run.dirty), (Sharing::Alone, None));
    region.decommit(0..64 * PAGE).unwrap();
    assert_eq!(look(), [Place::NotAllocated; 64]);
}

#[test]
#[cfg(target_os = "linux")] // Windows takes memory at the first read, too
fn private_memory_that_was_only_read_is_nowhere() {
    let region = Region::options().size(64 * PAGE).commit(Protect::READ_WRITE).unwrap();
    assert_eq!(region.read::<u8>(3 * PAGE).unwrap(), 0);
    let residency = memory_residency(region.as_ptr().addr(), 64 * PAGE).unwrap();
    assert_eq!(pages(&residency), [Place::NotAllocated; 64]);
}

#[test]
fn free_addresses_are_nowhere_and_ranges_past_the_last_are_refused() {
    let region = Region::options().size(64 * PAGE).commit(Protect::READ_WRITE).unwrap();
    let address = region.as_ptr().addr();
    region.release().unwrap();
    let residency = memory_residency(address, 0).unwrap();
    assert_eq!(residency.runs, []);
    assert_eq!(memory_residency(0, PAGE).unwrap().runs[0].place, Place::NotAllocated);
    assert_eq!(code(memory_residency(usize::MAX - 10, 5)), 87);
    assert_eq!(code(memory_residency(PAGE, usize::MAX)), 87);
    assert_eq!(code(process_residency(std::process::id(), usize::MAX - 10, 5)), 87);
}

#[test]
fn a_page_that_two_processes_touched_is_shared() {
    let world = World::new();
    let name = unique("residency");
    let mapping = MappingOptions::new().name(&name).size(8 * PAGE as u64).create().unwrap();
    let view = mapping.view().unwrap();
    view.fill(0, 3 * PAGE, 1).unwrap();
    let sharing = |page| view.residency().unwrap().run_at(page * PAGE as u64).unwrap().sharing;
    assert_eq!(sharing(1), Sharing::Alone);
    let mut peer = world.peer_with(|command| {
        *command = world.command("looking_process");
        share(command);
    });
    peer.ask(&format!("open {name}"));
    peer.ask("read 1");
    // Wine 8 counts one, whoever has the page.
    if cfg!(target_os = "linux") {
        let told = view.residency().unwrap().hidden.is_empty();
        let count = told.then_some(2);
        assert_eq!(sharing(1), Sharing::Shared(count));
    }
    peer.exit();
    assert_eq!(sharing(1), Sharing::Alone);
}

/// Has the process use the names and the namespace of this one.
fn share(command: &mut std::process::Command) {
    command.env(support::ROLE, "");
    match std::env::var_os("MAPVIEW_DIR") {
        Some(directory) => command.env("MAPVIEW_DIR", directory),
        None => command.env_remove("MAPVIEW_DIR"),
    };
}

#[test]
#[cfg(target_os = "linux")] // Wine 8 knows the working set of the caller alone
fn another_process_is_looked_into() {
    let world = World::new();
    let mut peer = world.peer();
    peer.ask("m = create x 65536 reserve");
    let mut looker = world.peer_of("looking_process");
    let address: usize = looker.ask("open x").parse().unwrap();
    looker.ask("write 3");
    let residency = process_residency(looker.pid(), address, 16 * PAGE).unwrap();
    let mut expected = [Place::NotAllocated; 16];
    expected[3] = Place::Present;
    assert_eq!(pages(&residency), expected);
    let mut third = world.peer_of("looking_process");
    third.ask("open x");
    assert_eq!(third.ask("look"), "0+3:NotAllocated 3+1:Cached 4+12:NotAllocated");
    looker.kill();
    assert_eq!(code(process_residency(looker.pid(), address, PAGE)), 2);
}

#[test]
fn a_process_looks_at_itself_by_its_number() {
    let view = reserved(16).view().unwrap();
    view.write(3 * PAGE, &1_u8).unwrap();
    let by_number =
        process_residency(std::process::id(), view.as_ptr().addr(), view.len()).unwrap();
    assert_eq!(by_number, view.residency().unwrap());
}

#[test]
fn ranges_of_a_file_are_rounded_to_pages_and_end_with_it() {
    let file = tempfile::tempfile().unwrap();
    file.set_len(10 * PAGE as u64 + 1).unwrap();
    let page = PAGE as u64;
    let span = |residency: mapview::Residency| {
        let ends = (residency.runs.first().copied(), residency.runs.last().copied());
        ends.0.zip(ends.1).map(|(first, last)| (first.offset, last.offset + last.len))
    };
    assert_eq!(span(file_residency(&file, ..).unwrap()), Some((0, 11 * page)));
    assert_eq!(span(file_residency(&file, 1..2).unwrap()), Some((0, page)));
    assert_eq!(span(file_residency(&file, page..=3 * page).unwrap()), Some((page, 4 * page)));
    assert_eq!(
        span(file_residency(&file, 9 * page..u64::MAX).unwrap()),
        Some((9 * page, 11 * page))
    );
    assert_eq!(span(file_residency(&file, 11 * page..).unwrap()), None);
    assert_eq!(span(file_residency(&file, u64::MAX..).unwrap()), None);
    assert_eq!(span(file_residency(&file, 5..5).unwrap()), None);
    #[allow(clippy::reversed_empty_ranges)]
    let backwards = file_residency(&file, 5..4);
    assert_eq!(code(backwards), 87);
}

/// Any touching of memory against a set of pages.
#[test]
fn the_map_is_what_was_touched() {
    let steps = prop::collection::vec((0..300_usize, 1..40_usize), 0..20);
    proptest!(ProptestConfig::with_cases(32), |(steps in steps)| {
        let view = reserved(340).view().unwrap();
        let mut touched = BTreeSet::new();
        for (first, count) in steps {
            for page in first..first + count {
                view.write(page * PAGE + first, &1_u8).unwrap();
                touched.insert(page);
            }
        }
        let place = |page| match touched.contains(&page) {
            true => Place::Present,
            false => Place::NotAllocated,
        };
        let expected: Vec<Place> = (0..340).map(place).collect();
        let residency = view.residency().unwrap();
        prop_assert_eq!(pages(&residency), expected, "{}", describe(&residency));
        prop_assert_eq!(residency.in_memory(), (touched.len() * PAGE) as u64);
    });
}
