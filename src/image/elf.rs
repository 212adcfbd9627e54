//! Executables and libraries of Linux: the same questions, for inspection. The dynamic linker maps them, not this library.

use object::{Architecture, ExportTarget as Target, File, NameOrOrdinal, Object, ObjectKind};
use object::{ObjectSegment, ReadRef, RelocationFlags, SegmentFlags};

use super::headers::{bad, broken, Headers, ImageFormat, PAGE};
use super::{Export, ExportTarget, ImageSection, Import, ImportedSymbol, Machine};
use super::{Relocation, RelocationKind};
use crate::{Error, ErrorKind, Protect, Result};

/// The magic number at the start.
pub(super) const MAGIC: &[u8] = b"\x7fELF";

fn elf<'data, R: ReadRef<'data>>(data: R) -> Result<File<'data, R>> {
    File::parse(data).map_err(broken)
}

/// Reads and checks the headers of a file of `len` bytes.
pub(super) fn read<'data, R: ReadRef<'data>>(data: R, len: u64) -> Result<Headers> {
    headers(&elf(data)?, len)
}

fn headers<'data>(file: &impl Object<'data>, len: u64) -> Result<Headers> {
    let kind = file.kind();
    if !matches!(kind, ObjectKind::Executable | ObjectKind::Dynamic) {
        return Err(bad("it is an object file or a core dump, neither a program nor a library"));
    }
    let base = base_of(file)?;
    let mut sections: Vec<ImageSection> = Vec::new();
    for (index, segment) in file.segments().enumerate() {
        let (file_offset, file_len) = segment.file_range();
        let (address, memory) = (segment.address() - base, segment.size());
        let name = format!("load {index}");
        let inside = file_offset.checked_add(file_len).is_some_and(|end| end <= len);
        let end = address.checked_add(memory).filter(|&end| end <= u64::from(u32::MAX));
        if !inside || file_len > memory {
            return Err(bad(format!("segment {index} reaches behind the end of the file")));
        }
        if sections.last().is_some_and(|last| u64::from(last.end()) > address) {
            return Err(bad(format!("segment {index} overlaps the one before")));
        }
        if end.is_none() || file_offset > u64::from(u32::MAX) {
            return Err(Error::new(ErrorKind::Unsupported, "it is larger than 4 GiB"));
        }
        sections.push(ImageSection {
            name,
            address: address as u32,
            len: memory as u32,
            file_offset: file_offset as u32,
            file_len: file_len as u32,
            protect: protect(segment.flags()),
            shared: false,
            discardable: false,
        });
    }
    let size = sections.last().map_or(0, ImageSection::end).checked_next_multiple_of(PAGE);
    let size = size.ok_or_else(|| Error::new(ErrorKind::Unsupported, "it is larger than 4 GiB"))?;
    let entry = file.entry().checked_sub(base).filter(|&entry| entry < u64::from(size));
    Ok(Headers {
        format: ImageFormat::Elf,
        machine: machine(file.architecture()),
        is_64: file.is_64(),
        is_library: kind == ObjectKind::Dynamic && file.entry() == 0,
        can_move: kind == ObjectKind::Dynamic,
        base,
        size,
        headers_len: 0,
        entry_point: entry.unwrap_or(0) as u32,
        base_place: None,
        sections,
    })
}

/// The page of the first segment; addresses are told from there.
fn base_of<'data>(file: &impl Object<'data>) -> Result<u64> {
    let lowest = file.segments().map(|segment| segment.address()).min();
    let lowest = lowest.ok_or_else(|| bad("it has no segment to be loaded"))?;
    Ok(lowest / u64::from(PAGE) * u64::from(PAGE))
}

fn machine(architecture: Architecture) -> Machine {
    match architecture {
        Architecture::I386 => Machine::X86,
        Architecture::X86_64 => Machine::X64,
        Architecture::Arm => Machine::Arm,
        Architecture::Aarch64 => Machine::Arm64,
        _ => Machine::Other,
    }
}

fn protect(flags: SegmentFlags) -> Protect {
    let SegmentFlags::Elf { p_flags, .. } = flags else { return Protect::NO_ACCESS };
    match (p_flags.0 & 4 != 0, p_flags.0 & 2 != 0, p_flags.0 & 1 != 0) {
        (_, true, false) => Protect::WRITE_COPY,
        (_, true, true) => Protect::EXECUTE_WRITE_COPY,
        (true, false, true) => Protect::EXECUTE_READ,
        (false, false, true) => Protect::EXECUTE,
        (true, false, false) => Protect::READ_ONLY,
        (false, false, false) => Protect::NO_ACCESS,
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(super) fn exports<'data, R: ReadRef<'data>>(data: R) -> Result<Vec<Export>> {
    exports_of(&elf(data)?)
}

fn exports_of<'data>(file: &impl Object<'data>) -> Result<Vec<Export>> {
    let base = base_of(file)?;
    let mut exports = Vec::new();
    for (index, export) in file.exports().map_err(broken)?.enumerate() {
        let export = export.map_err(broken)?;
        let NameOrOrdinal::Name(name) = export.name() else { continue };
        let Target::Address { address, .. } = export.target() else { continue };
        let Some(address) = address.checked_sub(base).and_then(|at| u32::try_from(at).ok()) else {
            continue; // an absolute number, not an address
        };
        let (ordinal, name) = (index as u32, Some(text(name)));
        exports.push(Export { ordinal, name, target: ExportTarget::Address(address) });
    }
    Ok(exports)
}

pub(super) fn imports<'data, R: ReadRef<'data>>(data: R) -> Result<Vec<Import>> {
    imports_of(&elf(data)?)
}

/// The libraries it names; and then, because the format does not say of which, the symbols it needs of any.
fn imports_of<'data>(file: &impl Object<'data>) -> Result<Vec<Import>> {
    let mut imports = Vec::new();
    for library in file.import_libraries().map_err(broken)? {
        let library = text(library.map_err(broken)?.name());
        imports.push(Import { library, symbols: Vec::new() });
    }
    let mut symbols = Vec::new();
    for import in file.imports().map_err(broken)? {
        symbols.push(match import.map_err(broken)?.name() {
            NameOrOrdinal::Name(name) => ImportedSymbol::Name(text(name)),
            NameOrOrdinal::Ordinal(ordinal) => ImportedSymbol::Ordinal(ordinal),
        });
    }
    if !symbols.is_empty() {
        imports.push(Import { library: String::new(), symbols });
    }
    Ok(imports)
}

pub(super) fn relocations<'data, R: ReadRef<'data>>(data: R, size: u32) -> Result<Vec<Relocation>> {
    relocations_of(&elf(data)?, size)
}

/// The places that get an address when it is loaded, be it of its own or of another library.
fn relocations_of<'data>(file: &impl Object<'data>, size: u32) -> Result<Vec<Relocation>> {
    let base = base_of(file)?;
    let kind = match file.is_64() {
        true => RelocationKind::Address64,
        false => RelocationKind::Address32,
    };
    let mut found = Vec::new();
    for (place, relocation) in file.dynamic_relocations().into_iter().flatten() {
        if matches!(relocation.flags(), RelocationFlags::Elf { r_type, .. } if r_type.0 == 0) {
            continue; // nothing to do
        }
        let address = place.checked_sub(base).and_then(|place| u32::try_from(place).ok());
        let inside = |at: &u32| at.checked_add(kind.width()).is_some_and(|end| end <= size);
        let Some(address) = address.filter(inside) else {
            return Err(bad(format!("a relocation at {place:#x} is outside of the image")));
        };
        found.push(Relocation { address, kind });
    }
    Ok(found)
}
