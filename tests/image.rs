//! Executables as mappings: a real library, mapped by several processes, called and shared.
#![cfg(target_arch = "x86_64")]

#[path = "support/library.rs"]
mod library;
mod support;

use std::collections::HashMap;
use std::ffi::CStr;
use std::fs;
use std::path::Path;

use library::{fix, library, Linked};
use mapview::{Image, ImageView, Mapping, PageOwner, Protect};
use support::{code, is_child, quote, serve, Line, Peer, World};

#[test]
#[ignore = "not a test: the body of the processes that the tests start"]
fn peer() {
    if is_child() {
        let mut views = HashMap::new();
        serve(|line| obey(line, &mut views));
    }
}

fn obey(line: &Line, views: &mut HashMap<String, ImageView>) -> mapview::Result<String> {
    let first = line.text(0);
    if line.verb == "map" {
        let view = Mapping::image(&first)?;
        let base = view.base();
        views.insert(line.slot.clone().unwrap(), view);
        return Ok(base.to_string());
    }
    if line.verb == "close" {
        return Ok(views.remove(&first).map(|_| String::new()).unwrap());
    }
    let view = &views[&first];
    Ok(match line.verb.as_str() {
        "call" => call(view, &line.text(1)).to_string(),
        "own" => {
            let owners = view.pages()?;
            let own = |run: &&mapview::ImagePages| {
                matches!(run.owner, PageOwner::Header | PageOwner::Relocated | PageOwner::Written)
            };
            owners.iter().filter(own).map(|run| run.len).sum::<u32>().to_string()
        }
        #[cfg(target_os = "linux")]
        "smaps" => smaps(view),
        other => panic!("what is {other}?"),
    })
}

/// Bytes of the view that are in memory for several processes, and for this one alone, as the kernel counts.
#[cfg(target_os = "linux")]
fn smaps(view: &ImageView) -> String {
    let range = view.base()..view.base() + view.image().size() as usize;
    let (mut inside, mut shared, mut own) = (false, 0, 0);
    for line in fs::read_to_string("/proc/self/smaps").unwrap().lines() {
        let start = line.split('-').next().and_then(|start| usize::from_str_radix(start, 16).ok());
        match start.filter(|_| line.contains(" r") || line.contains(" -")) {
            Some(start) => inside = range.contains(&start),
            None if inside => {
                let mut words = line.split_whitespace();
                let (name, value) = (words.next().unwrap(), words.next().unwrap());
                let bytes = value.parse::<usize>().unwrap_or(0) * 1024;
                match name {
                    "Shared_Clean:" | "Shared_Dirty:" => shared += bytes,
                    "Private_Clean:" | "Private_Dirty:" => own += bytes,
                    _ => {}
                }
            }
            None => {}
        }
    }
    format!("{shared} {own}")
}

fn call(view: &ImageView, name: &str) -> i32 {
    let function = view.symbol_address(name).unwrap().expect("it is exported");
    // SAFETY: a function of the library that takes nothing, returns a number and needs no imports.
    let function: extern "win64" fn() -> i32 = unsafe { std::mem::transmute(function) };
    function()
}

fn text(view: &ImageView) -> &CStr {
    let function = view.symbol_address("get_text").unwrap().unwrap();
    // SAFETY: a function that returns a pointer to a text of the library.
    let function: extern "win64" fn() -> *const std::ffi::c_char =
        unsafe { std::mem::transmute(function) };
    // SAFETY: the text ends with NUL and lives as long as the view.
    unsafe { CStr::from_ptr(function()) }
}

fn map(peer: &mut Peer, slot: &str, path: &Path) -> usize {
    peer.ask(&format!("{slot} = map {}", quote(path.to_str().unwrap()))).parse().unwrap()
}

#[test]
#[ignore = "needs mingw-w64; run by `cargo xtask test images`"]
fn a_library_is_called_where_it_was_linked_for_and_elsewhere() {
    let directory = tempfile::tempdir().unwrap();
    for linked in [Linked::Plain, Linked::InPages] {
        let path = library(directory.path(), linked);
        let view = Mapping::image(&path).unwrap();
        let second = Mapping::image(&path).unwrap();
        assert!(second.is_relocated(), "the other has the place");
        for view in [&view, &second] {
            let add = view.symbol_address("add").unwrap().unwrap();
            // SAFETY: a function of six numbers that needs no imports.
            let add: extern "win64" fn(i32, i32, i32, i32, i32, i32) -> i32 =
                unsafe { std::mem::transmute(add) };
            assert_eq!(add(1, 2, 3, 4, 5, 6), 654_321);
            assert_eq!(text(view), c"from the library");
            assert_eq!(call(view, "count_own"), 6);
            assert_eq!(call(view, "count_zeros"), 1);
        }
        assert_eq!(call(&view, "count_common"), 24);
        assert_eq!(call(&second, "count_common"), 25, "shared between views, too");
        assert!(view.symbol_address("missing").unwrap().is_none());
    }
}

