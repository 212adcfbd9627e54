//! What a child gets besides its memory: handles, command line and start-up information, written by the parent into a
//! memory file and read by the child's library before anything else.

use std::collections::HashMap;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;

use super::block::{Reader, Writer};
use super::os::{self, spawn};
use super::page::Page;
use super::parcel::{self, Parcel};
use crate::abi::HANDLE;
use crate::code::{Code, Result};
use crate::object::Object;
use crate::table::Entry;

/// Says which version of this layout it is, too.
const MAGIC: u64 = u64::from_le_bytes(*b"mapvsta1");

/// What `GetStartupInfo` gives.
#[derive(Clone, Debug, Default)]
pub(super) struct Startup {
    pub flags: u32,
    /// Position, size, size in characters, colours.
    pub window: [u32; 7],
    pub show: u16,
    pub desktop: Vec<u16>,
    pub title: Vec<u16>,
    pub standard: [u64; 3],
    /// Those that are the child's standard handles; the others are its descriptors 0, 1 and 2.
    pub chosen: [Option<u64>; 3],
}

/// What the child finds.
pub(super) struct Handover {
    pub page: Page,
    /// Listens for handles that others pass; `None` if there was no descriptor left.
    pub inbox: Option<OwnedFd>,
    pub line: Vec<u16>,
    pub startup: Startup,
    pub entries: Vec<(HANDLE, Entry)>,
}

/// What is passed: the memory file, and all descriptors that it names.
pub(super) struct Packed {
    pub file: OwnedFd,
    pub descriptors: Vec<OwnedFd>,
}

fn no_descriptor(_: std::io::Error) -> Code {
    Code::NOT_ENOUGH_MEMORY
}

/// Packs what a child inherits. What only this process can have is left out.
pub(super) fn pack(
    (page, inbox): (&Page, Option<OwnedFd>),
    line: &[u16],
    startup: &Startup,
    entries: &[(HANDLE, Entry)],
) -> Result<Packed> {
    let mut descriptors = vec![spawn::away_from_standard(page.fd()).map_err(no_descriptor)?];
    let mut out = Writer::default();
    out.number(MAGIC);
    out.number(descriptors[0].as_raw_fd() as u64);
    match inbox.as_ref().map(spawn::away_from_standard).transpose().map_err(no_descriptor)? {
        Some(inbox) => {
            out.number(inbox.as_raw_fd() as u64);
            descriptors.push(inbox);
        }
        None => out.number(0),
    }
    out.units(line);
    write_startup(&mut out, startup);
    let mut objects = Writer::default();
    let (mut places, mut handles) = (HashMap::new(), Vec::new());
    for (handle, entry) in entries {
        let object: &Arc<Object> = &entry.object;
        let next = places.len() as u64;
        let place = match places.get(&Arc::as_ptr(object)) {
            Some(place) => *place,
            None => {
                let parcel = match parcel::pack(object) {
                    Err(Code::NOT_SUPPORTED) => continue,
                    packed => packed?,
                };
                write_parcel(&mut objects, parcel, &mut descriptors)?;
                places.insert(Arc::as_ptr(object), next);
                next
            }
        };
        handles.push((*handle as u64, place, entry));
    }
    out.number(places.len() as u64);
    out.0.extend(objects.0);
    out.number(handles.len() as u64);
    for (handle, place, entry) in handles {
        out.number(handle);
        out.number(place);
        out.number(entry.access.into());
        out.number(entry.protect.into());
    }
    let file = os::file_of(c"mapview-start", &out.0)?;
    let file = spawn::away_from_standard(&file).map_err(no_descriptor)?;
    Ok(Packed { file, descriptors })
}

fn write_startup(out: &mut Writer, startup: &Startup) {
    out.number(startup.flags.into());
    startup.window.iter().for_each(|&number| out.number(number.into()));
    out.number(startup.show.into());
    out.units(&startup.desktop);
    out.units(&startup.title);
    startup.standard.iter().for_each(|&handle| out.number(handle));
    for handle in startup.chosen {
        out.number(handle.is_some().into());
        out.number(handle.unwrap_or_default());
    }
}

fn write_parcel(out: &mut Writer, parcel: Parcel, descriptors: &mut Vec<OwnedFd>) -> Result<()> {
    out.bytes(parcel.text.as_bytes());
    out.number(parcel.descriptors.len() as u64);
    for descriptor in parcel.descriptors {
        // The standard ones may be replaced in the child.
        let descriptor = match descriptor.as_raw_fd() {
            0..=2 => spawn::away_from_standard(&descriptor).map_err(no_descriptor)?,
            _ => descriptor,
        };
        out.number(descriptor.as_raw_fd() as u64);
        descriptors.push(descriptor);
    }
    Ok(())
}

/// Reads what the parent packed for this process. `None` if it is not for this process, whose parent then was one that
/// inherited the descriptor without using it.
pub(super) fn unpack(bytes: &[u8]) -> Option<Handover> {
    let mut from = Reader(bytes);
    (from.number()? == MAGIC).then_some(())?;
    let number = from.small()? as i32;
    let page = Page::open(os::look_at(number)?).filter(Page::is_own)?;
    drop(os::adopt(number));
    let inbox = os::adopt(from.small()? as i32);
    let line = from.units()?;
    let startup = read_startup(&mut from)?;
    let mut objects = Vec::new();
    for _ in 0..from.number()? {
        let text = from.text()?.to_string();
        let descriptors = (0..from.number()?).map(|_| from.small().map(|number| number as i32));
        let descriptors: Vec<i32> = descriptors.collect::<Option<_>>()?;
        let descriptors = descriptors.into_iter().filter_map(os::adopt).collect();
        objects.push(parcel::unpack(Parcel { text, descriptors }).ok());
    }
    let mut entries = Vec::new();
    for _ in 0..from.number()? {
        let handle = from.number()? as HANDLE;
        let object = objects.get(from.number()? as usize)?.clone();
        let (access, protect) = (from.small()?, from.number()? != 0);
        if let Some(object) = object {
            entries.push((handle, Entry { object, access, inherit: true, protect }));
        }
    }
    Some(Handover { page, inbox, line, startup, entries })
}

fn read_startup(from: &mut Reader<'_>) -> Option<Startup> {
    let mut startup = Startup { flags: from.small()?, ..Startup::default() };
    for number in &mut startup.window {
        *number = from.small()?;
    }
    startup.show = from.number()? as u16;
    startup.desktop = from.units()?;
    startup.title = from.units()?;
    for handle in &mut startup.standard {
        *handle = from.number()?;
    }
    for handle in &mut startup.chosen {
        let is_chosen = from.number()? != 0;
        *handle = from.number().filter(|_| is_chosen);
    }
    Some(startup)
}
