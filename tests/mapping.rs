//! Mappings of the paging file: sizes, protections, rights of handles, and how much there can be.

mod support;

use mapview::{Access, Mapping, MappingOptions, Protection, View, ViewAccess};
use support::{code, unique, World};

const ALL_PROTECTIONS: [Protection; 6] = [
    Protection::ReadOnly,
    Protection::ReadWrite,
    Protection::WriteCopy,
    Protection::ExecuteRead,
    Protection::ExecuteReadWrite,
    Protection::ExecuteWriteCopy,
];

fn options(name: &str, size: u64, protection: Protection) -> MappingOptions {
    let mut options = MappingOptions::new();
    options.name(name).size(size).protection(protection);
    options
}

fn view(mapping: &Mapping, access: ViewAccess) -> mapview::Result<View> {
    View::options().access(access).map(mapping)
}

#[test]
fn a_new_mapping_is_zero() {
    let mapping = MappingOptions::new().size(1 << 20).create().unwrap();
    assert!(mapping.view().unwrap().to_vec(0, 1 << 20).unwrap().iter().all(|&byte| byte == 0));
}

#[test]
fn the_size_is_rounded_up_to_whole_pages() {
    for (asked, size) in [(1, 0x1000), (0x1000, 0x1000), (0x1001, 0x2000), (0x3452, 0x4000)] {
        let mapping = MappingOptions::new().size(asked).create().unwrap();
        assert_eq!(mapping.size(), size);
        assert_eq!(mapping.view().unwrap().len() as u64, size);
    }
}

#[test]
fn another_process_sees_the_rounded_size() {
    let world = World::new();
    let (mut a, mut b) = (world.peer(), world.peer());
    a.ask("m = create rounded 13394");
    assert_eq!(b.ask("m = open rounded"), "existed 16384");
}

#[test]
fn size_zero_is_refused_even_when_the_name_exists() {
    let name = unique("zero");
    assert_eq!(code(Mapping::create(&name, 0)), 87);
    assert_eq!(code(Mapping::open(&name)), 2);
    let _object = Mapping::create(&name, 4096).unwrap();
    assert_eq!(code(Mapping::create(&name, 0)), 87);
    assert_eq!(code(MappingOptions::new().create()), 87);
}

#[test]
fn a_negative_size_is_refused() {
    assert_eq!(code(MappingOptions::new().size(u64::MAX).create()), 87);
    assert_eq!(code(MappingOptions::new().size(1 << 63).create()), 87);
}

#[test]
fn exclusive_without_a_file_is_refused() {
    assert_eq!(code(MappingOptions::new().size(4096).exclusive(true).create()), 87);
}

#[test]
fn the_rights_of_a_handle_follow_the_protection() {
    for protection in ALL_PROTECTIONS {
        let mapping = MappingOptions::new().size(4096).protection(protection).create().unwrap();
        assert_eq!(mapping.access(), protection.access(), "{protection:?}");
    }
}

#[test]
fn a_view_needs_the_right_of_its_handle() {
    use ViewAccess::*;
    for protection in ALL_PROTECTIONS {
        let mapping = MappingOptions::new().size(4096).protection(protection).create().unwrap();
        for access in
            [Read, ReadWrite, CopyOnWrite, ExecuteRead, ExecuteReadWrite, ExecuteCopyOnWrite]
        {
            let allowed = protection.access().contains(access.needs());
            match view(&mapping, access) {
                Ok(view) => {
                    assert!(allowed, "{access:?} of {protection:?} was mapped");
                    assert_eq!(view.to_vec(0, 1).unwrap(), [0]);
                }
                Err(error) => {
                    assert!(!allowed, "{access:?} of {protection:?}: {error}");
                    assert_eq!(error.win32_code(), 5);
                }
            }
        }
    }
}

#[test]
fn an_existing_mapping_keeps_its_size() {
    let name = unique("keeps");
    let _object = Mapping::create(&name, 8192).unwrap();
    for size in [1, 4096, 1 << 20] {
        let again = Mapping::create(&name, size).unwrap();
        assert!(!again.was_created());
        assert_eq!(again.size(), 8192);
        assert_eq!(code(View::options().len(8193).map(&again)), 5);
        assert_eq!(again.view().unwrap().len(), 8192);
    }
}

#[test]
fn a_handle_to_an_existing_mapping_has_the_rights_asked_for() {
    let name = unique("rights");
    let object = Mapping::create(&name, 4096).unwrap();
    object.view().unwrap().copy_in(0, b"x").unwrap();
    let reader = options(&name, 4096, Protection::ReadOnly).create().unwrap();
    assert!(!reader.was_created());
    assert_eq!(reader.access(), Access::READ);
    assert_eq!(view(&reader, ViewAccess::Read).unwrap().to_vec(0, 1).unwrap(), b"x");
    assert_eq!(code(view(&reader, ViewAccess::ReadWrite)), 5);
}

#[test]
fn opening_for_reading_permits_reads_and_copies() {
    let name = unique("read");
    let _object = Mapping::create(&name, 4096).unwrap();
    let reader = Mapping::open_read_only(&name).unwrap();
    view(&reader, ViewAccess::Read).unwrap();
    view(&reader, ViewAccess::CopyOnWrite).unwrap();
    assert_eq!(code(view(&reader, ViewAccess::ReadWrite)), 5);
    assert_eq!(code(view(&reader, ViewAccess::ExecuteRead)), 5);
    assert_eq!(reader.view().unwrap().access(), ViewAccess::Read);
}

