//! All the executables and libraries for Windows that Debian's packages of Wine and mingw-w64 bring: each maps, and says of
//! itself what `objdump` says of it. `cargo xtask test images`
#![cfg(target_os = "linux")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use mapview::{Image, ImageView, Protect};

const WHY: &str = "apt-get install wine wine64 gcc-mingw-w64-x86-64 brings these files";

/// Every file below these directories that is meant to be one.
fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for directory in [
        "/usr/lib/x86_64-linux-gnu/wine",
        "/usr/lib/gcc/x86_64-w64-mingw32",
        "/usr/x86_64-w64-mingw32",
    ] {
        collect(Path::new(directory), &mut files);
    }
    assert!(files.len() > 600, "{} files; {WHY}", files.len());
    files
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let ends = ["dll", "exe", "drv", "sys", "ocx", "cpl", "acm", "ax", "tlb", "vxd", "com"];
        match path.extension().and_then(|end| end.to_str()) {
            _ if path.is_dir() => collect(&path, files),
            Some(end) if ends.contains(&end) && is_image(&path) => files.push(path),
            _ => {}
        }
    }
}

/// Whether it is a program or library at all: some names stand for lists of what is elsewhere.
fn is_image(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"MZ") && bytes.len() > 1024)
}

#[test]
#[ignore = "reads what Debian's packages of Wine bring; run by `cargo xtask test images`"]
fn all_of_them_map_side_by_side_and_every_page_can_be_read() {
    let mut views: Vec<ImageView> = Vec::new();
    let mut moved = 0;
    for path in files() {
        let view = Image::open(&path).and_then(Image::map).unwrap();
        moved += usize::from(view.is_relocated());
        for section in view.image().sections().to_vec() {
            let mut bytes = vec![0; section.len as usize];
            if section.protect != Protect::NO_ACCESS {
                view.read(section.address, &mut bytes).unwrap();
                check_against_file(&view, section.address, &bytes);
            }
        }
        let image = view.image();
        image.imports().unwrap();
        for export in image.exports().unwrap() {
            assert!(export.ordinal != 0, "{}: {export:?}", path.display());
        }
        views.push(view);
    }
    assert!(moved > 0 && moved < views.len(), "{moved} of {} were moved", views.len());
}

/// In memory is what is in the file, but for the addresses, all of which differ by the same distance.
fn check_against_file(view: &ImageView, start: u32, bytes: &[u8]) {
    let image = view.image();
    let mut file = vec![0; bytes.len()];
    image.read(start, &mut file).unwrap();
    if !view.is_relocated() {
        assert!(file == bytes, "{} at {start:#x}", image.path().display());
        return;
    }
    let away = (view.base() as u64).wrapping_sub(image.preferred_base());
    for place in image.relocations().unwrap() {
        let Some(at) = place.address.checked_sub(start).map(|at| at as usize) else { continue };
        let width = place.kind.width() as usize;
        let (Some(new), Some(old)) = (bytes.get(at..at + width), file.get(at..at + width)) else {
            continue;
        };
        let number = |bytes: &[u8]| {
            let mut wide = [0; 8];
            wide[..width].copy_from_slice(bytes);
            u64::from_le_bytes(wide)
        };
        let mask = u64::MAX >> (64 - 8 * width as u32);
        assert_eq!(number(new).wrapping_sub(number(old)) & mask, away & mask, "{place:?}");
        let copy = new.to_vec();
        file[at..at + width].copy_from_slice(&copy);
    }
    assert!(file == bytes, "{} at {start:#x}", image.path().display());
}

/// What objdump tells of a section: its address in memory and its place in the file.
type Told = (String, u64, u64);

#[test]
#[ignore = "needs objdump of mingw-w64; run by `cargo xtask test images`"]
fn sections_are_where_objdump_says() {
    let files = files();
    for some in files.chunks(100) {
        let told = objdump(some);
        for path in some {
            let image = Image::open(path).unwrap();
            let ours: Vec<Told> = image
                .sections()
                .iter()
                .map(|section| {
                    let address = image.preferred_base() + u64::from(section.address);
                    (section.name.clone(), address, section.file_offset.into())
                })
                .collect();
            let theirs = &told[path.to_str().unwrap()];
            assert_eq!(ours.len(), theirs.len(), "{}", path.display());
            for (our, their) in ours.iter().zip(theirs) {
                assert_eq!((our.1, our.2), (their.1, their.2), "{}: {}", path.display(), our.0);
                // Long names stand in a table at the end, for debuggers only; in the header there is their place in it.
                assert!(our.0 == their.0 || our.0.starts_with('/'), "{our:?} {their:?}");
            }
        }
    }
}

fn objdump(files: &[PathBuf]) -> HashMap<String, Vec<Told>> {
    let output = Command::new("x86_64-w64-mingw32-objdump").arg("-h").args(files).output();
    let text = String::from_utf8(output.expect(WHY).stdout).unwrap();
    let mut told: HashMap<String, Vec<Told>> = HashMap::new();
    let mut now = String::new();
    for line in text.lines() {
        if let Some((file, _)) = line.split_once(":     file format") {
            now = file.to_owned();
            told.insert(now.clone(), Vec::new());
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let [index, name, _size, address, _, offset, _] = words[..] else { continue };
        if index.parse::<u32>().is_ok() {
            let number = |hex| u64::from_str_radix(hex, 16).unwrap();
            let row = (name.to_owned(), number(address), number(offset));
            told.get_mut(&now).expect("after its file").push(row);
        }
    }
    told
}
