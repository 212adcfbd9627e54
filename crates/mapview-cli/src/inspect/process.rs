//! What can be found out about the address space of a process.

use std::ops::Range as Span;

use mapview::{ErrorKind, MemoryInfo, MemoryKind, MemoryState, PageRun, Process};

use super::pages::{self, Pages};
use super::report::{Range, Report, Subject, Who};
use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::pagemap::mix::Mix;

/// Bytes of a page, until the system has told.
const PAGE: u64 = 4096;

/// Looks at all ranges of a process, or at what it has from an address on: `length` bytes, or to the end of the range.
pub fn look(pid: u32, address: Option<u64>, length: Option<u64>) -> Result<Report, Failure> {
    let process = Process::open(pid)?;
    let who = Who { pid, name: process.name()? };
    let infos = process.memory_map()?.filter(|info| info.state != MemoryState::Free);
    let mut parts: Vec<Part> = infos.map(Part::whole).collect();
    if let Some(address) = address {
        parts = cut(parts, address, length);
        if parts.is_empty() {
            let nothing = format!("process {pid} has nothing at {address:#x}");
            return Err(Failure::new(Exit::NotFound, nothing));
        }
    }
    let spans: Vec<Span<u64>> = parts.iter().map(|part| part.span.clone()).collect();
    let pages = match pages::of_process(pid, &spans) {
        Err(error) if error.kind() != ErrorKind::NotFound => Pages {
            of: vec![Vec::new(); spans.len()],
            hidden: vec![format!("the pages: {error}")],
            page_size: None,
        },
        pages => pages?,
    };
    let ranges = parts.iter().zip(pages.of).map(|(part, runs)| range(&who, part, runs));
    let ranges: Vec<Range> = ranges.collect();
    let mut total = Mix::default();
    ranges.iter().for_each(|range| total.merge(&range.total()));
    Ok(Report {
        subject: Subject::Process { pid, name: who.name },
        size: spans.iter().map(|span| span.end - span.start).sum(),
        page_size: pages.page_size.unwrap_or(PAGE),
        runs: Vec::new(),
        total,
        ranges,
        holders: Vec::new(),
        hidden: pages.hidden,
    })
}

/// A range of the process, or as much of it as is wanted.
struct Part {
    info: MemoryInfo,
    span: Span<u64>,
}

impl Part {
    fn whole(info: MemoryInfo) -> Part {
        let start = info.base as u64;
        Part { span: start..start + info.len as u64, info }
    }
}

/// What of the parts lies at the address and behind it, in whole pages.
fn cut(parts: Vec<Part>, address: u64, length: Option<u64>) -> Vec<Part> {
    let there = parts.iter().find(|part| part.span.contains(&address));
    let end = match (length, there) {
        (Some(length), _) => address.saturating_add(length),
        (None, Some(there)) => there.span.end,
        (None, None) => return Vec::new(),
    };
    let (from, to) = (address / PAGE * PAGE, end.checked_next_multiple_of(PAGE).unwrap_or(end));
    let within = |mut part: Part| {
        part.span = part.span.start.max(from)..part.span.end.min(to);
        (!part.span.is_empty()).then_some(part)
    };
    parts.into_iter().filter_map(within).collect()
}

fn range(who: &Who, Part { info, span }: &Part, mut runs: Vec<PageRun>) -> Range {
    if info.kind == Some(MemoryKind::Private) {
        runs.iter_mut().for_each(|run| run.private = false);
    }
    Range {
        who: who.clone(),
        address: span.start,
        len: span.end - span.start,
        offset: None,
        protection: info.protect,
        state: state(info.state),
        kind: info.kind.map(kind),
        file: info.file.as_ref().map(|path| path.to_string_lossy().into_owned()),
        runs,
    }
}

fn state(state: MemoryState) -> &'static str {
    match state {
        MemoryState::Free => "free",
        MemoryState::Reserved => "reserved",
        MemoryState::Committed => "committed",
    }
}

fn kind(kind: MemoryKind) -> &'static str {
    match kind {
        MemoryKind::Private => "private",
        MemoryKind::Mapped => "mapped",
        MemoryKind::Image => "image",
    }
}
