//! Views: which part, where, how; coherence, copy-on-write, flushing, and access that cannot go wrong.

mod support;

use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, AtomicU8, Ordering};

use mapview::{Mapping, MappingOptions, Protection, View, ViewAccess};
use support::{code, World};

fn memory(size: u64) -> Mapping {
    MappingOptions::new().size(size).create().unwrap()
}

fn part(mapping: &Mapping, access: ViewAccess, offset: u64, len: usize) -> View {
    View::options().access(access).offset(offset).len(len).map(mapping).unwrap()
}

fn whole(mapping: &Mapping, access: ViewAccess) -> View {
    View::options().access(access).map(mapping).unwrap()
}

#[test]
fn any_offset_and_length_shows_the_right_bytes() {
    let mapping = memory(300_000);
    let all = mapping.view().unwrap();
    let pattern: Vec<u8> = (0..all.len()).map(|index| (index % 251) as u8).collect();
    all.copy_in(0, &pattern).unwrap();
    for offset in [0_usize, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 200_000, 299_999] {
        for len in [1_usize, 2, 4096, 65_536, 100_000] {
            if offset + len > all.len() {
                continue;
            }
            let view = part(&mapping, ViewAccess::Read, offset as u64, len);
            assert_eq!(view.len(), len);
            assert_eq!(view.to_vec(0, len).unwrap(), pattern[offset..offset + len]);
        }
    }
}

#[test]
fn length_zero_means_to_the_end() {
    let mapping = memory(100_000);
    let size = mapping.size();
    for offset in [0, 1, 65_536, 70_000, size - 1] {
        let view = View::options().offset(offset).len(0).map(&mapping).unwrap();
        assert_eq!(view.len() as u64, size - offset);
    }
}

#[test]
fn a_range_past_the_end_is_refused() {
    let mapping = memory(8192);
    let map = |offset, len| View::options().offset(offset).len(len).map(&mapping);
    for (offset, len) in [(8192, 0), (8192, 1), (65_536, 0), (65_536, 4096), (u64::MAX, 0)] {
        assert_eq!(code(map(offset, len)), 5, "offset {offset}, length {len}");
    }
    for (offset, len) in [(0, 8193), (4096, 4097), (8191, 2), (1, usize::MAX), (0, usize::MAX)] {
        assert_eq!(code(map(offset, len)), 5, "offset {offset}, length {len}");
    }
    assert_eq!(map(8191, 1).unwrap().len(), 1);
}

#[test]
fn the_rounded_rest_of_a_small_mapping_can_be_viewed() {
    let mapping = memory(100);
    assert_eq!(View::options().len(4096).map(&mapping).unwrap().len(), 4096);
    assert_eq!(code(View::options().len(4097).map(&mapping)), 5);
}

#[test]
fn a_view_starts_on_an_allocation_boundary() {
    let mapping = memory(1 << 20);
    let views: Vec<View> = (0..8).map(|_| mapping.view().unwrap()).collect();
    for view in views {
        assert_eq!(view.as_ptr() as usize % 0x1_0000, 0);
    }
}

#[test]
fn a_view_lies_at_the_wanted_address() {
    let world = World::new(); // a process of its own, where nobody else maps meanwhile
    let mut peer = world.peer();
    peer.ask("m = create placed 300000");
    let address: usize = peer.ask("v = view m").parse().unwrap();
    assert_eq!(peer.refused(&format!("w = view m at={address}")), 487, "it is taken");
    assert_eq!(peer.refused(&format!("w = view m at={}", address + 0x1_0000)), 487);
    peer.ask("close v");
    assert_eq!(peer.ask(&format!("v = view m at={address}")), address.to_string());
    peer.ask("close v");
    let inside = address + 5;
    assert_eq!(peer.ask(&format!("v = view m at={inside} offset=65541")), inside.to_string());
}

#[test]
fn an_address_that_does_not_fit_the_offset_is_misaligned() {
    let mapping = memory(0x4_0000);
    let map = |address, offset| View::options().at(address).offset(offset).map(&mapping);
    let free = 0x10_0000_0000;
    assert_eq!(code(map(free + 1, 0)), 1132);
    assert_eq!(code(map(free + 0x1000, 0)), 1132, "a whole page is not enough");
    assert_eq!(code(map(free, 5)), 1132);
}

