//! Mapping a large library as an image, for the first and for the hundredth time, beside reading it into memory of one's own.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use mapview::{Image, ImageView, PageOwner};

use crate::measure::{median, Effort};
use crate::table::{Row, Unit};

const CODE: u32 = 16 << 20;
const DATA: u32 = 1 << 20;
/// One address in so many bytes of data.
const APART: u32 = 64;
const PAGE: u32 = 4096;
const OTHERS: usize = 99;

/// How the library lies in its file.
#[derive(Clone, Copy)]
enum Packed {
    /// Each section begins a page, as Wine's do.
    InPages,
    /// Each section begins anywhere, as most do.
    Tightly,
}

pub fn rows(effort: &Effort) -> Vec<Row> {
    let directory = tempfile::tempdir().expect("a directory");
    let mut rows = Vec::new();
    for (packed, name) in [(Packed::InPages, "in pages"), (Packed::Tightly, "packed")] {
        let path = directory.path().join(format!("{name}.dll"));
        fs::write(&path, library(packed)).expect("room for a library");
        rows.extend(measure(effort, &path, name));
    }
    rows
}

fn measure(effort: &Effort, path: &Path, name: &str) -> [Row; 3] {
    let repetitions = effort.repetitions(31);
    let (mut first, mut later, mut read) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..repetitions {
        read.push(timed(|| private(path)));
        first.push(timed(|| mapped(path)));
    }
    let others: Vec<ImageView> = (0..OTHERS).map(|_| mapped(path)).collect();
    for _ in 0..repetitions {
        later.push(timed(|| mapped(path)));
    }
    let moved = others.iter().rfind(|view| view.is_relocated()).expect("one has the base");
    let own = |run: &&mapview::ImagePages| {
        matches!(run.owner, PageOwner::Header | PageOwner::Relocated | PageOwner::Written)
    };
    let own: u32 = moved.pages().expect("pages").iter().filter(own).map(|run| run.len).sum();
    let memory = f64::from(own) / f64::from(moved.image().size());
    let figures = [&mut first, &mut later, &mut read].map(|times| median(times));
    let row = |when: &str, time: f64| {
        let operation = format!("image of 17 MiB, {name}, {when}");
        Row::new(operation, Unit::Nanoseconds, time, "read into memory", Some(figures[2]))
    };
    let share =
        format!("own memory, moved: {} KiB of {} KiB", own >> 10, moved.image().size() >> 10);
    [
        row("first", figures[0]).note("every page read; nobody has it"),
        row("hundredth", figures[1]).note("every page read; relocated"),
        Row::new(
            format!("image of 17 MiB, {name}, own bytes in 100"),
            Unit::Calls,
            (memory * 1000.0).round() / 10.0,
            "read into memory",
            Some(100.0),
        )
        .note(share),
    ]
}

fn timed<T>(act: impl FnOnce() -> T) -> f64 {
    let start = std::time::Instant::now();
    let result = act();
    let time = start.elapsed().as_nanos() as f64;
    drop(black_box(result));
    time
}

/// Maps it and reads a byte of every page.
fn mapped(path: &Path) -> ImageView {
    let view = Image::open(path).and_then(Image::map).expect("it is a good one");
    let mut byte = [0];
    for address in (PAGE..PAGE + CODE + DATA).step_by(PAGE as usize) {
        view.read(address, &mut byte).expect("inside");
        black_box(byte);
    }
    view
}

/// What programs do that have no image mappings: the bytes in memory of their own, laid out, the addresses adjusted.
fn private(path: &Path) -> Vec<u8> {
    let image = Image::open(path).expect("it is a good one");
    let mut memory = vec![0; image.size() as usize];
    image.read(0, &mut memory).expect("inside");
    let away = (memory.as_ptr().addr() as u64).wrapping_sub(image.preferred_base());
    for relocation in image.relocations().expect("good ones") {
        let at = relocation.address as usize;
        let address = &mut memory[at..at + 8];
        let old = u64::from_le_bytes((&*address).try_into().expect("eight bytes"));
        address.copy_from_slice(&old.wrapping_add(away).to_le_bytes());
    }
    memory
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// A library of code, data full of addresses, and their relocations.
fn library(packed: Packed) -> Vec<u8> {
    let blocks = relocations();
    let (alignment, headers): (u32, u32) = match packed {
        Packed::InPages => (PAGE, PAGE),
        Packed::Tightly => (0x200, 0x400),
    };
    let reloc_len = (blocks.len() as u32).next_multiple_of(alignment);
    let mut file = vec![0x90; (headers + CODE + DATA + reloc_len) as usize];
    file[..headers as usize].fill(0);
    put(&mut file, 0, b"MZ");
    put(&mut file, 0x3c, &0x40_u32.to_le_bytes());
    put(&mut file, 0x40, b"PE\0\0\x64\x86\x03\0");
    put(&mut file, 0x44 + 16, &240_u16.to_le_bytes());
    put(&mut file, 0x44 + 18, &0x2022_u16.to_le_bytes());
    let optional = 0x58;
    let base = 0x1_9000_0000_u64;
    put(&mut file, optional, &0x20b_u16.to_le_bytes());
    put(&mut file, optional + 24, &base.to_le_bytes());
    let image = (PAGE + CODE + DATA + blocks.len() as u32).next_multiple_of(PAGE);
    for (at, value) in [(32, PAGE), (36, alignment), (56, image), (60, headers), (108, 16)] {
        put(&mut file, optional + at, &value.to_le_bytes());
    }
    put(&mut file, optional + 152, &(PAGE + CODE + DATA).to_le_bytes());
    put(&mut file, optional + 156, &(blocks.len() as u32).to_le_bytes());
    let sections = [
        (b".text\0\0\0", PAGE, CODE, headers, 0x6000_0020_u32),
        (b".data\0\0\0", PAGE + CODE, DATA, headers + CODE, 0xC000_0040),
        (
            b".reloc\0\0",
            PAGE + CODE + DATA,
            blocks.len() as u32,
            headers + CODE + DATA,
            0x4200_0040,
        ),
    ];
    for (index, (name, address, len, offset, flags)) in sections.into_iter().enumerate() {
        let at = optional + 240 + 40 * index;
        put(&mut file, at, name);
        for (place, value) in [
            (8, len),
            (12, address),
            (16, len.next_multiple_of(alignment)),
            (20, offset),
            (36, flags),
        ] {
            put(&mut file, at + place, &value.to_le_bytes());
        }
    }
    for at in (0..DATA).step_by(APART as usize) {
        put(&mut file, (headers + CODE + at) as usize, &(base + u64::from(PAGE)).to_le_bytes());
    }
    put(&mut file, (headers + CODE + DATA) as usize, &blocks);
    file
}

/// A block for each page of data.
fn relocations() -> Vec<u8> {
    let mut blocks = Vec::new();
    for page in (0..DATA).step_by(PAGE as usize) {
        let entries = PAGE / APART;
        blocks.extend((PAGE + CODE + page).to_le_bytes());
        blocks.extend((8 + 2 * entries).to_le_bytes());
        blocks
            .extend((0..entries).flat_map(|entry| (0xA000 | (entry * APART) as u16).to_le_bytes()));
    }
    blocks
}