#[test]
fn opening_for_writing_only_permits_only_writing_views() {
    let name = unique("write");
    let object = Mapping::create(&name, 4096).unwrap();
    let writer = MappingOptions::new().name(&name).open(Access::WRITE).unwrap();
    view(&writer, ViewAccess::ReadWrite).unwrap().copy_in(0, b"w").unwrap();
    assert_eq!(object.view().unwrap().to_vec(0, 1).unwrap(), b"w");
    assert_eq!(code(view(&writer, ViewAccess::Read)), 5);
    assert_eq!(code(view(&writer, ViewAccess::CopyOnWrite)), 5);
}

#[test]
fn opening_with_no_access_is_refused() {
    let name = unique("none");
    let _object = Mapping::create(&name, 4096).unwrap();
    assert_eq!(code(MappingOptions::new().name(&name).open(Access::empty())), 5);
}

#[test]
fn opening_for_everything_works_on_an_executable_mapping() {
    let name = unique("all");
    let _object = options(&name, 4096, Protection::ExecuteReadWrite).create().unwrap();
    let all = MappingOptions::new().name(&name).open(Access::all()).unwrap();
    view(&all, ViewAccess::ExecuteReadWrite).unwrap();
}

/// Wine 8 maps the writing view; Windows refuses it with ERROR_INVALID_PARAMETER.
#[test]
fn a_read_only_mapping_opens_for_writing_but_maps_no_writing_view() {
    let name = unique("strict");
    let _object = options(&name, 4096, Protection::ReadOnly).create().unwrap();
    let writer = Mapping::open(&name).unwrap();
    view(&writer, ViewAccess::Read).unwrap();
    if cfg!(not(windows)) {
        assert_eq!(code(view(&writer, ViewAccess::ReadWrite)), 87);
    }
}

#[test]
fn unnamed_mappings_are_separate() {
    let (one, two) = (
        MappingOptions::new().size(4096).create().unwrap(),
        MappingOptions::new().size(4096).create().unwrap(),
    );
    one.view().unwrap().copy_in(0, b"1").unwrap();
    assert_eq!(two.view().unwrap().to_vec(0, 1).unwrap(), [0]);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn code_runs_from_an_executable_view_and_only_from_there() {
    let mapping =
        MappingOptions::new().size(4096).protection(Protection::ExecuteReadWrite).create().unwrap();
    mapping.view().unwrap().copy_in(0, &[0xB8, 42, 0, 0, 0, 0xC3]).unwrap(); // mov eax, 42; ret
    let run = view(&mapping, ViewAccess::ExecuteRead).unwrap();
    // SAFETY: the view is executable and begins with a whole function of this signature.
    let answer = unsafe { std::mem::transmute::<*mut u8, extern "C" fn() -> i32>(run.as_ptr()) };
    assert_eq!(answer(), 42);
}

#[test]
fn more_than_the_machine_has_is_an_error_and_kills_nobody() {
    let world = World::new();
    let mut peer = world.peer();
    for bits in [45, 50, 62] {
        // 8 NOT_ENOUGH_MEMORY, 1450 NO_SYSTEM_RESOURCES, 1455 COMMITMENT_LIMIT: Windows has one for each order of size.
        let code = peer.refused(&format!("m = create huge {}", 1_u64 << bits));
        assert!([8, 1450, 1455].contains(&code), "2^{bits}: {code}");
        let code = peer.refused(&format!(r"m = create Global\huge {}", 1_u64 << bits));
        assert!([8, 112, 1450, 1455].contains(&code), "2^{bits}: {code}");
    }
    assert_eq!(peer.refused("m = open huge"), 2);
    assert_eq!(peer.ask("m = create huge 4096"), "created 4096");
}

#[test]
fn reserved_memory_is_taken_at_first_touch() {
    let size = 1_u64 << 36; // more than the machine has
    let mapping = MappingOptions::new().size(size).reserve(true).create().unwrap();
    assert_eq!(mapping.size(), size);
    for offset in [0, size / 2, size - 4096] {
        let window = View::options()
            .access(ViewAccess::ReadWrite)
            .offset(offset)
            .len(4096)
            .map(&mapping)
            .unwrap();
        assert_eq!(window.to_vec(0, 4096).unwrap(), [0; 4096]);
        window.copy_in(0, b"touched").unwrap();
    }
    let again = View::options().offset(size / 2).len(7).map(&mapping).unwrap();
    assert_eq!(again.to_vec(0, 7).unwrap(), b"touched");
}

#[test]
fn a_clone_is_a_handle_of_its_own() {
    let name = unique("clone");
    let first = Mapping::create(&name, 4096).unwrap();
    let second = first.try_clone().unwrap();
    first.close().unwrap();
    second.view().unwrap().copy_in(0, b"x").unwrap();
    assert_eq!(Mapping::open(&name).unwrap().view().unwrap().to_vec(0, 1).unwrap(), b"x");
    second.close().unwrap();
    assert_eq!(code(Mapping::open(&name)), 2);
}

#[test]
fn a_clone_has_the_same_rights() {
    let name = unique("clone-rights");
    let _object = Mapping::create(&name, 4096).unwrap();
    let clone = Mapping::open_read_only(&name).unwrap().try_clone().unwrap();
    assert_eq!(clone.access(), Access::READ);
    assert_eq!(code(view(&clone, ViewAccess::ReadWrite)), 5);
}

#[test]
fn handles_are_usable_from_every_thread() {
    let mapping = MappingOptions::new().size(4096).create().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_usize {
            let mapping = &mapping;
            scope.spawn(move || mapping.view().unwrap().write(thread * 8, &thread).unwrap());
        }
    });
    let view = mapping.view().unwrap();
    for thread in 0..4_usize {
        assert_eq!(view.read::<usize>(thread * 8).unwrap(), thread);
    }
}
