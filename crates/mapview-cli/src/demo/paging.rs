//! `mapview demo paging`: when memory is really taken.

use mapview::{Place, View};

use super::lesson::{pages, touch, Choices, Scratch, Shot, Teller, PAGE};
use super::peer::{self, Peer, Way};
use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::os;
use crate::pagemap::mix::Mix;

const EXAMPLES: &str = "\
Examples:
  mapview demo paging
  mapview demo paging --pause
  mapview demo paging --directory /dev/shm      what differs where files live in memory
  mapview demo paging --json | jq -r .title

--json prints one object per step: step (its number), title, said (sentences), and
maps: moment (before or after), who, pid, totals and runs as in `mapview inspect --help`.";

const WORDS: &str = "\
Mapping a file takes addresses, not memory. Memory is taken when a page is touched: the processor finds no entry in
the page table (a page fault), the system finds or reads the page, and the program goes on as if nothing had been.";

/// Watch a file being mapped, touched, shared, written, flushed and dropped, page by page
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    choices: Choices,
}

/// Pages of the file.
const PAGES: usize = 64;
const LEN: usize = PAGES * PAGE;
/// Pages that are touched one by one, after the first.
const MORE: (usize, usize) = (32, 8);
/// Pages that are written.
const WRITTEN: usize = 6;

pub fn run(args: &Args) -> Result<(), Failure> {
    let scratch = Scratch::new(&args.choices)?;
    let mut teller = Teller::new(&args.choices);
    teller.begin("Demand paging", WORDS, &scratch.path)?;

    scratch.file.set_len(LEN as u64).map_err(|error| scratch.failed(error))?;
    let sized = Shot::of_file(&scratch.file)?;
    let said = format!("It has {} now. {}", pages(LEN as u64), in_memory(&sized));
    teller.step("A file gets a size", &[said], &[], &[&sized])?;

    let view = peer::map(&scratch.path, Way::Shared)?;
    let mapped = Shot::of_view(&view)?;
    let said = format!("We have addresses for all of it now. {}", in_memory(&mapped));
    teller.step("We map it", &[said], &[&sized], &[&mapped])?;

    let first = first_touch(&mut teller, &view, mapped)?;
    let more = more_touches(&mut teller, &view, first)?;
    let peer = share(&mut teller, &scratch, &view, more)?;
    write_and_flush(&mut teller, &view, &peer)?;
    drop_all(&mut teller, &scratch, view, peer)?;
    again(&mut teller, &scratch)?;
    teller.end()
}

fn first_touch(teller: &mut Teller, view: &View, before: Shot) -> Result<Shot, Failure> {
    let faults = counted(|| touch(view, 0, 1))?;
    let after = Shot::of_view(view)?;
    let mut said = vec!["We read one byte, the first.".into()];
    said.extend(gained(&before.mix(), &after.mix(), 1, faults));
    teller.step("First touch", &said, &[&before], &[&after])?;
    Ok(after)
}

fn more_touches(teller: &mut Teller, view: &View, before: Shot) -> Result<Shot, Failure> {
    let (page, count) = MORE;
    let faults = counted(|| touch(view, page, count))?;
    let after = Shot::of_view(view)?;
    let mut said =
        vec![format!("We read a byte of each page from {page} to {}.", page + count - 1)];
    said.extend(gained(&before.mix(), &after.mix(), count as u64, faults));
    teller.step("More touches", &said, &[&before], &[&after])?;
    Ok(after)
}

fn share(
    teller: &mut Teller,
    scratch: &Scratch,
    view: &View,
    before: Shot,
) -> Result<Peer, Failure> {
    let mut peer = Peer::start(&scratch.path, Way::Shared)?;
    let there = Shot::of_peer(&peer, LEN);
    peer.read(0, 1)?;
    peer.read(MORE.0, MORE.1)?;
    let (after, theirs) = (Shot::of_view(view)?, Shot::of_peer(&peer, LEN));
    let both = after.mix().shared.max(theirs.mix().shared);
    let memory = |shot: &Shot| shot.mix().in_memory();
    let mut said = vec![
        "It maps the same file and reads the same bytes: the same pages come into its page table."
            .into(),
    ];
    said.push(match both {
        0 => "Whether pages are shared, the system does not tell.".into(),
        both => format!("{} are shared: they are in memory once.", pages(both)),
    });
    said.push(format!(
        "In memory before: {}, now: {}.",
        pages(memory(&before)),
        pages(memory(&after))
    ));
    teller.step("Another process touches them", &said, &[&before, &there], &[&after, &theirs])?;
    Ok(peer)
}

fn write_and_flush(teller: &mut Teller, view: &View, peer: &Peer) -> Result<(), Failure> {
    let before = Shot::of_view(view)?;
    view.fill(0, WRITTEN * PAGE, b'x')?;
    let (dirty, theirs) = (Shot::of_view(view)?, Shot::of_peer(peer, LEN));
    let mut said = vec![format!(
        "We fill {WRITTEN} pages. The other process sees it at once, the disk does not have it yet."
    )];
    said.push(dirt(&dirty.mix()));
    teller.step("We write", &said, &[&before], &[&dirty, &theirs])?;

    view.sync()?;
    let clean = Shot::of_view(view)?;
    let said = match (dirty.mix().dirty, clean.mix().dirty) {
        (1.., 0) => {
            "The disk has them now. They stay in memory, and dropping them costs nothing.".into()
        }
        _ => dirt(&clean.mix()),
    };
    teller.step("We flush", &[said], &[&dirty], &[&clean])
}