#[test]
fn missing_rights_are_reported_before_a_bad_address() {
    let mapping =
        MappingOptions::new().size(4096).protection(Protection::ReadOnly).create().unwrap();
    assert_eq!(code(View::options().access(ViewAccess::ReadWrite).at(1).map(&mapping)), 5);
    assert_eq!(code(View::options().at(1).offset(1 << 20).map(&mapping)), 5);
}

#[test]
fn many_views_are_coherent_and_lie_apart() {
    let mapping = memory(4096);
    let views: Vec<View> = (0..100).map(|_| mapping.view().unwrap()).collect();
    for (number, view) in views.iter().enumerate() {
        view.write(8, &number).unwrap();
        assert!(views.iter().all(|other| other.read::<usize>(8).unwrap() == number));
    }
    let mut addresses: Vec<usize> = views.iter().map(|view| view.as_ptr() as usize).collect();
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), 100);
}

#[test]
fn a_view_outlives_its_handle() {
    let mapping = memory(4096);
    let (one, two) = (mapping.view().unwrap(), mapping.view().unwrap());
    mapping.close().unwrap();
    one.copy_in(0, b"still").unwrap();
    assert_eq!(two.to_vec(0, 5).unwrap(), b"still");
    one.unmap().unwrap();
    assert_eq!(two.to_vec(0, 5).unwrap(), b"still");
}

#[test]
fn untouched_pages_of_a_copy_follow_others_even_after_a_read() {
    let mapping = memory(3 * 4096);
    let (shared, copy) = (mapping.view().unwrap(), whole(&mapping, ViewAccess::CopyOnWrite));
    assert_eq!(copy.to_vec(0, 1).unwrap(), [0]);
    shared.copy_in(0, b"a").unwrap();
    shared.copy_in(4096, b"b").unwrap();
    assert_eq!(copy.to_vec(0, 1).unwrap(), b"a");
    assert_eq!(copy.to_vec(4096, 1).unwrap(), b"b");
}

#[test]
fn a_written_page_of_a_copy_detaches_whole_and_others_stay_shared() {
    let mapping = memory(3 * 4096);
    let (shared, copy) = (mapping.view().unwrap(), whole(&mapping, ViewAccess::CopyOnWrite));
    shared.copy_in(4096, b"old").unwrap();
    copy.copy_in(4100, b"mine").unwrap();
    assert_eq!(shared.to_vec(4100, 4).unwrap(), [0; 4], "nobody else sees it");
    shared.copy_in(4096, b"new").unwrap();
    shared.copy_in(8191, b"end").unwrap();
    assert_eq!(copy.to_vec(4096, 8).unwrap(), b"old\0mine", "the whole page is private");
    assert_eq!(copy.to_vec(8191, 1).unwrap(), [0]);
    assert_eq!(copy.to_vec(8192, 2).unwrap(), b"nd", "the next page is not");
    let other = whole(&mapping, ViewAccess::CopyOnWrite);
    assert_eq!(other.to_vec(4096, 8).unwrap(), b"new\0\0\0\0\0", "each copy is its own");
}

#[test]
fn a_copy_is_lost_when_unmapped() {
    let mapping = memory(4096);
    let copy = whole(&mapping, ViewAccess::CopyOnWrite);
    copy.copy_in(0, b"gone").unwrap();
    drop(copy);
    assert_eq!(whole(&mapping, ViewAccess::CopyOnWrite).to_vec(0, 4).unwrap(), [0; 4]);
}

