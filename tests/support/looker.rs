//! A process that maps something, touches pages of it, and tells where it sees them.

use mapview::{
    physical_address, process_residency, Mapping, MappingOptions, PageRun, Place, Protection,
    Residency, Result, View, ViewAccess,
};

use crate::support::{is_child, serve, with_suffix, Line};

pub const PAGE: usize = 4096;

/// Obeys until told to exit.
pub fn look() {
    if is_child() {
        let mut views = Vec::new();
        serve(|line| obey(line, &mut views));
    }
}

fn obey(line: &Line, views: &mut Vec<View>) -> Result<String> {
    let number = |index| line.number(index) as usize;
    match line.verb.as_str() {
        // Where it lies.
        "open" => {
            let mapping = Mapping::open(&with_suffix(&line.text(0)))?;
            views.push(mapping.view()?);
        }
        "file" => {
            let read_only = Protection::ReadOnly;
            let mapping =
                MappingOptions::new().path(line.text(0)).protection(read_only).create()?;
            views.push(View::options().access(ViewAccess::Read).map(&mapping)?);
        }
        "read" => return Ok(views[0].read::<u8>(number(0) * PAGE)?.to_string()),
        "write" => views[0].write(number(0) * PAGE, &1_u8)?,
        "look" => return Ok(describe(&views[0].residency()?)),
        "physical" => return Ok(format!("{:?}", physical_address(views[0].as_ptr().addr())?)),
        "process" => {
            return process_residency(number(0) as u32, number(1), 1).map(|it| describe(&it))
        }
        "where" => {}
        verb => panic!("{verb}"),
    }
    Ok(views[0].as_ptr().addr().to_string())
}

/// `first page+pages:place` of each run, with `*` behind private ones, and what is hidden.
pub fn describe(residency: &Residency) -> String {
    let page = residency.page_size;
    let run = |run: &PageRun| {
        let private = if run.private { "*" } else { "" };
        format!("{}+{}:{:?}{private}", run.offset / page, run.len / page, run.place)
    };
    let runs: Vec<String> = residency.runs.iter().map(run).collect();
    let hidden: Vec<String> = residency.hidden.iter().map(|what| format!(" / {what}")).collect();
    runs.join(" ") + &hidden.concat()
}

/// The place of each page, and that the runs are as they are promised to be.
#[track_caller]
pub fn pages(residency: &Residency) -> Vec<Place> {
    let mut places = Vec::new();
    for pair in residency.runs.windows(2) {
        assert_eq!(pair[0].offset + pair[0].len, pair[1].offset, "a gap");
        let same = PageRun { offset: pair[0].offset, len: pair[0].len, ..pair[1] };
        assert_ne!(same, pair[0], "neighbours are alike");
    }
    for run in &residency.runs {
        assert!(run.len > 0 && run.len % residency.page_size == 0);
        places.extend(std::iter::repeat_n(run.place, (run.len / residency.page_size) as usize));
    }
    places
}
