//! `Image`: an executable or library as a file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use object::read::ReadCache;

use super::elf;
use super::headers::{self, Headers, ImageFormat, PAGE};
use super::{
    relocations, symbols, Export, ExportTarget, ImageSection, Import, Machine, Relocation,
};
use crate::{sys, Error, ErrorKind, Result};

/// An executable or library in the format of Windows (EXE, DLL; 32 and 64 bits), whose headers were checked. Those of Linux can
/// be looked at, too, but not mapped: there the segments to be loaded are told as sections.
///
/// Addresses in it are distances from the base of the image, which Windows calls relative virtual addresses. Nothing is
/// mapped yet. Follows [PE format](https://learn.microsoft.com/windows/win32/debug/pe-format).
///
/// ```no_run
/// let image = mapview::Image::open("plugin.dll")?;
/// for section in image.sections() {
///     println!("{:8} {:#10x} {}", section.name, section.address, section.protect);
/// }
/// println!("{:?}", image.symbol("start")?);
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "SEC_IMAGE")]
pub struct Image {
    file: File,
    path: PathBuf,
    headers: Headers,
}

impl Image {
    /// Opens a file and checks its headers.
    ///
    /// # Errors
    /// [`BadExeFormat`](ErrorKind::BadExeFormat): it is not such a file, or damaged; [`Unsupported`](ErrorKind::Unsupported):
    /// its sections share pages, as those of drivers may; the kinds of opening a file.
    pub fn open(path: impl AsRef<Path>) -> Result<Image> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| sys::file_error(error, Some(path)))?;
        let headers = read_headers(&file).map_err(|error| error.about(path.display()))?;
        Ok(Image { file, path: path.to_owned(), headers })
    }

    /// Checks the headers of a file that is open for reading.
    ///
    /// ```no_run
    /// let file = std::fs::File::open("plugin.dll")?;
    /// let view = mapview::Image::from_file(file)?.map()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The kinds of [`Image::open`].
    pub fn from_file(file: File) -> Result<Image> {
        let headers = read_headers(&file)?;
        Ok(Image { file, path: PathBuf::new(), headers })
    }

    /// The path that it was opened by; empty if it was made of an open file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What kind of file it is.
    pub fn format(&self) -> ImageFormat {
        self.headers.format
    }

    /// The processor that it is for.
    pub fn machine(&self) -> Machine {
        self.headers.machine
    }

    /// Whether it is a library and no program.
    pub fn is_library(&self) -> bool {
        self.headers.is_library
    }

    /// Whether it can lie elsewhere than at its preferred base.
    pub fn can_move(&self) -> bool {
        self.headers.can_move
    }

    /// The address that it was linked for; a multiple of 64 KiB.
    #[doc(alias = "ImageBase")]
    pub fn preferred_base(&self) -> u64 {
        self.headers.base
    }

    /// Bytes of addresses that it takes.
    #[doc(alias = "SizeOfImage")]
    pub fn size(&self) -> u32 {
        self.headers.size
    }

    /// Bytes of the file that are the headers, which come first in memory, too.
    #[doc(alias = "SizeOfHeaders")]
    pub fn headers_len(&self) -> u32 {
        self.headers.headers_len
    }

    /// Where running starts; `None` if there is nothing to run.
    pub fn entry_point(&self) -> Option<u32> {
        Some(self.headers.entry_point).filter(|&entry| entry != 0)
    }

    /// The sections, which follow one another in memory.
    pub fn sections(&self) -> &[ImageSection] {
        &self.headers.sections
    }

    /// The section at an address; `None` for the headers, gaps and what is outside.
    pub fn section_at(&self, address: u32) -> Option<&ImageSection> {
        self.headers.sections.iter().find(|section| section.contains(address))
    }

    /// What it offers to others, ordered by number.
    ///
    /// # Errors
    /// [`BadExeFormat`](ErrorKind::BadExeFormat): the table is damaged.
    pub fn exports(&self) -> Result<Vec<Export>> {
        self.parse(|data| match self.headers.format {
            ImageFormat::Pe => symbols::exports(data, self.headers.is_64),
            ImageFormat::Elf => elf::exports(data),
        })
    }

    /// Where an exported symbol is; `None` if there is none of this name. A forward to another library is followed by
    /// nobody: that is `None`, too.
    ///
    /// # Errors
    /// The kinds of [`Image::exports`].
    #[doc(alias = "GetProcAddress")]
    pub fn symbol(&self, name: &str) -> Result<Option<u32>> {
        let exports = self.exports()?;
        let export = exports.into_iter().find(|export| export.name.as_deref() == Some(name));
        Ok(export.and_then(|export| match export.target {
            ExportTarget::Address(address) => Some(address),
            ExportTarget::Forward(_) => None,
        }))
    }

    /// What it needs of other libraries.
    ///
    /// # Errors
    /// [`BadExeFormat`](ErrorKind::BadExeFormat): the table is damaged.
    pub fn imports(&self) -> Result<Vec<Import>> {
        self.parse(|data| match self.headers.format {
            ImageFormat::Pe => symbols::imports(data, self.headers.is_64),
            ImageFormat::Elf => elf::imports(data),
        })
    }

    /// The places that change with the base of the image.
    ///
    /// # Errors
    /// [`BadExeFormat`](ErrorKind::BadExeFormat): the table is damaged, or a place lies outside of the image.
    pub fn relocations(&self) -> Result<Vec<Relocation>> {
        self.parse(|data| match self.headers.format {
            ImageFormat::Pe => {
                relocations::relocations(data, self.headers.is_64, self.headers.size)
            }
            ImageFormat::Elf => elf::relocations(data, self.headers.size),
        })
    }

    /// Copies bytes as they are in memory before anything is relocated: zeros where the file has none.
    ///
    /// # Errors
    /// [`InvalidAddress`](ErrorKind::InvalidAddress): not all of it lies inside the image; the kinds of reading a file.
    pub fn read(&self, address: u32, buffer: &mut [u8]) -> Result<()> {
        let (from, size) = (u64::from(address), u64::from(self.size().next_multiple_of(PAGE)));
        let end = from.checked_add(buffer.len() as u64).filter(|&end| end <= size);
        let end = end.ok_or_else(|| {
            let why = format!("{} bytes at {address:#x}, of an image of {size:#x}", buffer.len());
            Error::new(ErrorKind::InvalidAddress, why).about(self.path.display())
        })?;
        buffer.fill(0);
        let headers = (0, 0, u64::from(self.headers.headers_len));
        let sections = self.headers.sections.iter().map(|section| {
            (section.address.into(), section.file_offset.into(), section.file_len.into())
        });
        for (start, offset, len) in std::iter::once(headers).chain(sections) {
            let (first, last): (u64, u64) = (from.max(start), end.min(start + len));
            if first < last {
                let part = &mut buffer[(first - from) as usize..(last - from) as usize];
                self.read_file(offset + (first - start), part)?;
            }
        }
        Ok(())
    }

    /// Whether its addresses have 64 bits.
    pub fn is_64(&self) -> bool {
        self.headers.is_64
    }

    /// Where the headers hold the base.
    pub(super) fn base_place(&self) -> Option<Relocation> {
        self.headers.base_place
    }

    /// Bytes of the file up to the last that belongs to the image.
    pub(super) fn file_len(&self) -> u64 {
        let end =
            |section: &ImageSection| u64::from(section.file_offset) + u64::from(section.file_len);
        let sections = self.sections().iter().map(end);
        sections.chain([self.headers_len().into()]).max().unwrap_or(0)
    }

    /// Its file.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    fn read_file(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let read = Reader { file: &self.file, at: offset }.read_exact(buffer);
        read.map_err(|error| sys::file_error(error, Some(&self.path)))
    }

    fn parse<T>(&self, act: impl FnOnce(&ReadCache<Reader<'_>>) -> Result<T>) -> Result<T> {
        let reader = Reader { file: &self.file, at: 0 };
        act(&ReadCache::new(reader)).map_err(|error| error.about(self.path.display()))
    }
}

/// Reads with a position of its own: that of the file may be shared with others, as after a fork.
struct Reader<'a> {
    file: &'a File,
    at: u64,
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = sys::read_at(self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let from = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.at = from.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

fn read_headers(file: &File) -> Result<Headers> {
    let len = file.metadata().map_err(|error| sys::file_error(error, None))?.len();
    headers::read(&ReadCache::new(Reader { file, at: 0 }), len)
}
