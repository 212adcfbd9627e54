//! What can be found out about a mapping or a file: its pages, and who has them in the page table.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;

use mapview::{
    file_residency, ErrorKind, Mapping, MappingOptions, ObjectKind, PageRun, Place, Protection,
    Residency, View, ViewOptions,
};

use super::os::{self, Mapped};
use super::pages;
use super::report::{Range, Report, Subject, Who};
use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::out;
use crate::pagemap::mix::{clip, Mix};
use crate::pagemap::overlay::{overlay, Held};

/// Looks at the mapping of this name, else at the file of this path.
pub fn look(what: &OsStr) -> Result<Report, Failure> {
    let path = Path::new(what);
    // A path that is no text is no name.
    let Some(name) = what.to_str() else { return file_report(path, None) };
    match Mapping::open_read_only(name) {
        Ok(mapping) => mapping_report(name, &mapping),
        Err(error) => file_report(path, Some(error)),
    }
}

fn mapping_report(name: &str, mapping: &Mapping) -> Result<Report, Failure> {
    let view = ViewOptions::new().map(mapping)?;
    let residency = view.residency()?;
    let mut report = report(Subject::Mapping(name.into()), mapping.size(), residency, Some(&view));
    report.holders = holders(mapping)?;
    Ok(report)
}

/// The pages of a file, or why there is no mapping where there is no file either.
fn file_report(path: &Path, no_mapping: Option<mapview::Error>) -> Result<Report, Failure> {
    let shown = path.to_string_lossy();
    let failed = |error| Failure::file(path, error);
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if !is_missing(&error) => return Err(failed(error)),
        Err(_) => {
            let name = out::printable(&shown);
            let neither = format!("there is neither a mapping nor a file called `{name}`");
            let other = no_mapping.filter(|error| !could_be_missing(error.kind()));
            return Err(other.map_or(Failure::new(Exit::NotFound, neither), Failure::from));
        }
    };
    if !metadata.is_file() {
        // Opening a pipe would wait for its other end.
        let name = out::printable(&shown);
        return Err(Failure::new(Exit::Failed, format!("`{name}` is not a plain file")));
    }
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let mapped = |error| Failure::mapped_file(path, error);
    let residency = file_residency(&file, ..).map_err(mapped)?;
    let view = match size {
        0 => None,
        _ => first_page(file).ok(), // refused where somebody has it exclusively
    };
    Ok(report(Subject::File(shown.into()), size, residency, view.as_ref()))
}

fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename)
}

/// Whether there is no such mapping, or there cannot be: paths are seldom valid names.
fn could_be_missing(kind: ErrorKind) -> bool {
    use ErrorKind::{BadPathName, InvalidName, NotFound, PathNotFound};
    matches!(kind, NotFound | PathNotFound | BadPathName | InvalidName)
}

/// A view of the file's first bytes, which tells us by which numbers the system knows it.
fn first_page(file: File) -> mapview::Result<View> {
    let mapping = MappingOptions::new().file(&file).protection(Protection::ReadOnly).create()?;
    ViewOptions::new().len(1).map(&mapping)
}

/// Puts together what the file itself and the page tables tell.
fn report(subject: Subject, size: u64, residency: Residency, view: Option<&View>) -> Report {
    let Residency { runs, page_size, mut hidden, .. } = residency;
    let base = clip(runs, size);
    let identity = view.and_then(|view| os::identity(view.as_ptr().addr()));
    let (views, unseen) = match &identity {
        Some(identity) => os::views(identity),
        None if size == 0 => (Vec::new(), None),
        None => (Vec::new(), Some("which processes map it: it cannot be mapped here".into())),
    };
    let mut complete = unseen.is_none();
    hidden.extend(unseen);
    let (mut ranges, mut held) = (Vec::new(), Vec::new());
    for views in views.chunk_by(|a, b| a.pid == b.pid) {
        let who = Who { pid: views[0].pid, name: os::process_name(views[0].pid) };
        let pages = match pages(views) {
            Ok(pages) => pages,
            Err(error) if error.kind() == ErrorKind::NotFound => continue, // it has ended
            Err(error) => {
                complete = false;
                hidden.push(format!("the page table of process {}: {error}", who.pid));
                vec![Vec::new(); views.len()]
            }
        };
        for (view, runs) in views.iter().zip(pages) {
            held.extend(in_table(view, &runs));
            ranges.push(range(who.clone(), view, runs));
        }
    }
    let runs = overlay(&base, &held, complete);
    let total = Mix::of(&runs);
    Report { subject, size, page_size, runs, total, ranges, holders: Vec::new(), hidden }
}

/// The pages of the views of one process.
fn pages(views: &[Mapped]) -> mapview::Result<Vec<Vec<PageRun>>> {
    let spans: Vec<_> = views.iter().map(|view| view.address..view.address + view.len).collect();
    Ok(pages::of_process(views[0].pid, &spans)?.of)
}

/// Which pages of the file the view has in its page table. Its own copies are not the file's pages.
fn in_table(view: &Mapped, runs: &[PageRun]) -> Vec<Held> {
    let present = runs.iter().filter(|run| run.place == Place::Present && !run.private);
    let held = |run: &PageRun| Held {
        pid: view.pid,
        offset: view.offset + run.offset,
        len: run.len,
        huge: run.huge,
    };
    present.map(held).collect()
}

fn range(who: Who, view: &Mapped, runs: Vec<PageRun>) -> Range {
    Range {
        who,
        address: view.address,
        len: view.len,
        offset: Some(view.offset),
        protection: Some(view.protection),
        state: "committed",
        kind: Some("mapped"),
        file: None,
        runs,
    }
}

/// The processes that hold the mapping, but for this one, which looks.
fn holders(mapping: &Mapping) -> Result<Vec<Who>, Failure> {
    let objects = mapview::objects()?;
    let mut same = objects.into_iter().filter(|object| {
        object.kind == ObjectKind::Mapping && Some(&object.name) == mapping.name()
    });
    let pids = same.next().map(|object| object.holders).unwrap_or_default();
    let others = pids.into_iter().filter(|&pid| pid != std::process::id());
    Ok(others.map(|pid| Who { pid, name: os::process_name(pid) }).collect())
}
