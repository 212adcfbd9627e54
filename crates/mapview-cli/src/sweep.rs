//! Going over files through sliding windows: what the commands that do so share.

use std::path::{Path, PathBuf};

use mapview::{ErrorKind, Mapping, MappingOptions, Protection, SlidingOptions, Window};

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::progress::can_guard;
use crate::{interrupt, out, size};

/// Stays in the processor's second-level cache while it is copied out of a window and looked at.
const PIECE: usize = 256 << 10;

/// The options of every such command.
#[derive(clap::Args)]
pub struct Sweep {
    /// At most so many bytes are mapped at any moment, all threads together
    #[arg(long, value_name = "BYTES", value_parser = size::parse_some, default_value = "64M")]
    memory: u64,
    /// How many threads; as many as there are processors unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Do not tell how fast it was
    #[arg(short, long)]
    quiet: bool,
    /// Print JSON, one object per line
    #[arg(long)]
    pub json: bool,
}

impl Sweep {
    pub fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(all, usize::from)
    }

    /// Windows for one of so many that go over files at the same time.
    pub fn windows(&self, users: usize) -> SlidingOptions {
        let memory = usize::try_from(self.memory).unwrap_or(usize::MAX);
        let mut options = SlidingOptions::new();
        options.memory(memory / users).guarded(can_guard());
        options
    }

    /// Whether a person wants to know how fast it was.
    pub fn tells(&self) -> bool {
        !self.quiet && !self.json
    }
}

/// Maps a file to read it; `None` when it is empty.
pub fn open(path: &Path) -> Result<Option<Mapping>, Failure> {
    let mapped = MappingOptions::new().path(path).protection(Protection::ReadOnly).create();
    match mapped {
        Ok(mapping) => Ok(Some(mapping)),
        Err(error) if error.kind() == ErrorKind::EmptyFile => is_empty(path).map(|()| None),
        Err(error) => Err(Failure::mapped_file(path, error)),
    }
}

/// Files of `/proc` and the like have bytes and no length.
fn is_empty(path: &Path) -> Result<(), Failure> {
    use std::io::Read;
    let read = std::fs::File::open(path).and_then(|mut file| file.read(&mut [0]));
    match read.map_err(|error| Failure::file(path, error))? {
        0 => Ok(()),
        _ => {
            let why = format!("{}: it has no length, so it cannot be mapped", path.display());
            Err(Failure::new(Exit::Failed, why))
        }
    }
}

/// All of the files together, as far as their lengths can be seen; who cannot be opened is told later.
pub fn total(files: &[PathBuf]) -> u64 {
    files.iter().filter_map(|path| std::fs::metadata(path).ok()).map(|file| file.len()).sum()
}

/// Shows the bytes that a window owns, piece after piece, each with `overlap` bytes of the next where there are some. Others
/// may change the file at any moment, so each piece is copied out before it is looked at.
pub fn pieces(
    window: &Window,
    overlap: usize,
    mut look: impl FnMut(u64, &mut [u8], usize) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut buffer = vec![0; window.len().min(PIECE.max(overlap) + overlap)];
    let most = if buffer.len() == window.len() { window.own_len() } else { buffer.len() - overlap };
    let mut start = 0;
    while start < window.own_len() {
        interrupt::check("nothing was changed")?;
        let own = most.min(window.own_len() - start);
        let len = (own + overlap).min(window.len() - start);
        window.copy_out(start, &mut buffer[..len])?;
        look(window.offset() + start as u64, &mut buffer[..len], own)?;
        start += own;
    }
    Ok(())
}

/// Does something for each file, also after one failed: that is told, and the first failure's code is how the program ends.
pub fn each<T>(
    files: &[T],
    mut work: impl FnMut(&T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut ends = Ok(());
    for file in files {
        match work(file) {
            Err(failure) if failure.is_final() => return Err(failure),
            Err(failure) => {
                let exit = failure.report();
                if ends.is_ok() {
                    ends = Err(Failure::quiet(exit));
                }
            }
            Ok(()) => {}
        }
    }
    ends
}

/// The name of a file in an answer for people.
pub fn shown(path: &Path) -> String {
    out::printable(&path.display().to_string())
}
