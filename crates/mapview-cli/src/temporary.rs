//! A result in the making: a new file beside its place, which takes it when it is complete.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use mapview::MappingOptions;

use crate::failure::Failure;
use crate::os;
use crate::target::{remove, Target};

/// The half-made result; removed unless it became the target.
pub struct Temporary {
    pub file: File,
    pub path: PathBuf,
    kept: bool,
}

impl Temporary {
    /// A new, empty file that nobody can read who could not read the one it is like.
    pub fn create(
        target: &Target,
        like: &Target,
        otherwise: &Target,
    ) -> Result<Temporary, Failure> {
        let path = target.temporary();
        let failed = |error| Failure::file(&path, error);
        remove(&path)?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(failed)?;
        let temporary = Temporary { file, path: path.clone(), kept: false };
        let like = if like.path.exists() { like } else { otherwise };
        let metadata = like.metadata()?;
        if like.path == target.path {
            os::keep_owner(&temporary.file, &metadata).map_err(failed)?;
        }
        temporary.file.set_permissions(metadata.permissions()).map_err(failed)?;
        Ok(temporary)
    }

    /// Gives it its length. Takes the disk space now unless `sparse`, so that a full disk is known before the work.
    pub fn set_len(&self, len: u64, sparse: bool) -> Result<(), Failure> {
        let space = MappingOptions::new().file(&self.file).size(len).reserve(sparse).create();
        space
            .and_then(mapview::Mapping::close)
            .map_err(|error| Failure::mapped_file(&self.path, error))
    }

    pub fn become_target(mut self, target: &Target) -> Result<(), Failure> {
        self.file.sync_all().map_err(|error| Failure::file(&self.path, error))?;
        rename(&self.path, target)?;
        self.kept = true;
        target.sync_directory()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.kept {
            // The failure that brought us here is the one to report; the next run removes what stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn rename(from: &Path, to: &Target) -> Result<(), Failure> {
    fs::rename(from, &to.path).map_err(|error| Failure::file(&to.shown, error))
}
