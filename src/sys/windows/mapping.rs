//! `Mapping`: a handle to a section.

use std::fs::File;
use std::os::windows::io::{AsHandle, OwnedHandle};
use std::sync::Arc;

use super::api::{self, Code};
use super::security::{self, Rights};
use super::view::{Durability, Place, View};
use super::{error, file, handle, names};
use crate::sys::{Backing, IfExists, MapRequest, MappingRequest};
use crate::{Access, Error, ErrorKind, Name, ObjectKind, Protection, Result};

/// `READ_CONTROL`, `SECTION_QUERY` and `SECTION_MAP_*`. What the protection forbids, no grant allows.
const RIGHTS: Rights = Rights { all: 0xF_001F, read: 0x2_000D, read_write: 0x2_000F };

#[derive(Debug)]
pub(crate) struct Mapping {
    handle: OwnedHandle,
    name: Option<Name>,
    access: Access,
    section: Section,
    /// The backing file, where this process gave it; shared with the views. Keeps an exclusive file exclusive.
    file: Option<Arc<File>>,
}

/// What the kernel tells about a section.
#[derive(Clone, Copy, Debug)]
struct Section {
    size: u64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Committed,
    Reserved,
    File,
    /// The handle may not ask.
    Unknown,
}

impl Mapping {
    pub(crate) fn create(request: MappingRequest) -> Result<(Mapping, bool)> {
        let MappingRequest { name, size, protection, backing, security, inheritable, if_exists } =
            request;
        let security = security::attributes(&security, &RIGHTS, inheritable)?;
        let (file, flags) = prepare(backing, size)?;
        let protect = page_protection(protection) | flags;
        let wide = name.as_ref().map(names::wide);
        let (size, wide) = (size.unwrap_or(0), wide.as_ref());
        let access = protection.access();
        let (handle, created) =
            match api::create_file_mapping(file.as_ref(), &security, protect, size, wide) {
                Ok((_, false)) if if_exists == IfExists::Fail => {
                    return Err(Error::new(ErrorKind::AlreadyExists, "the name is taken"));
                }
                Ok(created) => created,
                Err(code) => match (code, wide) {
                    (Code::INVALID_HANDLE, Some(wide)) => {
                        return Err(error::wrong_kind(wide, "a mapping"))
                    }
                    // Creating asks an existing mapping for more than the views need; its creator may grant just that.
                    (Code::ACCESS_DENIED, Some(wide)) if if_exists == IfExists::Open => {
                        let open = open(access, inheritable, wide);
                        (open.map_err(|_| code.error("cannot create the mapping"))?, false)
                    }
                    _ => return Err(code.error("cannot create the mapping")),
                },
            };
        // An existing mapping has a file of its own, which need not be this one.
        let file = file.filter(|_| created).map(Arc::new);
        let section = Section::of(&handle)?;
        Ok((Mapping { handle, name, access, section, file }, created))
    }

    pub(crate) fn open(name: &Name, access: Access, inheritable: bool) -> Result<Mapping> {
        let wide = names::wide(name);
        let handle = open(access, inheritable, &wide).map_err(|code| match code {
            Code::INVALID_HANDLE => error::wrong_kind(&wide, "a mapping"),
            code => code.error("cannot open the mapping"),
        })?;
        Mapping::adopt(handle, Some(name.clone()), access)
    }

    pub(crate) fn size(&self) -> u64 {
        self.section.size
    }

    pub(crate) fn access(&self) -> Access {
        self.access
    }

    pub(crate) fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    pub(crate) fn map(&self, request: &MapRequest) -> Result<View> {
        let place = Place::of(request, self.section.size)?;
        let durability = match (self.section.kind, &self.file) {
            (Kind::Committed | Kind::Reserved, _) => Durability::Memory,
            (_, Some(file)) => Durability::File(file.clone()),
            (_, None) => Durability::Unreachable,
        };
        let may_be_reserved = matches!(self.section.kind, Kind::Reserved | Kind::Unknown);
        View::map(self.handle.as_handle(), request.access, place, durability, may_be_reserved)
    }

