//! What was found out about a mapping, a file or a process; everything that is shown comes from here.

use mapview::{PageRun, Protect};
use serde::Serialize;

use crate::out;
use crate::pagemap::json::{self, Totals};
use crate::pagemap::mix::Mix;

/// What was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Mapping(String),
    File(String),
    Process { pid: u32, name: String },
}

/// What was found out.
pub struct Report {
    pub subject: Subject,
    /// Bytes: of the mapping or file, or of all ranges of the process.
    pub size: u64,
    pub page_size: u64,
    /// The pages of the mapping or file as all page tables have them together; none for a process.
    pub runs: Vec<PageRun>,
    pub total: Mix,
    /// The ranges of the process, or the views of the mapping or file in all processes.
    pub ranges: Vec<Range>,
    /// The processes that hold the mapping.
    pub holders: Vec<Who>,
    /// What could not be found out, and why.
    pub hidden: Vec<String>,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Who {
    pub pid: u32,
    #[serde(rename = "process")]
    pub name: String,
}

/// Neighbouring pages with the same attributes in the address space of a process.
pub struct Range {
    pub who: Who,
    pub address: u64,
    pub len: u64,
    /// Where it begins in the file, if known.
    pub offset: Option<u64>,
    /// `None` for reserved addresses.
    pub protection: Option<Protect>,
    pub state: &'static str,
    pub kind: Option<&'static str>,
    pub file: Option<String>,
    /// Pages of memory without a file are not marked as private: they are nobody's copies.
    pub runs: Vec<PageRun>,
}

impl Range {
    pub fn total(&self) -> Mix {
        Mix::of(&self.runs)
    }
}

impl Subject {
    /// The subject for people, without anything that could give a terminal orders.
    pub fn title(&self) -> String {
        match self {
            Subject::Mapping(name) => format!("mapping `{}`", out::printable(name)),
            Subject::File(path) => format!("file `{}`", out::printable(path)),
            Subject::Process { pid, name } => format!("process {pid} `{}`", out::printable(name)),
        }
    }
}

#[derive(Serialize)]
struct Json<'a> {
    kind: &'static str,
    name: &'a str,
    pid: Option<u32>,
    size: u64,
    page_size: u64,
    totals: Totals,
    runs: Option<Vec<json::Run>>,
    ranges: Vec<JsonRange<'a>>,
    holders: Option<&'a [Who]>,
    hidden: &'a [String],
}

#[derive(Serialize)]
struct JsonRange<'a> {
    #[serde(flatten)]
    who: &'a Who,
    address: u64,
    len: u64,
    offset: Option<u64>,
    protection: Option<String>,
    state: &'static str,
    kind: Option<&'static str>,
    file: Option<&'a str>,
    totals: Totals,
    runs: Vec<json::Run>,
}

impl Report {
    /// The report for programs; its fields are documented in `--help`.
    pub fn json(&self) -> impl Serialize + '_ {
        let (kind, name, pid) = match &self.subject {
            Subject::Mapping(name) => ("mapping", name, None),
            Subject::File(path) => ("file", path, None),
            Subject::Process { pid, name } => ("process", name, Some(*pid)),
        };
        let ranges = self.ranges.iter().map(|range| JsonRange {
            who: &range.who,
            address: range.address,
            len: range.len,
            offset: range.offset,
            protection: range.protection.map(|protection| protection.to_string()),
            state: range.state,
            kind: range.kind,
            file: range.file.as_deref(),
            totals: Totals::from(&range.total()),
            runs: json::runs(&range.runs),
        });
        Json {
            kind,
            name,
            pid,
            size: self.size,
            page_size: self.page_size,
            totals: Totals::from(&self.total),
            runs: pid.is_none().then(|| json::runs(&self.runs)),
            ranges: ranges.collect(),
            holders: (kind == "mapping").then_some(&self.holders),
            hidden: &self.hidden,
        }
    }
}
