//! Where the pages of large files are, beside `mincore` on the same range, which tells less: cached or not.

use std::fs::File;
use std::os::unix::fs::FileExt;

use mapview::{file_residency, MappingOptions, Place, Protection, View, ViewAccess};

use crate::measure::{by_turns, Effort, Side};
use crate::table::{Budget, Row, Unit};

const PAGE: u64 = 4096;
const MIB: u64 = 1 << 20;
const ISLANDS: u64 = 1000;
const RIVAL: &str = "mincore on the whole range";

pub fn rows(effort: &Effort) -> Vec<Row> {
    let (sparse, cached) =
        if effort.short { (4096 * MIB, 64 * MIB) } else { (102_400 * MIB, 4096 * MIB) };
    let mut rows = of_sparse(effort, sparse);
    rows.extend(of_cached(effort, cached));
    rows
}

fn of_sparse(effort: &Effort, len: u64) -> Vec<Row> {
    let file = file(len);
    let view = mapped(&file);
    let gib = len / (1024 * MIB);
    let untouched = compared(effort, format!("view of {gib} GiB, sparse, untouched"), &view);
    for island in 0..ISLANDS {
        file.write_all_at(b"x", len / ISLANDS * island / PAGE * PAGE).expect("room on the disk");
    }
    let name = format!("view of {gib} GiB, sparse, {ISLANDS} pages cached");
    let islands = compared(effort, name, &view);
    let found = view.residency().expect("a residency").bytes(|run| run.place == Place::Cached);
    assert_eq!(found, ISLANDS * PAGE);
    [untouched, islands].map(|row| row.budget(Budget::AtMost(50e6))).into()
}

fn of_cached(effort: &Effort, len: u64) -> Vec<Row> {
    let file = file(len);
    let bytes = vec![7; MIB as usize];
    (0..len / MIB).for_each(|at| file.write_all_at(&bytes, at * MIB).expect("room on the disk"));
    file.sync_all().expect("a disk that works");
    let view = mapped(&file);
    let name = |what: &str| format!("view of {} MiB, {what}", len / MIB);
    let cached = compared(effort, name("cached"), &view).budget(Budget::RatioAtMost(1.0));
    // Where others need the memory, the system may not keep all of it.
    let kept = file_residency(&file, ..).expect("a residency").in_memory() / MIB;
    let cached = cached.note(format!("{kept} MiB of them at the end"));
    for page in 0..len / PAGE {
        view.read::<u8>((page * PAGE) as usize).expect("inside the view");
    }
    let present = compared(effort, name("in the page table"), &view)
        .note("mincore does not tell that, nor who shares a page");
    vec![cached, present]
}

fn compared(effort: &Effort, operation: String, view: &View) -> Row {
    let mut pages = vec![0_u8; view.len().div_ceil(PAGE as usize)];
    let (address, len) = (view.as_ptr(), view.len());
    let ours: Side<'_> = Box::new(move |times| {
        (0..times).for_each(|_| drop(view.residency().expect("a residency")));
    });
    let rival: Side<'_> = Box::new(move |times| {
        for _ in 0..times {
            // SAFETY: the range of a view that lives; one byte for each of its pages.
            let failed = unsafe { libc::mincore(address.cast(), len, pages.as_mut_ptr()) };
            assert_eq!(failed, 0);
        }
    });
    let times = by_turns(effort.repetitions(5), vec![ours, rival]);
    Row::new(operation, Unit::Nanoseconds, times[0], RIVAL, Some(times[1]))
}

fn file(len: u64) -> File {
    let file = tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR")).expect("a file");
    file.set_len(len).expect("a file system that knows holes");
    file
}

fn mapped(file: &File) -> View {
    let mut options = MappingOptions::new();
    let mapping = options.file(file).protection(Protection::ReadOnly).create().expect("a mapping");
    View::options().access(ViewAccess::Read).map(&mapping).expect("a view")
}
