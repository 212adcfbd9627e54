//! The headers of a Portable Executable file, checked as Windows checks them before it maps one.

use object::pe::{self, ImageNtHeaders32, ImageNtHeaders64};
use object::read::pe::SectionTable;
use object::read::pe::{
    optional_header_magic, DataDirectories, ImageNtHeaders, ImageOptionalHeader,
};
use object::{LittleEndian as LE, ReadRef};

use super::elf;
use super::section::{self, ImageSection};
use super::{Relocation, RelocationKind};
use crate::{Error, ErrorKind, Result};

/// The processor that an image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Machine {
    /// 32-bit x86 (`IMAGE_FILE_MACHINE_I386`).
    X86,
    /// x86-64 (`IMAGE_FILE_MACHINE_AMD64`).
    X64,
    /// 32-bit ARM (`IMAGE_FILE_MACHINE_ARMNT`).
    Arm,
    /// 64-bit ARM (`IMAGE_FILE_MACHINE_ARM64`).
    Arm64,
    /// Another one, of a program for Linux.
    Other,
}

/// The format of an image's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// Portable Executable: Windows.
    Pe,
    /// Executable and Linkable ImageFormat: Linux. For inspection only.
    Elf,
}

/// What the headers say.
#[derive(Debug)]
pub(super) struct Headers {
    pub format: ImageFormat,
    pub machine: Machine,
    pub is_64: bool,
    pub is_library: bool,
    pub can_move: bool,
    pub base: u64,
    pub size: u32,
    /// Bytes of the file that are the headers, which come first in memory, too.
    pub headers_len: u32,
    pub entry_point: u32,
    /// Where the headers hold the base: it changes with it, though no relocation says so.
    pub base_place: Option<Relocation>,
    pub sections: Vec<ImageSection>,
}

pub(super) const PAGE: u32 = 4096;

/// The largest image; addresses inside are 32-bit numbers, and Windows stops at half of them.
const LARGEST: u32 = 0x7FFF_0000;

/// Windows takes no more sections.
const MOST_SECTIONS: usize = 96;

pub(super) fn bad(why: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::BadExeFormat, why)
}

pub(super) fn broken(error: object::read::Error) -> Error {
    bad(error.to_string())
}

/// The parts of the headers that lead to everything else.
pub(super) struct Tables<'data, Pe> {
    pub nt: &'data Pe,
    /// Where in the file the base is told.
    pub base_at: u64,
    pub directories: DataDirectories<'data>,
    pub sections: SectionTable<'data>,
}

/// # Errors
/// [`ErrorKind::BadExeFormat`]: the tables are not where they should be.
pub(super) fn tables<'data, Pe: ImageNtHeaders, R: ReadRef<'data>>(
    data: R,
) -> Result<Tables<'data, Pe>> {
    let dos = pe::ImageDosHeader::parse(data).map_err(broken)?;
    let mut offset = u64::from(dos.nt_headers_offset());
    let (nt, directories) = Pe::parse(data, &mut offset).map_err(broken)?;
    let sections = nt.sections(data, offset).map_err(broken)?;
    let optional = u64::from(dos.nt_headers_offset()) + 4 + size_of::<pe::ImageFileHeader>() as u64;
    let base_at = optional + if nt.is_type_64() { 24 } else { 28 };
    Ok(Tables { nt, base_at, directories, sections })
}

/// Whether it is a 64-bit image, if it is one at all.
pub(super) fn is_64<'data, R: ReadRef<'data>>(data: R) -> Result<bool> {
    match optional_header_magic(data).map_err(broken)? {
        pe::IMAGE_NT_OPTIONAL_HDR64_MAGIC => Ok(true),
        pe::IMAGE_NT_OPTIONAL_HDR32_MAGIC => Ok(false),
        other => Err(bad(format!("the optional header has the unknown magic number {other:#x}"))),
    }
}

/// Reads and checks the headers of a file of `len` bytes.
pub(super) fn read<'data, R: ReadRef<'data>>(data: R, len: u64) -> Result<Headers> {
    if data.read_bytes_at(0, 4) == Ok(elf::MAGIC) {
        return elf::read(data, len);
    }
    match is_64(data)? {
        true => check(&tables::<ImageNtHeaders64, R>(data)?, len),
        false => check(&tables::<ImageNtHeaders32, R>(data)?, len),
    }
}