#[test]
#[ignore = "needs mingw-w64; run by `cargo xtask test images`"]
fn a_shared_section_is_one_for_all_processes_and_other_data_is_everybodys_own() {
    let (world, directory) = (World::new(), tempfile::tempdir().unwrap());
    let path = library(directory.path(), Linked::Plain);
    let (mut a, mut b) = (world.peer_of("peer"), world.peer_of("peer"));
    map(&mut a, "v", &path);
    map(&mut b, "v", &path);
    assert_eq!(a.ask("call v count_common"), "24");
    assert_eq!(b.ask("call v count_common"), "25");
    assert_eq!(a.ask("call v count_common"), "26");
    assert_eq!((&*a.ask("call v count_own"), &*b.ask("call v count_own")), ("6", "6"));
    a.ask("close v");
    map(&mut a, "v", &path);
    assert_eq!(a.ask("call v count_common"), "27", "the other one still has it");
    assert_eq!(a.ask("call v count_own"), "6", "its own went with the view");
}

#[test]
#[ignore = "needs mingw-w64; run by `cargo xtask test images`"]
fn the_initial_values_are_back_after_the_last_one_ended_however_it_ended() {
    let (world, directory) = (World::new(), tempfile::tempdir().unwrap());
    let path = library(directory.path(), Linked::Plain);
    for kill in [false, true] {
        let (mut a, mut b) = (world.peer_of("peer"), world.peer_of("peer"));
        map(&mut a, "v", &path);
        map(&mut b, "v", &path);
        assert_eq!(a.ask("call v count_common"), "24");
        a.kill();
        assert_eq!(b.ask("call v count_common"), "25");
        match kill {
            true => b.kill(),
            false => drop(b.ask("close v")),
        }
    }
}

#[test]
#[ignore = "needs mingw-w64; run by `cargo xtask test images`"]
fn a_hard_link_shares_and_a_copy_does_not() {
    let (world, directory) = (World::new(), tempfile::tempdir().unwrap());
    let path = library(directory.path(), Linked::Plain);
    let (link, copy) = (directory.path().join("link.dll"), directory.path().join("copy.dll"));
    fs::hard_link(&path, &link).unwrap();
    fs::copy(&path, &copy).unwrap();
    let mut peers: [Peer; 3] = std::array::from_fn(|_| world.peer_of("peer"));
    for (peer, path) in peers.iter_mut().zip([&path, &link, &copy]) {
        map(peer, "v", path);
    }
    let counts = peers.each_mut().map(|peer| peer.ask("call v count_common"));
    assert_eq!(counts, ["24", "25", "24"]);
}

#[test]
#[ignore = "needs mingw-w64; run by `cargo xtask test images`"]
fn pages_are_in_memory_once_unless_they_were_relocated_or_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = library(directory.path(), Linked::Plain);
    let (first, second) = (Mapping::image(&path).unwrap(), Mapping::image(&path).unwrap());
    let owner = |view: &ImageView, section: &str| {
        let sections = view.image().sections();
        let at = sections.iter().find(|found| found.name == section).unwrap().address;
        let pages = view.pages().unwrap();
        let run = pages.iter().find(|run| (run.address..run.address + run.len).contains(&at));
        run.unwrap().owner
    };
    assert!(second.is_relocated());
    assert_eq!(owner(&second, ".data"), PageOwner::Relocated, "it holds a pointer");
    assert_eq!(call(&second, "count_common"), 24);
    if cfg!(not(windows)) {
        // Wine 8 reads sections that begin no page in the file into memory of the process.
        assert_eq!(owner(&second, ".text"), PageOwner::Everybody, "it was called");
    }
    assert_eq!(owner(&second, ".common"), PageOwner::Common);
    if !first.is_relocated() {
        assert_ne!(owner(&first, ".data"), PageOwner::Relocated);
        call(&first, "count_own");
        assert_eq!(owner(&first, ".data"), PageOwner::Written);
    }
}