fn drop_all(teller: &mut Teller, scratch: &Scratch, view: View, peer: Peer) -> Result<(), Failure> {
    let before = Shot::of_view(&view)?;
    peer.end()?;
    view.unmap()?;
    let unmapped = Shot::of_file(&scratch.file)?;
    let said = [
        "The other process ends, we unmap. Nobody maps the file now.".into(),
        format!(
            "{} stay in memory: perhaps somebody comes back.",
            pages(unmapped.mix().in_memory())
        ),
    ];
    teller.step("Everybody leaves", &said, &[&before], &[&unmapped])?;

    let asked = os::drop_cache(&scratch.file).map_err(|error| scratch.failed(error))?;
    let dropped = Shot::of_file(&scratch.file)?;
    let (left, on_disk) = (dropped.mix().in_memory(), dropped.mix().at(Place::OnDisk));
    let said = match (asked, left) {
        (false, _) => [
            "This system has no request for that: it drops pages when it needs the memory.".into(),
            String::new(),
        ],
        (true, 0) => [
            "We ask for what the system does by itself when it needs the memory.".into(),
            format!(
                "{} are on disk now. Those that were only read are a hole again.",
                pages(on_disk)
            ),
        ],
        (true, left) => [
            "We ask for what the system does by itself when it needs the memory.".into(),
            format!("{} stay: this file lives in memory and has no disk (tmpfs).", pages(left)),
        ],
    };
    teller.step("The pages are dropped from memory", &said, &[&unmapped], &[&dropped])
}

fn again(teller: &mut Teller, scratch: &Scratch) -> Result<(), Failure> {
    let view = peer::map(&scratch.path, Way::Shared)?;
    let before = Shot::of_view(&view)?;
    let mut first = 0;
    let faults = counted(|| touch(&view, 0, 1).map(|byte| first = byte))?;
    let after = Shot::of_view(&view)?;
    if first != b'x' {
        return Err(Failure::new(Exit::Failed, "what was written is not there"));
    }
    let mut said = vec!["We map it again and read the first byte. What we wrote is there.".into()];
    said.extend(gained(&before.mix(), &after.mix(), 1, faults));
    teller.step("Touched again", &said, &[&before], &[&after])
}

/// How much the disk does not have yet, in words.
fn dirt(mix: &Mix) -> String {
    match mix.dirty {
        0 if mix.untold == mix.in_memory() => {
            "The system does not tell what is dirty here; a file that lives in memory (tmpfs) has no disk.".into()
        }
        0 => "Nothing is dirty: the system has written it already.".into(),
        1..=4096 => "1 page is dirty.".into(),
        bytes => format!("{} are dirty.", pages(bytes)),
    }
}

/// Page faults meanwhile: all, and those that read the disk.
fn counted<T>(action: impl FnOnce() -> Result<T, Failure>) -> Result<Option<(u64, u64)>, Failure> {
    os::page_faults(); // so that its own first-time faults are not counted
    let before = os::page_faults();
    action()?;
    let after = os::page_faults();
    Ok(after.zip(before).map(|(after, before)| (after.0 - before.0, after.1 - before.1)))
}

/// What touching `touched` pages has brought, in words.
fn gained(before: &Mix, after: &Mix, touched: u64, faults: Option<(u64, u64)>) -> Vec<String> {
    let gain = |count: fn(&Mix) -> u64| (count(after).saturating_sub(count(before))) / PAGE as u64;
    let (present, memory) = (gain(|mix| mix.at(Place::Present)), gain(Mix::in_memory));
    let mut said = Vec::new();
    if let Some((all, from_disk)) = faults {
        let faults = if all == 1 { "1 page fault".into() } else { format!("{all} page faults") };
        let disk = match from_disk {
            0 => "none of which waited for the disk".into(),
            waited => format!("{waited} of which waited for the disk"),
        };
        said.push(format!("It took {faults}, {disk}."));
    }
    if present > touched {
        let along = pages((present - touched) * PAGE as u64);
        said.push(format!("{along} came along: the system maps neighbours, too, if they are in memory (fault-around)."));
    } else if present < touched && present > 0 {
        said.push(format!("Only {} were new.", pages(present * PAGE as u64)));
    }
    if memory > present {
        let ahead = pages((memory - present) * PAGE as u64);
        said.push(format!(
            "{ahead} more were read ahead: they are in memory, waiting for their first touch."
        ));
    }
    said
}

fn in_memory(shot: &Shot) -> String {
    let there = shot.mix().in_memory() / PAGE as u64;
    let limit = if shot.hides_something() { ", as far as the system tells" } else { "" };
    format!("In memory: {there}{limit}.")
}
