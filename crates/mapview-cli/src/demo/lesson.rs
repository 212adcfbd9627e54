//! What `demo paging` and `demo cow` have in common: the steps as they are told, each with page maps as they are measured.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anstyle::Style;
use mapview::{PageRun, Residency, View};
use serde::Serialize;

use super::peer::Peer;
use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::pagemap::json::{self, Totals};
use crate::pagemap::mix::Mix;
use crate::pagemap::{legend, text};
use crate::{interrupt, os, out};

/// Bytes of a page, on every system that mapview runs on.
pub const PAGE: usize = 4096;

/// The choices of a lesson.
#[derive(clap::Args)]
pub struct Choices {
    /// Where the file is made that is mapped; it is removed at the end
    #[arg(long, value_name = "PATH")]
    directory: Option<PathBuf>,
    /// Wait for Enter after each step, at a terminal
    #[arg(long)]
    pause: bool,
    /// Print one JSON object per step
    #[arg(long)]
    json: bool,
}

/// The file that is mapped; removed on drop and at Ctrl-C.
pub struct Scratch {
    pub path: PathBuf,
    pub file: File,
}

impl Scratch {
    pub fn new(choices: &Choices) -> Result<Scratch, Failure> {
        let directory = choices.directory.clone().unwrap_or_else(os::directory_on_disk);
        let path = directory.join(format!("mapview-demo-{}", std::process::id()));
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        let file = file.map_err(|error| Failure::file(&path, error))?;
        let scratch = Scratch { path: path.clone(), file };
        interrupt::tidy(move || drop(std::fs::remove_file(&path)))?;
        Ok(scratch)
    }

    pub fn failed(&self, error: io::Error) -> Failure {
        Failure::file(&self.path, error)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path); // somebody else may have removed it
    }
}

/// Reads the first byte of each of these pages, and returns the first.
pub fn touch(view: &View, page: usize, pages: usize) -> Result<u8, Failure> {
    let first = view.read(page * PAGE)?;
    for page in page + 1..page + pages {
        view.read::<u8>(page * PAGE)?;
    }
    Ok(first)
}

/// One page table, or the file alone, at one moment.
pub struct Shot {
    who: &'static str,
    pid: Option<u32>,
    runs: Vec<PageRun>,
    hidden: Vec<String>,
}

impl Shot {
    pub fn of_view(view: &View) -> Result<Shot, Failure> {
        Ok(Shot::new("this process", Some(std::process::id()), view.residency()?))
    }

    /// Without pages, and with the reason, where the system does not show one process the pages of another (Wine).
    pub fn of_peer(peer: &Peer, len: usize) -> Shot {
        let seen = mapview::process_residency(peer.pid(), peer.address(), len);
        let seen = seen.unwrap_or_else(|error| Residency {
            hidden: vec![format!("the pages of the other process: {error}")],
            ..Residency::default()
        });
        Shot::new("other process", Some(peer.pid()), seen)
    }

    pub fn of_file(file: &File) -> Result<Shot, Failure> {
        Ok(Shot::new("the file", None, mapview::file_residency(file, ..)?))
    }

    fn new(who: &'static str, pid: Option<u32>, seen: Residency) -> Shot {
        Shot { who, pid, runs: seen.runs, hidden: seen.hidden }
    }

    pub fn hides_something(&self) -> bool {
        !self.hidden.is_empty()
    }

    pub fn mix(&self) -> Mix {
        Mix::of(&self.runs)
    }
}

/// Tells the steps.
pub struct Teller {
    json: bool,
    pause: bool,
    step: u32,
    hidden: Vec<String>,
    /// Everything that was shown.
    all: Mix,
}

#[derive(Serialize)]
struct Step<'a> {
    step: u32,
    title: &'a str,
    said: &'a [String],
    maps: Vec<Map>,
}

#[derive(Serialize)]
struct Map {
    moment: &'static str,
    who: &'static str,
    pid: Option<u32>,
    totals: Totals,
    runs: Vec<json::Run>,
}

impl Teller {
    pub fn new(choices: &Choices) -> Teller {
        let pause = choices.pause && io::stdin().is_terminal() && !choices.json;
        Teller { json: choices.json, pause, step: 0, hidden: Vec::new(), all: Mix::default() }
    }

    /// Words at the start, which programs do not need.
    pub fn begin(&self, title: &str, words: &str, path: &Path) -> Result<(), Failure> {
        if self.json {
            return Ok(());
        }
        let bold = Style::new().bold();
        let path = out::printable(&path.to_string_lossy());
        out::print(&format!(
            "{bold}{title}{bold:#}\n{words}\nOne character is one page of 4K. Every map is measured.\nThe file is {path}\n"
        ))
    }

    /// One step: what was done, the maps, and what follows from them.
    pub fn step(
        &mut self,
        title: &str,
        said: &[String],
        before: &[&Shot],
        after: &[&Shot],
    ) -> Result<(), Failure> {
        self.step += 1;
        before.iter().chain(after).for_each(|shot| self.all.merge(&shot.mix()));
        for hidden in after.iter().flat_map(|shot| &shot.hidden) {
            if !self.hidden.contains(hidden) {
                self.hidden.push(hidden.clone());
            }
        }
        let moments = [("before", before), ("after", after)];
        let shots = || {
            moments
                .iter()
                .flat_map(|&(moment, shots)| shots.iter().map(move |&shot| (moment, shot)))
        };
        if self.json {
            let map = |(moment, shot): (&'static str, &Shot)| Map {
                moment,
                who: shot.who,
                pid: shot.pid,
                totals: Totals::from(&shot.mix()),
                runs: json::runs(&shot.runs),
            };
            let maps = shots().map(map).collect();
            return out::print_json(&Step { step: self.step, title, said, maps });
        }
        let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
        let mut text = format!("\n{bold}{}. {title}{bold:#}\n", self.step);
        for (moment, shot) in shots().filter(|(_, shot)| !shot.runs.is_empty()) {
            let map = text::line(&shot.runs, PAGE as u64, 64);
            text.push_str(&format!("   {dim}{moment:6} {:13}{dim:#} │{map}│\n", shot.who));
        }
        said.iter().for_each(|line| text.push_str(&format!("   {line}\n")));
        out::print(&text)?;
        self.wait()
    }

    /// What the characters mean, and what the system did not tell.
    pub fn end(&self) -> Result<(), Failure> {
        if self.json {
            return Ok(());
        }
        let dim = Style::new().dimmed();
        let mut text = format!("\n{}", legend::key(&self.all));
        for hidden in &self.hidden {
            text.push_str(&format!("{dim}not told: {}{dim:#}\n", out::printable(hidden)));
        }
        out::print(&text)
    }

    /// Until Enter, or the end of the input.
    fn wait(&self) -> Result<(), Failure> {
        if !self.pause {
            return Ok(());
        }
        let failed = |error: io::Error| Failure::new(Exit::Failed, format!("stdin: {error}"));
        let mut stderr = anstream::stderr();
        write!(stderr, "   (Enter goes on) ").and_then(|()| stderr.flush()).map_err(failed)?;
        io::stdin().lock().read_line(&mut String::new()).map(drop).map_err(failed)
    }
}

/// `1 page`, `2 pages`.
pub fn pages(bytes: u64) -> String {
    match bytes / PAGE as u64 {
        1 => "1 page".into(),
        count => format!("{count} pages"),
    }
}
