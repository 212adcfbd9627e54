//! `Mapping`: a handle to a section.

use std::fs::File;
use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::sync::Arc;

use super::api::{self, Code};
use super::growth::{Growth, PAGE};
use super::prepared::{page_protection, prepare, section_caching, Prepared};
use super::security::{self, Rights};
use super::view::{Durability, Place, View};
use super::{error, handle, names};
use crate::sys::{IfExists, MapRequest, MappingRequest, GRANULARITY, LARGE_PAGE};
use crate::{Access, Caching, Error, ErrorKind, Name, ObjectKind, Result};

/// `READ_CONTROL`, `SECTION_QUERY` and `SECTION_MAP_*`, for writers `SECTION_EXTEND_SIZE` too. What the protection
/// forbids, no grant allows.
pub(super) const RIGHTS: Rights = Rights { all: 0xF_001F, read: 0x2_000D, read_write: 0x2_001F };

#[derive(Debug)]
pub(crate) struct Mapping {
    handle: OwnedHandle,
    name: Option<Name>,
    access: Access,
    pub(super) kind: Kind,
    pub(super) large_pages: bool,
    caching: Caching,
    pub(super) growth: Arc<Growth>,
    /// The backing file, where this process gave it; shared with the views. Keeps an exclusive file exclusive.
    pub(super) file: Option<Arc<File>>,
}

/// What the kernel tells about a section.
#[derive(Clone, Copy, Debug)]
struct Section {
    size: u64,
    kind: Kind,
    large_pages: bool,
    caching: Caching,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Committed,
    Reserved,
    File,
    /// The handle may not ask.
    Unknown,
}

impl Mapping {
    pub(crate) fn create(request: MappingRequest) -> Result<(Mapping, bool)> {
        let MappingRequest {
            name,
            size,
            protection,
            backing,
            security,
            inheritable,
            if_exists,
            numa_node,
            caching,
        } = request;
        let security = security::attributes(&security, &RIGHTS, inheritable)?;
        let Prepared { file, flags, section_size, maximum, sparse } = prepare(backing, size)?;
        let protect = page_protection(protection) | flags | section_caching(caching);
        let wide = name.as_ref().map(names::wide);
        let (wide, access) = (wide.as_ref(), protection.access());
        let (handle, created) = match api::create_file_mapping(
            file.as_ref(),
            &security,
            protect,
            section_size,
            wide,
            numa_node,
        ) {
            Ok((_, false)) if if_exists == IfExists::Fail => {
                return Err(Error::new(ErrorKind::AlreadyExists, "the name is taken"));
            }
            Ok(created) => created,
            // Creating asks an existing mapping for more rights than views need; its creator may grant just those.
            Err(Code::ACCESS_DENIED) if file.is_none() && if_exists == IfExists::Open => {
                let opened = wide.and_then(|wide| open(access, inheritable, wide).ok());
                (opened.ok_or_else(|| failure(Code::ACCESS_DENIED, wide, access))?, false)
            }
            Err(code) => return Err(failure(code, wide, access)),
        };
        // An existing mapping has a file of its own, which need not be this one.
        let file = file.filter(|_| created).map(Arc::new);
        if !created {
            return Ok((Mapping::adopt(handle, name, access)?, false));
        }
        let section = Section::of(&handle)?;
        let growth = match (size, maximum) {
            (Some(size), Some(maximum)) => Growth::begin(handle.as_handle(), size, maximum)?,
            _ => Growth::of_file(section.size, protect, sparse),
        };
        let growth = Arc::new(growth);
        let Section { kind, large_pages, caching, .. } = section;
        Ok((Mapping { handle, name, access, kind, large_pages, caching, growth, file }, true))
    }

    pub(crate) fn open(name: &Name, access: Access, inheritable: bool) -> Result<Mapping> {
        let wide = names::wide(name);
        let handle = open(access, inheritable, &wide).map_err(|code| match code {
            Code::INVALID_HANDLE => error::wrong_kind(&wide, "a mapping"),
            code => code.error("cannot open the mapping"),
        })?;
        Mapping::adopt(handle, Some(name.clone()), access)
    }

    pub(crate) fn access(&self) -> Access {
        self.access
    }