    pub(crate) fn try_clone(&self) -> Result<Mapping> {
        let Mapping { name, access, section, file, .. } = self;
        let handle = handle::try_clone(&self.handle)?;
        let (name, file) = (name.clone(), file.clone());
        Ok(Mapping { handle, name, access: *access, section: *section, file })
    }

    pub(crate) fn raw(&self) -> u64 {
        handle::raw(&self.handle)
    }

    pub(crate) fn duplicate_from(pid: u32, raw: u64) -> Result<Mapping> {
        Mapping::from_handle(handle::duplicate_from(pid, raw, ObjectKind::Mapping)?)
    }

    pub(crate) fn to_token(&self) -> Result<String> {
        handle::to_token(&self.handle)
    }

    pub(crate) fn from_token(token: &str) -> Result<Mapping> {
        Mapping::from_handle(handle::from_token(token, ObjectKind::Mapping)?)
    }

    pub(crate) fn close(self) -> Result<()> {
        handle::close(self.handle)
    }

    /// A mapping of which only the handle is known.
    fn from_handle(handle: OwnedHandle) -> Result<Mapping> {
        let granted = api::granted_access(handle.as_handle())
            .map_err(|code| code.error("cannot find out the rights of the handle"))?;
        let name = names::name_of(handle.as_handle());
        Mapping::adopt(handle, name, Access::from_bits_truncate(granted))
    }

    fn adopt(handle: OwnedHandle, name: Option<Name>, access: Access) -> Result<Mapping> {
        let section = Section::of(&handle)?;
        Ok(Mapping { handle, name, access, section, file: None })
    }
}

impl Section {
    fn of(handle: &OwnedHandle) -> Result<Section> {
        match api::nt_query_section(handle.as_handle()) {
            Ok(information) => {
                let kind = match information.attributes {
                    flags if flags & api::SEC_FILE != 0 => Kind::File,
                    flags if flags & api::SEC_RESERVE != 0 => Kind::Reserved,
                    _ => Kind::Committed,
                };
                Ok(Section { size: information.size as u64, kind })
            }
            // The creator grants no SECTION_QUERY. A view tells the size too, in whole pages.
            Err(Code::ACCESS_DENIED) => {
                let view =
                    api::map_view_of_file_ex(handle.as_handle(), api::FILE_MAP_READ, 0, 0, 0);
                let seen = view.and_then(|view| api::virtual_query(&view));
                let (size, _) = seen.map_err(|code| code.error("cannot find out the size"))?;
                Ok(Section { size: size as u64, kind: Kind::Unknown })
            }
            Err(code) => Err(code.error("cannot find out the size")),
        }
    }
}

/// The right to query comes on top, where the creator grants it.
fn open(access: Access, inherit: bool, name: &api::Wide) -> api::Outcome<OwnedHandle> {
    match api::open_file_mapping(access.bits() | api::SECTION_QUERY, inherit, name) {
        Err(Code::ACCESS_DENIED) => api::open_file_mapping(access.bits(), inherit, name),
        opened => opened,
    }
}

/// The file, checked and prepared, and the `SEC_*` flags.
fn prepare(backing: Backing, size: Option<u64>) -> Result<(Option<File>, u32)> {
    match backing {
        Backing::PagingFile { reserve: true } => Ok((None, api::SEC_RESERVE)),
        Backing::PagingFile { reserve: false } => Ok((None, api::SEC_COMMIT)),
        Backing::File { file, exclusive, reserve } => {
            if exclusive {
                file::expect_exclusive(&file)?;
            }
            if reserve {
                file::prepare_growth(&file, size)?;
            }
            Ok((Some(file), api::SEC_COMMIT))
        }
    }
}

fn page_protection(protection: Protection) -> u32 {
    match protection {
        Protection::ReadOnly => api::PAGE_READONLY,
        Protection::ReadWrite => api::PAGE_READWRITE,
        Protection::WriteCopy => api::PAGE_WRITECOPY,
        Protection::ExecuteRead => api::PAGE_EXECUTE_READ,
        Protection::ExecuteReadWrite => api::PAGE_EXECUTE_READWRITE,
        Protection::ExecuteWriteCopy => api::PAGE_EXECUTE_WRITECOPY,
    }
}