#[test]
fn nothing_of_a_copy_reaches_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    std::fs::write(&path, b"original").unwrap();
    for protection in [Protection::ReadOnly, Protection::WriteCopy, Protection::ReadWrite] {
        let mapping = MappingOptions::new().path(&path).protection(protection).create().unwrap();
        let copy = whole(&mapping, ViewAccess::CopyOnWrite);
        copy.copy_in(0, b"CHANGED!").unwrap();
        copy.flush().unwrap();
        copy.flush_range(3, 2).unwrap();
        assert_eq!(copy.to_vec(0, 8).unwrap(), b"CHANGED!");
        assert_eq!(std::fs::read(&path).unwrap(), b"original");
        drop(copy);
        assert_eq!(std::fs::read(&path).unwrap(), b"original", "{protection:?}");
    }
}

#[test]
fn a_copy_follows_writes_of_another_process() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("m = create what-if 8192");
    a.ask("v = view m rw");
    b.ask("m = open what-if access=r");
    b.ask("c = view m cow");
    b.ask("write c 0 private");
    a.ask("write v 0 PUBLIC!");
    a.ask("write v 4096 PUBLIC!");
    assert_eq!(b.ask("read c 0 7"), "private");
    assert_eq!(b.ask("read c 4096 7"), "PUBLIC!");
    assert_eq!(a.ask("read v 0 7"), "PUBLIC!");
}

#[test]
fn a_read_only_view_refuses_writes() {
    let mapping = memory(4096);
    let view = whole(&mapping, ViewAccess::Read);
    assert_eq!(code(view.copy_in(0, b"x")), 5);
    assert_eq!(code(view.fill(0, 10, 1)), 5);
    assert_eq!(code(view.write(0, &1_u32)), 5);
    assert_eq!(code(view.atomic::<AtomicU32>(0)), 5);
    assert_eq!(view.load::<AtomicU32>(0, Ordering::Acquire).unwrap(), 0);
    assert_eq!(view.to_vec(0, 10).unwrap(), [0; 10]);
}

#[test]
fn the_kernel_refuses_a_store_through_a_read_only_view() {
    for (script, slot) in [
        (&["m = create poked 4096", "v = view m r"][..], "v"),
        (&["m = create poked 4096", "n = open poked access=r", "v = view n r"], "v"),
        (&["m = create poked 4096 ro", "v = view m r"], "v"),
        (&["m = create poked 4096 xrw", "v = view m xr"], "v"),
    ] {
        let world = World::new();
        let mut peer = world.peer();
        for line in script {
            peer.ask(line);
        }
        let status = peer.dies_of(&format!("poke {slot} 0"));
        assert!(!status.success(), "{script:?}");
        #[cfg(target_os = "linux")]
        {
            use std::os::unix::process::ExitStatusExt;
            assert_eq!(status.signal(), Some(libc::SIGSEGV), "{script:?}");
        }
    }
}

#[test]
fn the_kernel_permits_a_store_through_a_writable_view() {
    let world = World::new();
    let mut peer = world.peer();
    peer.ask("m = create poked 4096");
    for access in ["rw", "cow"] {
        peer.ask(&format!("v = view m {access}"));
        peer.ask("poke v 7");
        assert_eq!(peer.ask("read v 7 1"), "%01");
    }
}

#[test]
fn out_of_range_is_an_error_and_nothing_is_copied() {
    let view = memory(4096).view().unwrap();
    let mut buffer = [9; 4];
    for offset in [4093, 4096, 4097, usize::MAX - 1, usize::MAX] {
        assert_eq!(code(view.copy_out(offset, &mut buffer)), 87);
        assert_eq!(code(view.copy_in(offset, &[1; 4])), 87);
        assert_eq!(code(view.fill(offset, 4, 1)), 87);
        assert_eq!(code(view.read::<u32>(offset)), 87);
        assert_eq!(code(view.write(offset, &1_u32)), 87);
        assert_eq!(code(view.atomic::<AtomicU32>(offset)), 87);
        assert_eq!(code(view.load::<AtomicU32>(offset, Ordering::SeqCst)), 87);
    }
    assert_eq!(buffer, [9; 4]);
    assert_eq!(code(view.to_vec(0, usize::MAX)), 87, "before anything is allocated");
    assert_eq!(view.to_vec(4090, 6).unwrap(), [0; 6]);
    view.copy_out(4096, &mut []).unwrap(); // nothing, at the very end
}