    pub(crate) fn has_large_pages(&self) -> bool {
        self.large_pages
    }

    pub(crate) fn caching(&self) -> Caching {
        self.caching
    }

    pub(crate) fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    pub(crate) fn map(&self, request: &MapRequest) -> Result<View> {
        let unit = if request.replace { PAGE as usize } else { self.unit() as usize };
        let place = Place::of(request, unit)?.behind(self.growth.start());
        let (durability, may_be_reserved) = (self.durability(), self.may_be_reserved());
        let (access, large) = (request.access, self.large_pages);
        let mut view = self.with_section(|section| match request.replace {
            true => View::replace(section, access, place, durability, may_be_reserved),
            false => View::map(section, access, place, durability, may_be_reserved, large),
        })?;
        if request.guarded {
            view.guard();
        }
        Ok(view)
    }

    /// The section to map: that of the handle, or a larger one of the same file.
    pub(super) fn with_section<T>(&self, map: impl FnOnce(BorrowedHandle<'_>) -> T) -> T {
        match self.growth.larger() {
            Some(larger) => map(larger.as_handle()),
            None => map(self.handle.as_handle()),
        }
    }

    /// What bringing bytes of its views through to the disk takes.
    pub(super) fn durability(&self) -> Durability {
        match (self.kind, &self.file) {
            (Kind::Committed | Kind::Reserved, _) => Durability::Memory,
            (_, Some(file)) => Durability::File(file.clone()),
            (_, None) => Durability::Unreachable,
        }
    }

    /// Whether what a view shows has to be committed first.
    pub(super) fn may_be_reserved(&self) -> bool {
        matches!(self.kind, Kind::Reserved | Kind::Unknown)
    }

    /// What is mapped for a view starts at and covers multiples of so many bytes.
    pub(crate) fn unit(&self) -> u64 {
        if self.large_pages {
            LARGE_PAGE
        } else {
            GRANULARITY as u64
        }
    }

    /// Parts of it that are shown beside others begin at and, but for the last, have multiples of so many bytes.
    pub(crate) fn part_unit(&self) -> u64 {
        GRANULARITY as u64 // what is mapped without FILE_MAP_LARGE_PAGES has small pages
    }

    /// Windows lets nobody shorten a mapped file.
    pub(crate) fn check_end(&self, _end: u64) -> Result<()> {
        Ok(())
    }

    /// What was unmapped is given away first as it is.
    pub(crate) fn drop_from_cache(&self, _offset: u64, _len: u64) {}

    pub(crate) fn try_clone(&self) -> Result<Mapping> {
        Ok(self.copy(handle::try_clone(&self.handle)?, self.access))
    }

    pub(crate) fn try_clone_with(&self, access: Access) -> Result<Mapping> {
        let duplicate = |rights| api::duplicate_with(self.handle.as_handle(), rights);
        let handle = duplicate(access.bits() | api::SECTION_QUERY)
            .or_else(|_| duplicate(access.bits()))
            .map_err(|code| code.error("the mapping does not grant this process so much"))?;
        Ok(self.copy(handle, access))
    }

    fn copy(&self, handle: OwnedHandle, access: Access) -> Mapping {
        let &Mapping { kind, large_pages, caching, .. } = self;
        let (name, growth, file) = (self.name.clone(), self.growth.clone(), self.file.clone());
        Mapping { handle, name, access, kind, large_pages, caching, growth, file }
    }

    pub(crate) fn is_same(&self, other: &Mapping) -> bool {
        api::is_same_object(self.as_handle(), other.as_handle())
    }

    pub(crate) fn raw(&self) -> u64 {
        handle::raw(&self.handle)
    }

    pub(super) fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
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
        let Section { size, kind, large_pages, caching } = Section::of(&handle)?;
        let growth = match kind {
            Kind::Reserved => Growth::recognise(handle.as_handle(), size, access)?,
            _ => Growth::of_file(size, 0, false),
        };
        let growth = Arc::new(growth);
        Ok(Mapping { handle, name, access, kind, large_pages, caching, growth, file: None })
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
                let large_pages = information.attributes & api::SEC_LARGE_PAGES != 0;
                let caching = match information.attributes {
                    flags if flags & api::SEC_NOCACHE != 0 => Caching::None,
                    flags if flags & api::SEC_WRITECOMBINE != 0 => Caching::WriteCombined,
                    _ => Caching::Cached,
                };
                Ok(Section { size: information.size as u64, kind, large_pages, caching })
            }
            // The creator grants no SECTION_QUERY. A view tells the size too, in whole pages.
            Err(Code::ACCESS_DENIED) => {
                let view =
                    api::map_view_of_file_ex(handle.as_handle(), api::FILE_MAP_READ, 0, 0, 0, None);
                let seen = view.and_then(|view| api::virtual_query(&view));
                let (size, _) = seen.map_err(|code| code.error("cannot find out the size"))?;
                let (size, kind, caching) = (size as u64, Kind::Unknown, Caching::Cached);
                Ok(Section { size, kind, large_pages: false, caching })
            }
            Err(code) => Err(code.error("cannot find out the size")),
        }
    }
}

