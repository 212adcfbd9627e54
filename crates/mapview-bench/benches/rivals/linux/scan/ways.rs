//! The ways to read a file. Each gives a sum over what it read, and does nothing else with it.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use mapview::{Mapping, MappingOptions, Protection, SlidingWindows};
use memmap2::{Advice, Mmap, MmapOptions};

const WINDOWS: &str = "sliding windows, 64 MiB mapped";
const WINDOWS_COPY: &str = "sliding windows, copied out in safe code";
const READ: &str = "read, 256 KiB buffer";
const MEMMAP2: &str = "memmap2, whole map";
const MEMMAP2_SEQUENTIAL: &str = "memmap2, whole map, Sequential";
const MEMMAP2_WILL_NEED: &str = "memmap2, whole map, WillNeed";
const MEMMAP2_POPULATE: &str = "memmap2, whole map, populated";
const MMAP_RS: &str = "mmap-rs, whole map";
const WINDOWS_TWO: &str = "sliding windows, 64 MiB mapped, 2 threads";
const READ_TWO: &str = "pread, 256 KiB buffers, 2 threads";
const MEMMAP2_TWO: &str = "memmap2, whole map, 2 threads";
const VIEW: &str = "one view, advised Random, copied out in safe code";
const PREAD: &str = "pread";
const MEMMAP2_RANDOM: &str = "memmap2, whole map, Random";

/// Ours comes first.
pub const SCANS: &[&str] = &[
    WINDOWS,
    WINDOWS_COPY,
    READ,
    MEMMAP2,
    MEMMAP2_SEQUENTIAL,
    MEMMAP2_WILL_NEED,
    MEMMAP2_POPULATE,
    MMAP_RS,
];
pub const SCANS_BY_TWO: &[&str] = &[WINDOWS_TWO, READ_TWO, MEMMAP2_TWO];
pub const RANDOM: &[&str] = &[VIEW, PREAD, MEMMAP2, MEMMAP2_RANDOM, MMAP_RS];

pub const BLOCK: u64 = 4096;

/// The rivals that the project promises to be as fast as.
pub fn is_promised(way: &str) -> bool {
    [READ, MEMMAP2, READ_TWO, MEMMAP2_TWO].contains(&way)
}

/// Reads so many random blocks, or with 0 all of it.
pub fn run(way: &str, path: &Path, reads: u64) -> u64 {
    let random = (reads > 0).then_some(Random { left: reads, state: 1 });
    let file = File::open(path).expect("the parent made it");
    match (way, random) {
        (WINDOWS, _) => windows(&mapping(path), |view| {
            // SAFETY: nobody writes the file, nor cuts it off, while it is measured.
            sum(unsafe { view.as_slice() })
        }),
        (WINDOWS_COPY, _) => {
            let mut buffer = vec![0; 256 << 10];
            windows(&mapping(path), |view| {
                let mut total = 0_u64;
                for offset in (0..view.len()).step_by(buffer.len()) {
                    let part = &mut buffer[..(256 << 10).min(view.len() - offset)];
                    view.copy_out(offset, part).expect("inside the view");
                    total = total.wrapping_add(sum(part));
                }
                total
            })
        }
        (WINDOWS_TWO, _) => {
            let (mapping, total) = (mapping(path), AtomicU64::new(0));
            let windows =
                SlidingWindows::options().memory(64 << 20).open(&mapping).expect("a file");
            let each = |window: &mapview::Window| {
                // SAFETY: nobody writes the file, nor cuts it off, while it is measured.
                total.fetch_add(sum(unsafe { window.as_slice() }), Ordering::Relaxed);
                Ok::<(), mapview::Error>(())
            };
            windows.for_each_parallel(2, each).expect("the file stays as it is");
            total.into_inner()
        }
        (READ_TWO, _) => by_halves(file.metadata().expect("a file").len(), |range| {
            let (mut buffer, mut total) = (vec![0; 256 << 10], 0_u64);
            for offset in range.step_by(buffer.len()) {
                file.read_exact_at(&mut buffer, offset).expect("a multiple of the buffer");
                total = total.wrapping_add(sum(&buffer));
            }
            total
        }),
        (MEMMAP2_TWO, _) => with_map(way, &file, |bytes| {
            by_halves(bytes.len() as u64, |range| {
                sum(&bytes[range.start as usize..range.end as usize])
            })
        }),
        (READ, _) => {
            let (mut file, mut buffer, mut total) = (file, vec![0; 256 << 10], 0_u64);
            loop {
                match file.read(&mut buffer).expect("a file can be read") {
                    0 => return total,
                    read => total = total.wrapping_add(sum(&buffer[..read])),
                }
            }
        }
        (VIEW, Some(random)) => {
            let view = mapping(path).view().expect("addresses suffice");
            view.advise(0, view.len(), mapview::Advice::Random).expect("a part of the view");
            let mut block = [0; BLOCK as usize];
            random.sum(view.len() as u64, |offset| {
                view.copy_out(offset as usize, &mut block).expect("inside the view");
                sum(&block)
            })
        }
        (PREAD, Some(random)) => {
            let mut block = [0; BLOCK as usize];
            random.sum(file.metadata().expect("a file").len(), |offset| {
                file.read_exact_at(&mut block, offset).expect("inside the file");
                sum(&block)
            })
        }
        (_, random) => with_map(way, &file, |bytes| match random {
            None => sum(bytes),
            Some(random) => random
                .sum(bytes.len() as u64, |offset| sum(&bytes[offset as usize..][..BLOCK as usize])),
        }),
    }
}

