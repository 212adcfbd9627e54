//! Mapping the files to work on.

use mapview::{ErrorKind, Mapping, MappingOptions, Protection, View, ViewAccess, ViewOptions};

use crate::failure::Failure;
use crate::target::Target;

/// Maps all of a file; `None` when it is empty and there is nothing to map.
///
/// `exclusive` refuses a file that somebody else has mapped, and keeps others out meanwhile.
pub fn map(
    file: &Target,
    protection: Protection,
    exclusive: bool,
) -> Result<Option<Mapping>, Failure> {
    let mapped =
        MappingOptions::new().path(&file.path).protection(protection).exclusive(exclusive).create();
    match mapped {
        Ok(mapping) => Ok(Some(mapping)),
        Err(error) if error.kind() == ErrorKind::EmptyFile => Ok(None),
        Err(error) => Err(Failure::mapped_file(&file.shown, error)),
    }
}

/// A window of a mapping.
pub fn window(
    mapping: &Mapping,
    offset: u64,
    len: usize,
    access: ViewAccess,
) -> Result<View, Failure> {
    Ok(ViewOptions::new().access(access).offset(offset).len(len).map(mapping)?)
}