/// Why a mapping could not be created.
fn failure(code: Code, name: Option<&api::Wide>, access: Access) -> Error {
    match (code, name) {
        (Code::INVALID_HANDLE, Some(name)) => error::wrong_kind(name, "a mapping"),
        (Code::PRIVILEGE_NOT_HELD, _) => code.error(
            "large pages need the user right \"Lock pages in memory\" (SeLockMemoryPrivilege)",
        ),
        (Code::INVALID_HANDLE, None) => code.error("not a file that can be mapped"),
        (Code::NOT_ENOUGH_MEMORY, _) if !access.contains(Access::WRITE) => {
            code.error("only a writable mapping can be larger than its file")
        }
        (Code::ACCESS_DENIED, Some(_)) => code.error(
            "the file or the existing mapping does not grant it, or the privilege for Global\\ is missing",
        ),
        _ => code.error("cannot create the mapping"),
    }
}

/// The right to query comes on top, where the creator grants it.
fn open(access: Access, inherit: bool, name: &api::Wide) -> api::Outcome<OwnedHandle> {
    match api::open_file_mapping(access.bits() | api::SECTION_QUERY, inherit, name) {
        Err(Code::ACCESS_DENIED) => api::open_file_mapping(access.bits(), inherit, name),
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::windows::api::Wide;
    use crate::sys::Backing;
    use crate::Protection;

    /// A mapping of 5000 bytes with this list of who may do what.
    fn with_dacl(name: &Name, sddl: &str) -> OwnedHandle {
        let security = api::convert_string_security_descriptor(&Wide::new(sddl), false).unwrap();
        let name = names::wide(name);
        let protect = api::PAGE_READWRITE | api::SEC_COMMIT;
        api::create_file_mapping(None, &security, protect, 5000, Some(&name), None).unwrap().0
    }

    #[test]
    fn the_size_is_found_out_where_asking_is_not_granted() {
        let name = Name::new(&format!("no-query-{}", std::process::id())).unwrap();
        let _creator = with_dacl(&name, "D:P(A;;0x4;;;WD)"); // SECTION_MAP_READ
        let mapping = Mapping::open(&name, Access::READ, false).unwrap();
        assert_eq!((mapping.kind, mapping.size()), (Kind::Unknown, 8192));
        let denied = Mapping::open(&name, Access::WRITE, false).unwrap_err();
        assert_eq!(denied.kind(), ErrorKind::AccessDenied);
    }

    #[test]
    fn creating_opens_a_mapping_that_grants_only_what_views_need() {
        let name = Name::new(&format!("views-only-{}", std::process::id())).unwrap();
        let _creator = with_dacl(&name, "D:P(A;;0x2000d;;;WD)");
        let create = |protection| {
            Mapping::create(MappingRequest {
                name: Some(name.clone()),
                size: Some(1),
                protection,
                backing: Backing::PagingFile { reserve: false, large_pages: false, maximum: None },
                security: crate::Security::OnlyMe,
                inheritable: false,
                if_exists: IfExists::Open,
                numa_node: None,
                caching: Caching::Cached,
            })
        };
        let (mapping, created) = create(Protection::ReadOnly).unwrap();
        assert_eq!((mapping.size(), created), (8192, false));
        let denied = create(Protection::ReadWrite).unwrap_err();
        assert_eq!(denied.kind(), ErrorKind::AccessDenied);
    }
}
