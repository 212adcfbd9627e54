//! What a record says: its header, its first holders, its name.

use std::os::fd::BorrowedFd;

use zerocopy::{FromBytes, IntoBytes};

use super::os::{fail::fail, files};
use crate::layout::{self, Header, Holder};
use crate::{Error, ErrorKind, Name, Namespace, Result};

/// What a record says, as it was read at one moment.
pub(super) struct Contents {
    pub header: Header,
    pub front: [u8; layout::FRONT],
    /// How much of it there was.
    pub got: usize,
}

impl Contents {
    /// Reads a record through any descriptor for it. `None` if nobody has filled it in yet.
    pub(super) fn read(fd: BorrowedFd<'_>) -> Result<Option<Contents>> {
        let mut front = [0; layout::FRONT];
        let got = files::read_at(fd, &mut front, 0)
            .map_err(|errno| fail(errno, "reading the object's record"))?;
        if front[..8] == [0; 8] {
            return Ok(None);
        }
        let (header, _) = Header::read_from_prefix(&front).expect("the front is longer");
        header.check().map_err(|why| {
            let remedy = "if no program uses it, remove that file from the namespace directory";
            Error::new(ErrorKind::InvalidData, format!("{why}; {remedy}"))
        })?;
        Ok(Some(Contents { header, front, got }))
    }

    /// Takes an entry out in memory. Returns what stands there then, which is still to be written.
    pub(super) fn free(&mut self, index: u32) -> Holder {
        let free = Holder { next_free: self.header.free, ..Holder::default() };
        self.header.free = index + 1;
        free
    }

    /// Notes the header and an entry of the first page. Returns where the entry ends.
    pub(super) fn set_inline(&mut self, index: u32, holder: &Holder) -> usize {
        let at = layout::holder_at(index) as usize;
        let end = at + size_of::<Holder>();
        self.front[..size_of::<Header>()].copy_from_slice(self.header.as_bytes());
        self.front[at..end].copy_from_slice(holder.as_bytes());
        self.got = self.got.max(end);
        end
    }

    /// The name inside the record; empty for an unnamed object.
    pub(super) fn name(&self, fd: BorrowedFd<'_>) -> Result<Vec<u16>> {
        let units = self.header.name_units as usize;
        let mut name = vec![0_u16; units];
        let at = layout::name_at(units);
        match self.front.get(at as usize..at as usize + units * 2) {
            Some(bytes) => name.as_mut_bytes().copy_from_slice(bytes),
            None => {
                files::read_at(fd, name.as_mut_bytes(), at)
                    .map_err(|errno| fail(errno, "reading the object's name"))?;
            }
        }
        Ok(name)
    }

    /// The name with its namespace, `None` for an unnamed object.
    pub(super) fn full_name(&self, fd: BorrowedFd<'_>) -> Result<Option<Name>> {
        if self.header.name_units == 0 {
            return Ok(None);
        }
        let global = self.header.is(layout::flag::GLOBAL);
        let namespace = if global { Namespace::Global } else { Namespace::Local };
        Name::from_parts(namespace, &self.name(fd)?).map(Some)
    }
}
