//! Pages for programs.

use mapview::{PageRun, Place, Sharing};
use serde::Serialize;

use super::look;
use super::mix::Mix;

/// A run of pages.
#[derive(Serialize)]
pub struct Run {
    offset: u64,
    len: u64,
    place: &'static str,
    dirty: Option<bool>,
    sharing: &'static str,
    processes: Option<u32>,
    huge: bool,
    private: bool,
}

pub fn runs(runs: &[PageRun]) -> Vec<Run> {
    runs.iter()
        .map(|run| {
            let (sharing, processes) = match run.sharing {
                Sharing::Unknown => ("unknown", None),
                Sharing::Alone => ("alone", Some(1)),
                Sharing::Shared(processes) => ("shared", processes),
            };
            let place = look::of(run.place).word;
            let PageRun { offset, len, dirty, huge, private, .. } = *run;
            Run { offset, len, place, dirty, sharing, processes, huge, private }
        })
        .collect()
}

/// Bytes by place and mark.
#[derive(Serialize)]
pub struct Totals {
    present: u64,
    cached: u64,
    swapped: u64,
    on_disk: u64,
    not_allocated: u64,
    dirty: Option<u64>,
    shared: u64,
    huge: u64,
    private: u64,
}

impl From<&Mix> for Totals {
    fn from(mix: &Mix) -> Totals {
        Totals {
            present: mix.at(Place::Present),
            cached: mix.at(Place::Cached),
            swapped: mix.at(Place::Swapped),
            on_disk: mix.at(Place::OnDisk),
            not_allocated: mix.at(Place::NotAllocated),
            // Known for no page that could be dirty: then there is no number.
            dirty: (mix.untold == 0 || mix.untold < mix.in_memory()).then_some(mix.dirty),
            shared: mix.shared,
            huge: mix.huge,
            private: mix.private,
        }
    }
}