#[test]
fn typed_values_need_no_alignment() {
    let view = memory(4096).view().unwrap();
    view.write(3, &0x1122_3344_5566_7788_u64).unwrap();
    assert_eq!(view.read::<u64>(3).unwrap(), 0x1122_3344_5566_7788);
    assert_eq!(view.read::<[u8; 8]>(3).unwrap(), 0x1122_3344_5566_7788_u64.to_ne_bytes());
    view.fill(3, 8, 0xFF).unwrap();
    assert_eq!(view.read::<i64>(3).unwrap(), -1);
}

#[test]
fn atomics_need_alignment_in_memory() {
    let mapping = memory(4096);
    let view = mapping.view().unwrap();
    assert_eq!(code(view.atomic::<AtomicU64>(4)), 87);
    assert_eq!(code(view.atomic::<AtomicU16>(1)), 87);
    view.atomic::<AtomicU8>(1).unwrap().store(5, Ordering::Relaxed);
    view.atomic::<AtomicU64>(8).unwrap().fetch_sub(1, Ordering::Relaxed);
    assert_eq!(view.read::<u64>(8).unwrap(), u64::MAX);
    let shifted = part(&mapping, ViewAccess::ReadWrite, 4, 100);
    assert_eq!(code(shifted.atomic::<AtomicU64>(0)), 87, "what counts is where it lies");
    assert_eq!(shifted.atomic::<AtomicU64>(4).unwrap().load(Ordering::Relaxed), u64::MAX);
    assert_eq!(code(view.load::<AtomicU32>(0, Ordering::Release)), 87);
    assert_eq!(code(view.load::<AtomicU32>(0, Ordering::AcqRel)), 87);
}

#[test]
fn atomics_of_two_processes_add_up() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("m = create sum 4096");
    a.ask("v = view m rw");
    b.ask("m = open sum");
    b.ask("v = view m rw");
    for _ in 0..500 {
        a.start("add v 8 1");
        b.start("add v 8 1");
        a.answer().unwrap();
        b.answer().unwrap();
    }
    assert_eq!(a.ask("add v 8 0"), "1000");
}

#[test]
fn flush_writes_what_the_file_then_holds() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    std::fs::write(&path, [0; 200_000]).unwrap();
    let mapping = MappingOptions::new().path(&path).create().unwrap();
    let view = part(&mapping, ViewAccess::ReadWrite, 70_001, 100_000);
    view.copy_in(10, b"flushed").unwrap();
    view.flush_range(11, 3).unwrap(); // unaligned, within the view
    view.flush_range(0, 0).unwrap();
    view.flush().unwrap();
    view.sync().unwrap();
    assert_eq!(&std::fs::read(&path).unwrap()[70_011..70_018], b"flushed");
}

#[test]
fn flushing_what_has_no_file_or_no_changes_succeeds() {
    let mapping = memory(8192);
    for access in [ViewAccess::Read, ViewAccess::ReadWrite, ViewAccess::CopyOnWrite] {
        whole(&mapping, access).flush().unwrap();
        whole(&mapping, access).flush_range(4095, 2).unwrap();
    }
}

#[test]
fn flushing_past_the_end_is_an_invalid_address() {
    let view = memory(8192).view().unwrap();
    assert_eq!(code(view.flush_range(8193, 0)), 487);
    assert_eq!(code(view.flush_range(0, 8193)), 487);
    assert_eq!(code(view.flush_range(4096, usize::MAX)), 487);
}

#[test]
fn slices_show_the_bytes() {
    let mut view = memory(4096).view().unwrap();
    // SAFETY: the mapping is unnamed and the view its only one.
    let bytes = unsafe { view.as_mut_slice() };
    bytes[7] = 7;
    // SAFETY: as above.
    assert_eq!(unsafe { view.as_slice() }[7], 7);
    assert_eq!(view.to_vec(7, 1).unwrap(), [7]);
}

#[test]
fn threads_share_a_view() {
    let view = memory(4096).view().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10_000 {
                    view.atomic::<AtomicU64>(0).unwrap().fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(view.load::<AtomicU64>(0, Ordering::SeqCst).unwrap(), 40_000);
}