fn check<Pe: ImageNtHeaders>(tables: &Tables<'_, Pe>, len: u64) -> Result<Headers> {
    let (file, optional) = (tables.nt.file_header(), tables.nt.optional_header());
    let is_64 = tables.nt.is_type_64();
    let machine = machine(file.machine.get(LE).0)?;
    if matches!(machine, Machine::X64 | Machine::Arm64) != is_64 {
        return Err(bad("the optional header is of the other width than the machine"));
    }
    let (alignment, file_alignment) = (optional.section_alignment(), optional.file_alignment());
    check_alignments(alignment, file_alignment)?;
    let (size, headers_len) = (optional.size_of_image(), optional.size_of_headers());
    if size == 0 || size > LARGEST {
        return Err(bad(format!("an image of {size} bytes is none")));
    }
    if u64::from(headers_len) > len || headers_len > size || headers_len == 0 {
        return Err(bad(format!("the headers are {headers_len} bytes, in a file of {len}")));
    }
    let base = optional.image_base();
    if !base.is_multiple_of(0x1_0000) {
        return Err(bad(format!("the preferred base {base:#x} is no multiple of 65536")));
    }
    let entry_point = optional.address_of_entry_point();
    if entry_point >= size {
        return Err(bad(format!("the entry point {entry_point:#x} is outside of the image")));
    }
    let sections = sections(&tables.sections, Extent { len, size, headers_len, alignment })?;
    let flags = file.characteristics.get(LE).0;
    Ok(Headers {
        format: ImageFormat::Pe,
        machine,
        is_64,
        is_library: flags & pe::IMAGE_FILE_DLL.0 != 0,
        can_move: flags & pe::IMAGE_FILE_RELOCS_STRIPPED.0 == 0,
        base,
        size,
        headers_len,
        entry_point,
        base_place: base_place(tables.base_at, is_64, headers_len),
        sections,
    })
}

fn base_place(at: u64, is_64: bool, headers_len: u32) -> Option<Relocation> {
    let kind = if is_64 { RelocationKind::Address64 } else { RelocationKind::Address32 };
    let address = u32::try_from(at).ok()?;
    let end = address.checked_add(kind.width())?;
    (end <= headers_len).then_some(Relocation { address, kind })
}

fn machine(number: u16) -> Result<Machine> {
    match number {
        0x014c => Ok(Machine::X86),
        0x8664 => Ok(Machine::X64),
        0x01c4 => Ok(Machine::Arm),
        0xaa64 => Ok(Machine::Arm64),
        _ => Err(bad(format!("the machine {number:#x} is unknown"))),
    }
}

fn check_alignments(section: u32, file: u32) -> Result<()> {
    if !section.is_power_of_two() || !file.is_power_of_two() || section < file || file < 16 {
        return Err(bad(format!(
            "sections aligned to {section}, in the file to {file}, cannot be"
        )));
    }
    if section < PAGE {
        // Such drivers and boot programs are one piece, headers and all, without protections.
        let why =
            format!("sections aligned to {section} bytes share pages; this is not for processes");
        return Err(Error::new(ErrorKind::Unsupported, why));
    }
    Ok(())
}

/// What sections must lie in.
struct Extent {
    /// Bytes of the file.
    len: u64,
    /// Bytes of the image.
    size: u32,
    headers_len: u32,
    alignment: u32,
}

/// The sections, which follow one another without a gap, as Windows demands.
fn sections(table: &SectionTable<'_>, extent: Extent) -> Result<Vec<ImageSection>> {
    let Extent { len, size, headers_len, alignment } = extent;
    if table.len() > MOST_SECTIONS {
        return Err(bad(format!("{} sections are more than {MOST_SECTIONS}", table.len())));
    }
    let mut sections = Vec::with_capacity(table.len());
    let aligned = |bytes: u32| bytes.checked_next_multiple_of(alignment);
    let mut next = aligned(headers_len).ok_or_else(|| bad("the headers are too long"))?;
    for header in table.iter() {
        let raw_name = header.name.split(|&byte| byte == 0).next().unwrap_or_default();
        let name = String::from_utf8_lossy(raw_name).into_owned();
        let address = header.virtual_address.get(LE);
        let raw_len = header.size_of_raw_data.get(LE);
        // Old linkers leave the size in memory empty when it is that in the file.
        let memory = match header.virtual_size.get(LE) {
            0 => raw_len,
            memory => memory,
        };
        let end = address.checked_add(memory).and_then(aligned);
        if address != next || memory == 0 {
            let why = format!("section {name} is at {address:#x} instead of {next:#x}, or empty");
            return Err(bad(why));
        }
        next = end.ok_or_else(|| bad(format!("section {name} does not end")))?;
        let file_offset = header.pointer_to_raw_data.get(LE);
        let file_len = match file_offset {
            0 => 0,
            _ => raw_len.min(memory.next_multiple_of(PAGE)),
        };
        if u64::from(file_offset) + u64::from(file_len) > len {
            let why = format!("section {name} reaches behind the end of the file, at {len:#x}");
            return Err(bad(why));
        }
        let flags = header.characteristics.get(LE).0;
        sections.push(ImageSection {
            name,
            address,
            len: memory,
            file_offset: if file_len == 0 { 0 } else { file_offset },
            file_len,
            protect: section::protect(flags),
            shared: section::is_shared(flags),
            discardable: section::is_discardable(flags),
        });
    }
    // Pages behind the size are not there, whatever sections are aligned to.
    let mapped = sections.last().map_or(headers_len, ImageSection::end);
    if size.checked_next_multiple_of(alignment) != Some(next)
        || mapped.next_multiple_of(PAGE) > size.next_multiple_of(PAGE)
    {
        return Err(bad(format!("the image is {size:#x} bytes, its sections end at {next:#x}")));
    }
    Ok(sections)
}
