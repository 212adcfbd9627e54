//! What may be done to a view by its address: the rules of `VirtualQuery`, `VirtualProtect`, `VirtualAlloc` and
//! `VirtualFree` for views.

mod support;

use mapview::memory::{self, Allocate, Free};
use mapview::{
    Mapping, MappingOptions, MemoryKind, MemoryState, Protect, Result, View, ViewAccess,
};
use mapview::{MemoryInfo, Protection};

const PAGE: usize = 4096;

fn of_memory(pages: usize) -> Mapping {
    let mut options = MappingOptions::new();
    options.size((pages * PAGE) as u64).protection(Protection::ExecuteReadWrite);
    options.create().unwrap()
}

fn of_file(directory: &tempfile::TempDir, pages: usize) -> (Mapping, std::path::PathBuf) {
    let path = directory.path().join("file");
    std::fs::write(&path, vec![1; pages * PAGE]).unwrap();
    let mut options = MappingOptions::new();
    (options.path(&path).protection(Protection::ReadWrite).create().unwrap(), path)
}

fn view(mapping: &Mapping, access: ViewAccess) -> View {
    View::options().access(access).map(mapping).unwrap()
}

fn at(view: &View) -> usize {
    view.as_ptr().expose_provenance()
}

fn query(view: &View, page: usize) -> MemoryInfo {
    memory::query(at(view) + page * PAGE).unwrap()
}

fn protect(view: &View, page: usize, pages: usize, new: Protect) -> Result<Protect> {
    // SAFETY: the tests touch pages only where they are permitted to.
    unsafe { memory::protect(at(view) + page * PAGE, pages * PAGE, new) }
}

fn allocate(wanted: Allocate) -> Result<usize> {
    // SAFETY: as above.
    unsafe { memory::allocate(&wanted) }.map(|base| base.addr())
}

#[track_caller]
fn fails<T: std::fmt::Debug>(code: u32, outcome: Result<T>) {
    let error = outcome.expect_err("it must fail");
    assert_eq!(error.win32_code(), code, "{error}");
}

const SHOWN: [(ViewAccess, Protect); 6] = [
    (ViewAccess::Read, Protect::READ_ONLY),
    (ViewAccess::ReadWrite, Protect::READ_WRITE),
    (ViewAccess::CopyOnWrite, Protect::WRITE_COPY),
    (ViewAccess::ExecuteRead, Protect::EXECUTE_READ),
    (ViewAccess::ExecuteReadWrite, Protect::EXECUTE_READ_WRITE),
    (ViewAccess::ExecuteCopyOnWrite, Protect::EXECUTE_WRITE_COPY),
];

#[test]
fn a_view_is_told_as_it_was_mapped() {
    let mapping = of_memory(3);
    for (access, shown) in SHOWN {
        let view = view(&mapping, access);
        let info = query(&view, 1);
        assert_eq!((info.base, info.len), (at(&view) + PAGE, 2 * PAGE), "{access:?}");
        assert_eq!((info.allocation_base, info.allocation_protect), (at(&view), Some(shown)));
        assert_eq!((info.state, info.protect), (MemoryState::Committed, Some(shown)));
        assert_eq!(info.kind, Some(MemoryKind::Mapped));
    }
}

#[test]
fn a_view_of_a_file_tells_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let (mapping, path) = of_file(&directory, 2);
    let view = view(&mapping, ViewAccess::Read);
    let told = query(&view, 0).file.unwrap();
    assert_eq!(told.file_name(), path.file_name());
    assert_eq!(memory::query(at(&view)).unwrap().len, 2 * PAGE);
}

#[test]
fn neighbouring_views_are_apart() {
    let mapping = of_memory(32);
    let first = 0x3600_0000_0000;
    let map = |page: usize| {
        let mut options = View::options();
        options.offset((page * PAGE) as u64).len(16 * PAGE).at(first + page * PAGE);
        options.map(&mapping).unwrap()
    };
    let (one, next) = (map(0), map(16));
    assert_eq!(query(&one, 0).len, 16 * PAGE);
    assert_eq!(query(&next, 1).allocation_base, at(&next));
    drop(one);
    assert_eq!(memory::query(first).unwrap().state, MemoryState::Free);
    assert_eq!(query(&next, 0).len, 16 * PAGE);
}

