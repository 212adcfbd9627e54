//! `mapview demo cow`: two processes write to the same file, and neither the file nor the other sees it.

use mapview::{Place, View};

use super::lesson::{pages, touch, Choices, Scratch, Shot, Teller, PAGE};
use super::peer::{self, Peer, Way};
use crate::exit_codes::Exit;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  mapview demo cow
  mapview demo cow --pause
  mapview demo cow --json | jq '.maps[].totals.private'

--json prints one object per step: step (its number), title, said (sentences), and
maps: moment (before or after), who, pid, totals and runs as in `mapview inspect --help`.";

const WORDS: &str = "\
A copy-on-write view shows the file's own pages until it is written to. At the first write to a page the system makes
a copy of it for this process alone; the file and everybody else keep the old one.";

/// Watch two processes write to their copy-on-write views of one file
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    choices: Choices,
}

/// Pages of the file.
const PAGES: usize = 32;
const LEN: usize = PAGES * PAGE;
/// What we write, and what the other process does: first page, pages. They overlap.
const OURS: (usize, usize) = (4, 8);
const THEIRS: (usize, usize) = (10, 6);

pub fn run(args: &Args) -> Result<(), Failure> {
    let scratch = Scratch::new(&args.choices)?;
    let mut teller = Teller::new(&args.choices);
    teller.begin("Copy-on-write", WORDS, &scratch.path)?;
    std::fs::write(&scratch.path, [b'A'; LEN]).map_err(|error| scratch.failed(error))?;

    let view = peer::map(&scratch.path, Way::CopyOnWrite)?;
    let mut peer = Peer::start(&scratch.path, Way::CopyOnWrite)?;
    let shots = |view: &View, peer: &Peer| {
        Ok::<_, Failure>([Shot::of_view(view)?, Shot::of_peer(peer, LEN)])
    };
    let mapped = shots(&view, &peer)?;
    let said = format!("{} full of `A`; two processes map it copy-on-write.", pages(LEN as u64));
    teller.step("Two processes map a file", &[said], &[], &[&mapped[0], &mapped[1]])?;

    touch(&view, 0, PAGES)?;
    peer.read(0, PAGES)?;
    let read = shots(&view, &peer)?;
    teller.step(
        "Both read all of it",
        &told(&read),
        &[&mapped[0], &mapped[1]],
        &[&read[0], &read[1]],
    )?;

    view.fill(OURS.0 * PAGE, OURS.1 * PAGE, b'B')?;
    let written = shots(&view, &peer)?;
    let mut said =
        vec![format!("We write `B` to {} from page {} on.", pages((OURS.1 * PAGE) as u64), OURS.0)];
    said.extend(told(&written));
    teller.step("We write", &said, &[&read[0], &read[1]], &[&written[0], &written[1]])?;

    peer.write(THEIRS.0, THEIRS.1, b'C')?;
    let both = shots(&view, &peer)?;
    let mut said = vec![format!(
        "It writes `C` to {} from page {} on.",
        pages((THEIRS.1 * PAGE) as u64),
        THEIRS.0
    )];
    said.extend(told(&both));
    teller.step(
        "The other process writes",
        &said,
        &[&written[0], &written[1]],
        &[&both[0], &both[1]],
    )?;

    let file = std::fs::read(&scratch.path).map_err(|error| scratch.failed(error))?;
    let mut said = Vec::new();
    let mut right = file == [b'A'; LEN];
    for (page, expected) in
        [(0, "AAA"), (OURS.0, "BAA"), (THEIRS.0, "BCA"), (THEIRS.0 + THEIRS.1 - 1, "ACA")]
    {
        let bytes = [view.read::<u8>(page * PAGE)?, peer.read(page, 1)?, file[page * PAGE]];
        let [here, there, on_disk] = bytes.map(char::from);
        said.push(format!(
            "page {page:2}: we see {here}, the other process sees {there}, the file has {on_disk}"
        ));
        right &= bytes == expected.as_bytes();
    }
    teller.step("Everybody sees their own", &said, &[], &[&both[0], &both[1]])?;

    peer.end()?;
    view.unmap()?;
    let after = Shot::of_file(&scratch.file)?;
    let unchanged = std::fs::read(&scratch.path).map_err(|error| scratch.failed(error))? == file;
    right &= unchanged;
    let said = match unchanged {
        true => "The copies are gone. Not a byte of the file has changed.",
        false => "The file has CHANGED, which must not be.",
    };
    teller.step("Both unmap it", &[said.into()], &[&both[0], &both[1]], &[&after])?;
    teller.end()?;
    match right {
        true => Ok(()),
        false => Err(Failure::new(Exit::Failed, "somebody saw what they should not see")),
    }
}

/// How many pages are the file's own, and how many are copies.
fn told(shots: &[Shot; 2]) -> Vec<String> {
    let said = |(who, shot): (&str, &Shot)| {
        let mix = shot.mix();
        let copies = mix.private / PAGE as u64;
        let own = (mix.at(Place::Present) / PAGE as u64).saturating_sub(copies);
        let copies =
            if copies == 1 { "1 private copy".into() } else { format!("{copies} private copies") };
        format!(
            "{who} {} in its page table: {own} of the file's own, and {copies}.",
            pages(mix.at(Place::Present))
        )
    };
    let known = |(_, shot): &(&str, &Shot)| shot.mix().len() != 0;
    ["This process has", "The other has"].into_iter().zip(shots).filter(known).map(said).collect()
}
