//! What lies at an address, by the rules of `VirtualQuery`: the kernel's ranges, and over them what the book knows better.

use std::ffi::OsString;
use std::ops::Range;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::book::{self, copies, Book, Imaged, Viewed};
use super::memory::{self, Memory};
use super::os::{maps, memory::page_size};
use super::protection::written;
use super::{pages, reserved, space};
use crate::{Error, ErrorKind, MemoryInfo, MemoryKind, MemoryState, Protect, Result};

/// `VirtualQuery`.
pub(crate) fn query(address: usize) -> Result<MemoryInfo> {
    // What was allocated or mapped here needs no look at the kernel's ranges, which takes longer the more there are.
    let book = book::read();
    if let Some((base, found)) = book.allocation(address) {
        let page = address / page_size() * page_size();
        return Ok(found.info(base, page..found.end).next().expect("a page of it"));
    }
    if let Some((_, view)) = book.view(address) {
        if let Some(image) = &view.image {
            return space::at(&of_image(&book, image), address);
        }
    }
    if let Some((base, view)) = book.view(address) {
        return space::at(&of_view(base, view, path_of(&view.memory)), address);
    }
    drop(book);
    space::at(&regions()?, address)
}

/// The whole address space, without gaps.
pub(crate) fn regions() -> Result<Vec<MemoryInfo>> {
    let book = book::read();
    let ranges = maps::of_this_process().map_err(|error| {
        Error::new(ErrorKind::Other, format!("reading /proc/self/maps: {error}"))
    })?;
    let told = space::describe(std::process::id(), &ranges);
    let file = told_file(&ranges);
    Ok(overlay(told, known(&book, &file)))
}

/// What the kernel calls the file at an address.
fn told_file(ranges: &[maps::Range]) -> impl Fn(usize) -> Option<PathBuf> + '_ {
    |address| {
        let at = ranges.partition_point(|range| range.end <= address);
        ranges
            .get(at)
            .filter(|range| !range.path.is_empty())
            .map(|range| PathBuf::from(&range.path))
    }
}

fn path_of(memory: &Memory) -> Option<PathBuf> {
    let path = memory::path_of(memory.any_descriptor().0);
    (!path.is_empty()).then(|| OsString::from_vec(path).into())
}

/// What the book knows, in the order of the addresses.
fn known(book: &Book, file: &dyn Fn(usize) -> Option<PathBuf>) -> Vec<MemoryInfo> {
    let private = book.private.iter().flat_map(|(&base, found)| found.info(base, base..found.end));
    let views = book.views.iter().flat_map(|(&base, view)| of_view(base, view, file(base)));
    let mut known: Vec<MemoryInfo> = private.chain(views).collect();
    known.sort_by_key(|info| info.base);
    known
}

/// The rows of an image, whose parts are told as one where they are alike.
fn of_image(book: &Book, image: &Imaged) -> Vec<MemoryInfo> {
    let mut told = Vec::new();
    let parts = book.views.range(image.range.clone());
    let rows = parts.flat_map(|(&base, view)| of_view(base, view, None));
    rows.for_each(|info| space::push(&mut told, info));
    told
}

fn of_view(base: usize, view: &Viewed, file: Option<PathBuf>) -> Vec<MemoryInfo> {
    let file = match &view.image {
        Some(image) => path_of(&image.file),
        None => file,
    };
    let file = file.filter(|_| view.image.is_some() || view.memory.is_file());
    let mut told = Vec::new();
    let mut at = base;
    // What cannot be asked is told as committed: it may be.
    let all = base..view.end;
    let committed = reserved::committed(view, base, all.clone()).unwrap_or_else(|_| vec![all]);
    for part in committed.into_iter().chain(std::iter::once(view.end..view.end)) {
        if at < part.start {
            space::push(&mut told, info(at..part.start, base, view, None, &file));
        }
        at = part.end;
        of_committed(part, base, view, &file, &mut told);
    }
    told
}

fn of_committed(
    part: Range<usize>,
    base: usize,
    view: &Viewed,
    file: &Option<PathBuf>,
    told: &mut Vec<MemoryInfo>,
) {
    let shown = if part.is_empty() { Vec::new() } else { view.shown(part) };
    for (run, shown) in shown {
        // A copy-on-write page that was written is an ordinary page from then on.
        let copied = match copies(shown.protect) && !shown.protect.is_guarded() {
            true => pages::copied(run.clone()).unwrap_or_default(),
            false => Vec::new(),
        };
        let mut at = run.start;
        for copy in copied.into_iter().chain(std::iter::once(run.end..run.end)) {
            for (part, protect) in
                [(at..copy.start, shown.protect), (copy.clone(), written(shown.protect))]
            {
                if !part.is_empty() {
                    space::push(told, info(part, base, view, Some(protect), file));
                }
            }
            at = copy.end;
        }
    }
}

fn info(
    part: Range<usize>,
    base: usize,
    view: &Viewed,
    protect: Option<Protect>,
    file: &Option<PathBuf>,
) -> MemoryInfo {
    MemoryInfo {
        base: part.start,
        len: part.len(),
        allocation_base: view.image.as_ref().map_or(base, |image| image.range.start),
        allocation_protect: Some(view.protect),
        state: if protect.is_some() { MemoryState::Committed } else { MemoryState::Reserved },
        protect,
        caching: view.memory.caching(),
        kind: Some(if view.image.is_some() { MemoryKind::Image } else { MemoryKind::Mapped }),
        file: file.clone(),
    }
}

/// Puts what is known in the place of what the kernel told.
fn overlay(told: Vec<MemoryInfo>, known: Vec<MemoryInfo>) -> Vec<MemoryInfo> {
    let mut all = Vec::with_capacity(told.len() + known.len());
    let mut known = known.into_iter().peekable();
    let mut at = space::LOWEST;
    for info in told {
        // The kernel may tell in parts what is known as one.
        let end = info.base + info.len;
        while at < end {
            let next = known.next_if(|next| next.base <= at).unwrap_or_else(|| {
                let until = known.peek().map_or(end, |next| next.base.min(end));
                MemoryInfo { base: at, len: until - at, ..info.clone() }
            });
            at = next.base + next.len;
            space::push(&mut all, next);
        }
    }
    all
}