#[test]
fn a_view_permits_at_most_what_it_was_mapped_for() {
    use Protect as P;
    let all = [
        P::NO_ACCESS,
        P::READ_ONLY,
        P::READ_WRITE,
        P::WRITE_COPY,
        P::EXECUTE,
        P::EXECUTE_READ,
        P::EXECUTE_READ_WRITE,
        P::EXECUTE_WRITE_COPY,
    ];
    let mapping = of_memory(1);
    for (access, shown) in SHOWN {
        let read = [P::NO_ACCESS, P::READ_ONLY, P::WRITE_COPY];
        let execute = [P::EXECUTE, P::EXECUTE_READ, P::EXECUTE_WRITE_COPY];
        let permitted = |new: Protect| {
            let writes = access.writable() && !access.is_private();
            read.contains(&new)
                || new == P::READ_WRITE && writes
                || execute.contains(&new) && access.executable()
                || new == P::EXECUTE_READ_WRITE && writes && access.executable()
        };
        for new in all {
            let view = view(&mapping, access);
            if permitted(new) {
                assert_eq!(protect(&view, 0, 1, new).unwrap(), shown, "{access:?} {new}");
                // Wine 8 tells some of them as others.
                assert!(cfg!(windows) || query(&view, 0).protect == Some(new), "{access:?} {new}");
            } else {
                fails(87, protect(&view, 0, 1, new));
                assert_eq!(query(&view, 0).protect, Some(shown));
            }
        }
    }
}

#[test]
fn a_part_of_a_view_is_protected_and_the_rest_is_not() {
    let mapping = of_memory(4);
    let view = view(&mapping, ViewAccess::ReadWrite);
    view.fill(0, 4 * PAGE, 5).unwrap();
    assert_eq!(protect(&view, 1, 2, Protect::READ_ONLY).unwrap(), Protect::READ_WRITE);
    assert_eq!(protect(&view, 2, 2, Protect::NO_ACCESS).unwrap(), Protect::READ_ONLY);
    let shown = [0, 1, 2, 3].map(|page| query(&view, page).protect.unwrap());
    let expected =
        [Protect::READ_WRITE, Protect::READ_ONLY, Protect::NO_ACCESS, Protect::NO_ACCESS];
    assert_eq!(shown, expected);
    let info = query(&view, 2);
    assert_eq!((info.len, info.allocation_protect), (2 * PAGE, Some(Protect::READ_WRITE)));
    assert_eq!(view.read::<u8>(PAGE).unwrap(), 5);
    assert!(protect(&view, 3, 2, Protect::READ_ONLY).is_err(), "past its end");
    protect(&view, 0, 4, Protect::READ_WRITE).unwrap();
    assert_eq!(query(&view, 0).len, 4 * PAGE);
    assert_eq!(view.read::<u8>(3 * PAGE).unwrap(), 5);
}

#[test]
fn a_copied_page_is_an_ordinary_page() {
    if cfg!(windows) {
        return; // Wine 8 goes on to tell copy-on-write
    }
    let mapping = of_memory(4);
    let view = view(&mapping, ViewAccess::CopyOnWrite);
    view.read::<u8>(0).unwrap();
    view.write(PAGE, &1_u8).unwrap();
    let shown = [0, 1, 2].map(|page| query(&view, page).protect.unwrap());
    assert_eq!(shown, [Protect::WRITE_COPY, Protect::READ_WRITE, Protect::WRITE_COPY]);
    let info = query(&view, 1);
    assert_eq!((info.len, info.kind), (PAGE, Some(MemoryKind::Mapped)));
    assert_eq!(info.allocation_protect, Some(Protect::WRITE_COPY));
    assert_eq!(protect(&view, 1, 1, Protect::READ_ONLY).unwrap(), Protect::READ_WRITE);
    assert_eq!(protect(&view, 0, 1, Protect::READ_ONLY).unwrap(), Protect::WRITE_COPY);
}

