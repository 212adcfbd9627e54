//! Images and the system around them: hostile processes and files, a strict kernel, forks, many processes, and what lies
//! there by the rules of `VirtualQuery` and `VirtualProtect`.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "support/pe.rs"]
mod pe;
mod support;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use mapview::{memory, Image, Mapping, MappingOptions, MemoryKind, PageOwner, Protect, Protection};
use support::{code, is_child, quote, serve, Line, World};

/// The directory goes with it.
struct File(#[allow(dead_code)] tempfile::TempDir, PathBuf);

fn file(change: impl FnOnce(&mut Vec<u8>)) -> File {
    let mut bytes = pe::library();
    change(&mut bytes);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("small.dll");
    fs::write(&path, bytes).unwrap();
    File(directory, path)
}

fn put(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

/// The name that what was laid out of a file has.
fn laid(path: &Path) -> String {
    let told = fs::metadata(path).unwrap();
    let (size, seconds, rest) = (told.size(), told.mtime(), told.mtime_nsec());
    format!("mapview image {:x}:{:x} {size} {seconds}.{rest:09}", told.dev(), told.ino())
}

#[test]
#[ignore = "not a test: the body of the processes that the tests start"]
fn peer() {
    if is_child() {
        let mut views = Vec::new();
        serve(|line| obey(line, &mut views));
    }
}

fn obey(line: &Line, views: &mut Vec<mapview::ImageView>) -> mapview::Result<String> {
    match line.verb.as_str() {
        "map" => views.push(Mapping::image(line.text(0))?),
        // Writable memory cannot become executable in this process any more.
        "strict" => {
            // SAFETY: changes what this process may map from now on.
            let strict = unsafe { libc::prctl(65, 1_u64, 0_u64, 0_u64, 0_u64) };
            return Ok(strict.to_string());
        }
        "why" => return Ok(Mapping::image(line.text(0)).unwrap_err().to_string()),
        "add" => {
            let mut bytes = [0; 4];
            views[0].read(0x3000, &mut bytes)?;
            let next = u32::from_le_bytes(bytes) + 1;
            views[0].write(0x3000, &next.to_le_bytes())?;
            return Ok(next.to_string());
        }
        other => panic!("what is {other}?"),
    }
    Ok(String::new())
}

#[test]
fn a_kernel_that_lets_nothing_written_be_executed_is_a_clear_error() {
    let (world, file) = (World::new(), file(|_| ()));
    let mut peer = world.peer_of("peer");
    if peer.ask("strict") != "0" {
        return; // a kernel before 6.3
    }
    assert_eq!(peer.refused(&format!("map {}", quote(file.1.to_str().unwrap()))), 5);
    let told = peer.ask(&format!("why {}", quote(file.1.to_str().unwrap())));
    assert!(told.contains("does not permit execute-read pages"), "{told}");
}

#[test]
fn a_hundred_processes_some_of_them_killed_leave_nothing_behind() {
    let (world, file) = (World::new(), file(|_| ()));
    let map = format!("map {}", quote(file.1.to_str().unwrap()));
    let mut most = 0;
    for round in 0..4 {
        let mut peers: Vec<_> = (0..25).map(|_| world.peer_of("peer")).collect();
        for (index, peer) in peers.iter_mut().enumerate() {
            peer.ask(&map);
            most = peer.ask("add").parse().unwrap();
            assert_eq!(most, 8 + index as u32, "round {round}: the initial value is back");
        }
        for (index, mut peer) in peers.into_iter().enumerate() {
            if index % 2 == 0 {
                peer.kill();
            }
        }
    }
    assert_eq!(most, 7 + 25);
    let name = laid(&file.1);
    let left = mapview::objects().unwrap();
    let mine = left.iter().filter(|object| object.name.to_string().contains(&name));
    assert_eq!(mine.count(), 0);
}

#[test]
fn memory_of_that_name_that_is_something_else_is_a_clear_error() {
    let file = file(|_| ());
    // Too small; and of a kind that cannot be executed.
    for (size, protection) in
        [(4096, Protection::ExecuteReadWrite), (1 << 20, Protection::ReadOnly)]
    {
        let mut options = MappingOptions::new();
        let _other =
            options.name(&laid(&file.1)).size(size).protection(protection).create().unwrap();
        let error = Mapping::image(&file.1).unwrap_err();
        assert_eq!(error.win32_code(), 13);
        let told = error.to_string();
        assert!(told.contains("small.dll") && told.contains("made by something else"), "{told}");
    }
    drop(Mapping::image(&file.1).unwrap());
    // Larger than needed does no harm: it is filled as far as it is needed.
    let mut options = MappingOptions::new();
    options.name(&laid(&file.1)).size(1 << 20).protection(Protection::ExecuteReadWrite);
    let _other = options.create().unwrap();
    let mut address = [0; 8];
    let view = Mapping::image(&file.1).unwrap();
    view.read(0x2008, &mut address).unwrap();
    assert_eq!(u64::from_le_bytes(address), view.base() as u64 + 0x1000);
}

#[test]
fn a_file_that_became_shorter_is_refused() {
    let file = file(|_| ());
    let image = Image::open(&file.1).unwrap();
    fs::OpenOptions::new().write(true).open(&file.1).unwrap().set_len(0x800).unwrap();
    assert_eq!(code(image.map()), 193);
}

#[test]
fn a_mapped_file_is_announced_as_long_as_the_view_even_if_all_was_copied() {
    let file = file(|_| ());
    let view = Mapping::image(&file.1).unwrap();
    let other = fs::OpenOptions::new().read(true).write(true).open(&file.1).unwrap();
    assert!(mapview::is_file_mapped(&other).unwrap());
    assert_eq!(code(mapview::set_file_len(&other, 0)), 1224);
    drop(view);
    assert!(!mapview::is_file_mapped(&other).unwrap());
}

#[test]
fn an_image_linked_for_addresses_that_no_program_has_is_moved() {
    for base in [0_u64, 0xFFFF_8000_0000_0000, 0x7FFF_FFFF_0000] {
        let file = file(|bytes| {
            bytes[pe::OPTIONAL + 24..pe::OPTIONAL + 32].copy_from_slice(&base.to_le_bytes());
        });
        let view = Mapping::image(&file.1).unwrap();
        assert!(view.is_relocated() && view.base() >= 0x1_0000, "{:#x}", view.base());
        assert_eq!(code(Image::open(&file.1).unwrap().map_at(0)), 487);
    }
}

/// The small library, made one of 32 bits: the optional header is shorter, so the sections move up.
fn narrow(base: u32) -> impl FnOnce(&mut Vec<u8>) {
    move |bytes| {
        bytes[0x44..0x46].copy_from_slice(&0x014c_u16.to_le_bytes());
        bytes[pe::OPTIONAL..pe::OPTIONAL + 2].copy_from_slice(&0x10b_u16.to_le_bytes());
        put(bytes, pe::OPTIONAL + 24, 0);
        put(bytes, pe::OPTIONAL + 28, base);
        bytes.copy_within(pe::OPTIONAL + 108..pe::OPTIONAL + 240, pe::OPTIONAL + 92);
        bytes[0x44 + 16..0x44 + 18].copy_from_slice(&224_u16.to_le_bytes());
        bytes.copy_within(pe::SECTIONS..pe::SECTIONS + 200, pe::SECTIONS - 16);
        put(bytes, 0x608, base.wrapping_add(0x1000));
        put(bytes, 0x60C, 0);
        bytes[0xC08..0xC0A].copy_from_slice(&0x3008_u16.to_le_bytes()); // a 32-bit address
    }
}

#[test]
fn images_of_32_bits_lie_below_4_gib_wherever_they_were_linked_for() {
    let file = file(narrow(0x6A00_0000));
    let views: Vec<_> = (0..3).map(|_| Mapping::image(&file.1).unwrap()).collect();
    for (index, view) in views.iter().enumerate() {
        assert!(!view.image().is_64() && view.base() + 0x6000 <= 1 << 32);
        assert_eq!(view.is_relocated(), view.base() != 0x6A00_0000);
        assert!(index == 0 || view.is_relocated());
        let mut address = [0; 8];
        view.read(0x2008, &mut address).unwrap();
        assert_eq!(u64::from_le_bytes(address), view.base() as u64 + 0x1000);
        let mut told = [0; 4];
        view.read(pe::OPTIONAL as u32 + 28, &mut told).unwrap();
        assert_eq!(u32::from_le_bytes(told) as usize, view.base());
    }
    assert_eq!(code(Image::open(&file.1).unwrap().map_at(0x3_4560_0000)), 487);
}

#[test]
fn the_end_of_a_section_is_what_the_file_has_up_to_the_page_and_zeros_behind() {
    let file = file(|bytes| {
        put(bytes, pe::SECTIONS + 40 + 8, 0x10); // .data needs 16 bytes, and the file has 512
        bytes[0x700] = 77;
    });
    for _ in 0..2 {
        let view = Mapping::image(&file.1).unwrap();
        let mut page = [1; 4096];
        view.read(0x2000, &mut page).unwrap();
        assert_eq!(page[0x100], 77);
        assert!(page[0x200..].iter().all(|&byte| byte == 0));
    }
    // An image that ends within a page has that page.
    let file = self::file(|bytes| put(bytes, pe::OPTIONAL + 56, 0x5200));
    let view = Mapping::image(&file.1).unwrap();
    let mut bytes = [0; 4096];
    view.read(0x5000, &mut bytes).unwrap();
    assert_eq!(bytes[..4], 0x2000_u32.to_le_bytes());
}

#[test]
fn an_image_is_told_in_rows_of_its_sections() {
    let file = file(|_| ());
    let _first = Mapping::image(&file.1).unwrap();
    let view = Mapping::image(&file.1).unwrap();
    let base = view.base();
    let rows = [
        (0, Protect::READ_ONLY),
        (0x1000, Protect::EXECUTE_READ),
        (0x2000, Protect::READ_WRITE), // it was copied when its address was adjusted
        (0x3000, Protect::READ_WRITE),
        (0x4000, Protect::READ_ONLY),
    ];
    for (index, (at, protect)) in rows.into_iter().enumerate() {
        let info = memory::query(base + at).unwrap();
        let end = rows.get(index + 1).map_or(0x6000, |row| row.0);
        let same = rows.get(index + 1).is_some_and(|row| row.1 == protect);
        assert_eq!((info.allocation_base, info.kind), (base, Some(MemoryKind::Image)));
        assert_eq!(info.protect, Some(protect), "{at:#x}");
        assert_eq!(info.base + info.len - base, if same { 0x4000 } else { end }, "{at:#x}");
        assert_eq!(info.file.as_deref(), Some(&*file.1));
    }
    let regions = memory::regions().unwrap();
    let mine = regions.iter().filter(|info| info.allocation_base == base);
    assert_eq!(mine.map(|info| info.len).sum::<usize>(), 0x6000);
}

#[test]
fn sections_are_protected_together_and_writing_stays_private() {
    let file = file(|_| ());
    let view = Mapping::image(&file.1).unwrap();
    let base = view.base();
    // SAFETY: nobody relies on what these pages permit.
    let old = unsafe { memory::protect(base, 0x5800, Protect::EXECUTE_READ_WRITE) }.unwrap();
    assert_eq!(old, Protect::READ_ONLY);
    let shown = |at: usize| memory::query(base + at).unwrap().protect;
    assert_eq!(shown(0x1000), Some(Protect::EXECUTE_WRITE_COPY));
    assert_eq!(shown(0x3000), Some(Protect::EXECUTE_READ_WRITE));
    // SAFETY: pages that may be written now.
    unsafe { ((base + 0x4000) as *mut u8).write_volatile(9) };
    let other = Mapping::image(&file.1).unwrap();
    let mut byte = [1];
    other.read(0x4000, &mut byte).unwrap();
    assert_eq!(byte, [0], "the other has its own");
    assert_eq!(shown(0x4000), Some(Protect::EXECUTE_READ_WRITE));
    // SAFETY: as above.
    let beyond = unsafe { memory::protect(base + 0x5000, 0x2000, Protect::READ_ONLY) };
    assert_eq!(code(beyond), 487);
    memory::flush(base + 0x2000, 0x3000).unwrap();
    assert_eq!(code(memory::flush(base + 0x2000, 0x5000)), 487);
}

#[test]
fn a_moved_image_says_where_it_lies_and_that_page_is_its_own() {
    let file = file(|_| ());
    let first = Mapping::image(&file.1).unwrap();
    let view = Mapping::image(&file.1).unwrap();
    let mut told = [0; 8];
    view.read(pe::OPTIONAL as u32 + 24, &mut told).unwrap();
    assert_eq!(u64::from_le_bytes(told), view.base() as u64);
    let owner = |at: u32| {
        let pages = view.pages().unwrap();
        pages.iter().find(|run| (run.address..run.address + run.len).contains(&at)).unwrap().owner
    };
    assert_eq!(owner(0), PageOwner::Header);
    assert_eq!(owner(0x2000), PageOwner::Relocated);
    drop(first);
}

#[test]
fn a_child_by_fork_has_copies_of_its_own_and_shares_what_is_shared() {
    let file = file(|_| ());
    let view = Mapping::image(&file.1).unwrap();
    view.write(0x2000, &[1]).unwrap();
    // SAFETY: the child only maps, copies and exits.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let mut byte = [0];
        let done = view.read(0x2000, &mut byte).is_ok()
            && byte == [1]
            && view.write(0x2000, &[2]).is_ok()
            && view.write(0x3000, &[70]).is_ok();
        drop(view);
        // SAFETY: ends the child without what its parent has to tidy up.
        unsafe { libc::_exit(if done { 0 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: waits for the child.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0);
    let (mut own, mut common) = ([0], [0]);
    view.read(0x2000, &mut own).unwrap();
    view.read(0x3000, &mut common).unwrap();
    assert_eq!((own, common), ([1], [70]));
    // What the child dropped, the parent still has, and others find it.
    let other = Mapping::image(&file.1).unwrap();
    other.read(0x3000, &mut common).unwrap();
    assert_eq!(common, [70]);
}
