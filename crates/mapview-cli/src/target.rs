//! The file that gets the result, and our own files beside it.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use mapview::Mutex;

use crate::exit_codes::Exit;
use crate::failure::Failure;

/// A file behind all links, and as the user calls it.
#[derive(Clone, Debug)]
pub struct Target {
    pub path: PathBuf,
    pub shown: PathBuf,
}

impl Target {
    /// A file that is there; links are followed.
    pub fn existing(shown: &Path) -> Result<Target, Failure> {
        let path = fs::canonicalize(shown).map_err(|error| Failure::file(shown, error))?;
        let target = Target { path, shown: shown.into() };
        if !target.metadata()?.is_file() {
            return Err(target.failed(Exit::Failed, "not a regular file"));
        }
        Ok(target)
    }

    /// A file to be written, which may be there or not, but is not `source` by another name.
    pub fn output(shown: &Path, source: &Target, advice: &str) -> Result<Target, Failure> {
        if fs::symlink_metadata(shown).is_ok() {
            let target = Target::existing(shown)?;
            return match same_file::is_same_file(&target.path, &source.path) {
                Ok(false) => Ok(target),
                Ok(true) => {
                    let why = format!("this is {} itself; {advice}", source.shown.display());
                    Err(target.failed(Exit::Usage, &why))
                }
                Err(error) => Err(Failure::file(shown, error)),
            };
        }
        let directory = match shown.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let name = shown.file_name().ok_or_else(|| {
            Failure::new(Exit::Usage, format!("{}: not the name of a file", shown.display()))
        })?;
        let directory = fs::canonicalize(directory).map_err(|error| Failure::file(shown, error))?;
        Ok(Target { path: directory.join(name), shown: shown.into() })
    }

    pub fn metadata(&self) -> Result<Metadata, Failure> {
        fs::metadata(&self.path).map_err(|error| Failure::file(&self.shown, error))
    }

    /// Where the half-made result lies. Always the same name, so what a killed run left is found and removed.
    pub fn temporary(&self) -> PathBuf {
        self.beside("mapview-tmp")
    }

    /// Where `--in-place` keeps what it needs to go on.
    pub fn journal(&self) -> PathBuf {
        self.beside("mapview-reverse")
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = std::ffi::OsString::from(".");
        name.push(self.path.file_name().unwrap_or_default());
        name.push(".");
        name.push(suffix);
        self.path.with_file_name(name)
    }

    /// The lock that stands for working on this file; nothing on disk, so nothing to be left behind.
    pub fn mutex(&self) -> Result<Mutex, Failure> {
        let path = self.path.to_string_lossy().replace('\\', "/");
        Ok(Mutex::create(&format!("mapview-reverse:{path}"))?)
    }

    /// Refuses a file that is half reversed.
    pub fn refuse_journal(&self) -> Result<(), Failure> {
        match fs::symlink_metadata(self.journal()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Failure::file(&self.journal(), error)),
            Ok(_) => Err(self.failed(
                Exit::Taken,
                &format!(
                    "half reversed by an interrupted run; finish it with \
                     `mapview reverse --in-place {}` first",
                    self.shown.display()
                ),
            )),
        }
    }

    /// Refuses a file that its owner protected, also where the system would let us (`root`, a writable directory).
    pub fn refuse_read_only(&self) -> Result<(), Failure> {
        match self.metadata()?.permissions().readonly() {
            true => Err(self.failed(Exit::Failed, "the file is read-only; use -o OUT")),
            false => Ok(()),
        }
    }

    /// Makes names that came, changed or went in the file's directory survive a power failure.
    pub fn sync_directory(&self) -> Result<(), Failure> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        // Windows cannot open a directory like this, and needs no such thing.
        let Ok(handle) = File::open(directory) else { return Ok(()) };
        handle.sync_all().map_err(|error| Failure::file(directory, error))
    }

    pub fn busy(&self) -> Failure {
        self.failed(Exit::Taken, "another mapview is working on it")
    }

    pub fn failed(&self, exit: Exit, why: &str) -> Failure {
        Failure::new(exit, format!("{}: {why}", self.shown.display()))
    }
}

/// Removes a file that need not be there.
pub fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::file(path, error)),
        _ => Ok(()),
    }
}
