//! Handles of users who may read an object of `Global\` but not its record's table: they hold it by a lock alone.

use std::os::fd::AsFd;
use std::sync::Arc;

use super::growth::Object;
use super::mapping::protection_of;
use super::member::{expect_kind, Member};
use super::memory::Memory;
use super::namespace::Directory;
use super::os::files::OpenFor;
use super::presence::is_present;
use super::record::Record;
use crate::{Name, ObjectKind, Result};

/// Opens a mapping for reading without a right to write its record. `None` if there is none that lives.
pub(super) fn open(directory: &Arc<Directory>, name: &Name) -> Result<Option<(Object, Member)>> {
    loop {
        let Some(record) = Record::open(directory, name, OpenFor::Read)? else { return Ok(None) };
        // Announced before the table is read: whoever leaves last sees either the announcement, or us seeing him gone.
        if !record.announce_reader()? {
            continue;
        }
        let Some(contents) = record.read()? else { return Ok(None) };
        let alive = (0..contents.header.holders)
            .map(|index| record.holder(&contents, index))
            .any(|holder| holder.process != 0 && is_present(directory, holder.process));
        let same = contents.name(record.fd.as_fd())? == name.units();
        if !same || !alive && !record.has_other_readers()? {
            return Ok(None);
        }
        expect_kind(&contents.header, ObjectKind::Mapping)?;
        let protection = protection_of(&contents.header)?;
        let Some(memory) = Memory::find(&record, &contents, OpenFor::Read)? else {
            return Ok(None);
        };
        let object = Object::new(Some(name.clone()), contents.header.size, protection, memory);
        return Ok(Some((object, Member::reader(record))));
    }
}