#[test]
fn a_view_that_writes_through_may_become_copy_on_write() {
    if cfg!(windows) {
        return; // Wine 8 goes on to write through
    }
    let directory = tempfile::tempdir().unwrap();
    let (of_file, _) = of_file(&directory, 3);
    for mapping in [of_memory(3), of_file] {
        let (view, other) =
            (view(&mapping, ViewAccess::ReadWrite), view(&mapping, ViewAccess::Read));
        view.fill(0, 3 * PAGE, 1).unwrap();
        protect(&view, 0, 2, Protect::WRITE_COPY).unwrap();
        view.write(0, &2_u8).unwrap();
        assert_eq!((view.read::<u8>(0).unwrap(), other.read::<u8>(0).unwrap()), (2, 1));
        view.write(2 * PAGE, &3_u8).unwrap();
        assert_eq!(other.read::<u8>(2 * PAGE).unwrap(), 3, "the rest writes through");
        // Back: what was copied stays a copy, what was not follows again.
        protect(&view, 0, 3, Protect::READ_ONLY).unwrap();
        protect(&view, 0, 3, Protect::READ_WRITE).unwrap();
        view.write(PAGE, &4_u8).unwrap();
        assert_eq!(other.read::<u8>(PAGE).unwrap(), 4);
        assert_eq!((view.read::<u8>(0).unwrap(), other.read::<u8>(0).unwrap()), (2, 1));
        assert_eq!(query(&view, 0).protect, Some(Protect::READ_WRITE));
    }
}

#[test]
fn a_read_only_view_may_become_copy_on_write() {
    if cfg!(windows) {
        return; // Wine 8 goes on to write through
    }
    let mapping = of_memory(1);
    let view = view(&mapping, ViewAccess::Read);
    protect(&view, 0, 1, Protect::WRITE_COPY).unwrap();
    // SAFETY: the page permits writing, to a private copy.
    unsafe { view.as_ptr().write_volatile(9) };
    assert_eq!(view.read::<u8>(0).unwrap(), 9);
    assert_eq!(mapping.view().unwrap().read::<u8>(0).unwrap(), 0);
}

#[test]
fn views_of_memory_are_committed_again_and_views_of_files_are_not() {
    let mapping = of_memory(2);
    let view = view(&mapping, ViewAccess::Read);
    let again = Allocate { address: at(&view), size: PAGE, commit: true, ..Allocate::default() };
    allocate(Allocate { protect: Protect::READ_ONLY, ..again }).unwrap();
    fails(87, allocate(again));
    fails(487, allocate(Allocate { size: 3 * PAGE, protect: Protect::READ_ONLY, ..again }));
    let directory = tempfile::tempdir().unwrap();
    let (file, _) = of_file(&directory, 2);
    let view = self::view(&file, ViewAccess::ReadWrite);
    fails(5, allocate(Allocate { address: at(&view), ..again }));
}

#[test]
fn a_view_is_not_freed_and_nothing_is_reserved_in_it() {
    let mapping = of_memory(2);
    let view = view(&mapping, ViewAccess::ReadWrite);
    view.write(0, &7_u8).unwrap();
    // SAFETY: refused.
    unsafe {
        fails(87, memory::free(at(&view), 0, Free::Release));
        fails(87, memory::free(at(&view), PAGE, Free::Decommit));
    }
    let inside = Allocate { address: at(&view), size: PAGE, reserve: true, ..Allocate::default() };
    fails(487, allocate(inside));
    assert_eq!(view.read::<u8>(0).unwrap(), 7);
}

#[test]
fn views_of_memory_are_reset_and_views_of_files_are_not() {
    let mapping = of_memory(2);
    let view = view(&mapping, ViewAccess::ReadWrite);
    let reset = Allocate { address: at(&view), size: PAGE, reset: true, ..Allocate::default() };
    allocate(reset).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (file, _) = of_file(&directory, 1);
    let view = self::view(&file, ViewAccess::ReadWrite);
    if cfg!(not(windows)) {
        fails(87, allocate(Allocate { address: at(&view), ..reset })); // Wine 8 accepts it
                                                                       // SAFETY: refused.
        fails(87, unsafe { memory::discard(at(&view), PAGE) });
    }
    assert_eq!(view.read::<u8>(0).unwrap(), 1);
}

#[test]
fn views_are_locked_and_the_lock_ends_with_the_view() {
    let mapping = of_memory(2);
    let view = view(&mapping, ViewAccess::Read);
    let base = at(&view);
    memory::lock(base, PAGE).unwrap();
    memory::unlock(base, PAGE).unwrap();
    memory::lock(base, 2 * PAGE).unwrap();
    drop(view);
    if cfg!(not(windows)) {
        fails(158, memory::unlock(base, PAGE)); // Wine 8 does not look
    }
}
