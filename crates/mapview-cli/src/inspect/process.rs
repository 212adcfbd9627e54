//! What can be found out about the address space of a process.

use mapview::{MemoryInfo, MemoryKind, MemoryState, Process};

use super::report::{Range, Report, Subject, Who};
use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::pagemap::mix::Mix;

/// Looks at all ranges of a process, or at what it has from an address on: `length` bytes, or to the end of the range.
pub fn look(pid: u32, address: Option<u64>, length: Option<u64>) -> Result<Report, Failure> {
    let process = Process::open(pid)?;
    let who = Who { pid, name: process.name()? };
    let infos = process.memory_map()?.filter(|info| info.state != MemoryState::Free);
    let mut parts: Vec<(MemoryInfo, Span)> =
        infos.map(|info| (info.clone(), Span::of(&info))).collect();
    if let Some(address) = address {
        let within = |span: &Span| span.address <= address && address < span.end();
        let first = parts.iter().find(|(_, span)| within(span));
        let end = length.map(|length| address.saturating_add(length));
        let wanted =
            Span::between(address, end.or(first.map(|(_, span)| span.end())).unwrap_or(address));
        parts = parts
            .into_iter()
            .filter_map(|(info, span)| Some((info, span.common(&wanted)?)))
            .collect();
        if parts.is_empty() {
            let nothing = format!("process {pid} has nothing at {address:#x}");
            return Err(Failure::new(Exit::NotFound, nothing));
        }
    }
    let mut report = Report {
        subject: Subject::Process { pid, name: who.name.clone() },
        size: parts.iter().map(|(_, span)| span.len).sum(),
        page_size: 4096,
        runs: Vec::new(),
        total: Mix::default(),
        ranges: Vec::new(),
        holders: Vec::new(),
        hidden: Vec::new(),
    };
    for (info, span) in parts {
        report.add(&who, &info, &span);
    }
    Ok(report)
}

/// A part of the address space.
#[derive(Clone, Copy)]
struct Span {
    address: u64,
    len: u64,
}

impl Span {
    fn of(info: &MemoryInfo) -> Span {
        Span { address: info.base as u64, len: info.len as u64 }
    }

    fn between(address: u64, end: u64) -> Span {
        Span { address, len: end.saturating_sub(address) }
    }

    fn end(&self) -> u64 {
        self.address + self.len
    }

    /// What both have, in whole pages.
    fn common(&self, other: &Span) -> Option<Span> {
        let page = |address: u64| address / 4096 * 4096;
        let from = self.address.max(page(other.address));
        let to = self.end().min(page(other.end().saturating_add(4095)));
        (from < to).then(|| Span::between(from, to))
    }
}

impl Report {
    fn add(&mut self, who: &Who, info: &MemoryInfo, span: &Span) {
        let (address, len) = (span.address as usize, span.len as usize);
        let mut runs = match mapview::process_residency(who.pid, address, len) {
            Ok(seen) => {
                let new = seen.hidden.into_iter().filter(|hidden| !self.hidden.contains(hidden));
                let new: Vec<String> = new.collect();
                self.hidden.extend(new);
                self.page_size = seen.page_size;
                seen.runs
            }
            Err(error) => {
                self.hidden.push(format!("the pages at {address:#x}: {error}"));
                Vec::new()
            }
        };
        if info.kind == Some(MemoryKind::Private) {
            runs.iter_mut().for_each(|run| run.private = false);
        }
        self.total.merge(&Mix::of(&runs));
        self.ranges.push(Range {
            who: who.clone(),
            address: span.address,
            len: span.len,
            offset: None,
            protection: info.protect,
            state: state(info.state),
            kind: info.kind.map(kind),
            file: info.file.as_ref().map(|path| path.to_string_lossy().into_owned()),
            runs,
        });
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