#[test]
#[ignore = "needs mingw-w64; run by `cargo xtask test images`"]
fn reading_and_writing_keep_to_the_sections() {
    let directory = tempfile::tempdir().unwrap();
    let view = Mapping::image(library(directory.path(), Linked::Plain)).unwrap();
    let section = |name: &str| {
        view.image().sections().iter().find(|section| section.name == name).unwrap().clone()
    };
    let (data, code_section, common) = (section(".data"), section(".text"), section(".common"));
    assert_eq!(data.protect, Protect::WRITE_COPY);
    assert_eq!(code_section.protect, Protect::EXECUTE_READ);
    assert_eq!(common.protect, Protect::READ_WRITE);
    assert!(common.shared && !data.shared);
    let mut bytes = [0; 2];
    view.read(0, &mut bytes).unwrap();
    assert_eq!(&bytes, b"MZ");
    assert_eq!(code(view.write(0, b"ZM")), 998);
    assert_eq!(code(view.write(code_section.address, b"x")), 998);
    assert_eq!(code(view.read(view.image().size(), &mut bytes)), 487);
    assert_eq!(code(view.read(u32::MAX, &mut bytes)), 487);
    view.write(common.address, &70_i32.to_le_bytes()).unwrap();
    assert_eq!(call(&view, "count_common"), 71);
    // The file still says what it said.
    let mut initial = [0; 4];
    view.image().read(common.address, &mut initial).unwrap();
    assert_eq!(i32::from_le_bytes(initial), 23);
}

#[test]
#[ignore = "needs mingw-w64; run by `cargo xtask test images`"]
fn a_library_without_relocations_lies_at_its_place_or_nowhere() {
    let directory = tempfile::tempdir().unwrap();
    let path = library(directory.path(), Linked::Plain);
    fix(&path);
    let image = Image::open(&path).unwrap();
    assert!(!image.can_move());
    let base = image.preferred_base() as usize;
    let view = image.map().unwrap();
    assert_eq!(view.base(), base);
    assert_eq!(code(Mapping::image(&path)), 487);
    drop(view);
    assert_eq!(text(&Mapping::image(&path).unwrap()), c"from the library");
}

#[test]
#[ignore = "needs mingw-w64; run by `cargo xtask test images`"]
fn a_wanted_base_is_taken_or_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = library(directory.path(), Linked::Plain);
    let open = || Image::open(&path).unwrap();
    if cfg!(windows) {
        // Wine 8 puts images where it likes.
        let view = open().map_at(0x3_4560_0000);
        assert!(
            view.is_ok_and(|view| view.base() == 0x3_4560_0000)
                || code(open().map_at(0x3_4560_0000)) == 487
        );
        return;
    }
    let view = open().map_at(0x3_4560_0000).unwrap();
    assert_eq!(view.base(), 0x3_4560_0000);
    assert_eq!(text(&view), c"from the library");
    assert_eq!(code(open().map_at(0x3_4560_0000)), 487);
    assert_eq!(code(open().map_at(0x3_4561_1000)), 1132);
}

#[test]
#[ignore = "needs mingw-w64; run by `cargo xtask test images`"]
fn what_lies_there_is_an_image() {
    let directory = tempfile::tempdir().unwrap();
    let view = Mapping::image(library(directory.path(), Linked::Plain)).unwrap();
    let text = &view.image().sections()[0];
    let info = mapview::memory::query(view.base() + text.address as usize).unwrap();
    assert_eq!(info.kind, Some(mapview::MemoryKind::Image));
    assert_eq!(info.allocation_base, view.base());
    assert_eq!(info.allocation_protect, Some(Protect::EXECUTE_WRITE_COPY));
    assert_eq!(info.protect, Some(Protect::EXECUTE_READ));
}

/// Windows tells nothing of the kind for one process to read.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs mingw-w64; run by `cargo xtask test images`"]
fn the_kernel_counts_pages_of_two_processes_once() {
    let (world, directory) = (World::new(), tempfile::tempdir().unwrap());
    for linked in [Linked::Plain, Linked::InPages] {
        let path = library(directory.path(), linked);
        let (mut a, mut b) = (world.peer_of("peer"), world.peer_of("peer"));
        map(&mut a, "v", &path);
        map(&mut b, "v", &path);
        for peer in [&mut a, &mut b] {
            peer.ask("call v count_zeros ; call v count_common");
        }
        for peer in [&mut a, &mut b] {
            let told = peer.ask("smaps v");
            let (shared, own) = told.split_once(' ').unwrap();
            let (shared, own): (usize, usize) = (shared.parse().unwrap(), own.parse().unwrap());
            let copied: usize = peer.ask("own v").parse().unwrap();
            assert!(shared >= 2 * 4096, "code and the shared section: {told}");
            assert!(
                own >= copied && copied >= 4096,
                "what was written is its own: {told}, {copied}"
            );
            assert!(own <= copied + 8192, "and little else: {told}, {copied}");
        }
    }
}