fn mapping(path: &Path) -> Mapping {
    let options = &mut MappingOptions::new();
    options.path(path).protection(Protection::ReadOnly).create().expect("a file can be mapped")
}

fn windows(mapping: &Mapping, mut each: impl FnMut(&mapview::View) -> u64) -> u64 {
    let mut windows = SlidingWindows::options().memory(64 << 20).open(mapping).expect("a file");
    let mut total = 0_u64;
    while let Some(window) = windows.next().expect("the file stays as it is") {
        total = total.wrapping_add(each(window));
    }
    total
}

/// What other crates map whole.
fn with_map(way: &str, file: &File, use_it: impl FnOnce(&[u8]) -> u64) -> u64 {
    if way == MMAP_RS {
        let len = file.metadata().expect("a file").len() as usize;
        let options = mmap_rs::MmapOptions::new(len).expect("not empty");
        // SAFETY: nobody writes the file, nor cuts it off, while it is measured.
        let map = unsafe { options.with_file(file, 0).map() }.expect("a file can be mapped");
        return use_it(&map);
    }
    let mut options = MmapOptions::new();
    if way == MEMMAP2_POPULATE {
        options.populate();
    }
    // SAFETY: as above.
    let map: Mmap = unsafe { options.map(file) }.expect("a file can be mapped");
    let advice = match way {
        MEMMAP2_SEQUENTIAL => Some(Advice::Sequential),
        MEMMAP2_WILL_NEED => Some(Advice::WillNeed),
        MEMMAP2_RANDOM => Some(Advice::Random),
        _ => None,
    };
    if let Some(advice) = advice {
        map.advise(advice).expect("advice is taken");
    }
    use_it(&map)
}

/// Two threads, one half each.
fn by_halves(len: u64, each: impl Fn(Range<u64>) -> u64 + Sync) -> u64 {
    std::thread::scope(|scope| {
        let first = scope.spawn(|| each(0..len / 2));
        let second = each(len / 2..len);
        first.join().expect("it only reads").wrapping_add(second)
    })
}

struct Random {
    left: u64,
    state: u64,
}

impl Random {
    fn sum(mut self, len: u64, mut at: impl FnMut(u64) -> u64) -> u64 {
        let mut total = 0_u64;
        while self.left > 0 {
            self.left -= 1;
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            total = total.wrapping_add(at((self.state >> 32) % (len / BLOCK) * BLOCK));
        }
        total
    }
}

/// The sum of the words, at the speed of memory.
#[inline(never)]
fn sum(bytes: &[u8]) -> u64 {
    let words = bytes.chunks_exact(8);
    let word = |word: &[u8]| u64::from_le_bytes(word.try_into().expect("eight bytes"));
    black_box(words.fold(0_u64, |total, bytes| total.wrapping_add(word(bytes))))
}
