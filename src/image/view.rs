//! `ImageView`: an image as it lies in memory.

use std::ops::Range;

use super::laid::{self, up, From, Laid};
use super::{Image, ImageFormat, ImageSection};
use crate::sys::{self, ImagePart, ImageRequest, GRANULARITY};
use crate::{
    Error, ErrorKind, Mapping, MappingOptions, Protect, Protection, Relocation, Residency,
};
use crate::{Result, View, ViewAccess};

/// An [`Image`] in memory: headers and every section at its place with its own protection.
///
/// Pages that nobody wrote are in memory once for all processes that map the file. What is written is private to this
/// view, except in shared sections, which all processes have in common. Writing through pointers into pages that do not
/// permit it ends the program, as everywhere.
///
/// ```no_run
/// let view = mapview::Image::open("counter.dll")?.map()?;
/// let count = view.symbol_address("count")?.expect("it is exported");
/// // SAFETY: a function of this signature that needs no imports.
/// let count: extern "win64" fn() -> u32 = unsafe { std::mem::transmute(count) };
/// println!("{}", count());
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "SEC_IMAGE")]
pub struct ImageView {
    view: View,
    image: Image,
    /// What others who map the file find by name.
    #[allow(dead_code)] // held, not used
    laid: Laid,
}

impl Image {
    /// Maps it at its preferred base if that is free, else wherever there is room, and then adjusts the addresses in it.
    ///
    /// # Errors
    /// * [`InvalidAddress`](ErrorKind::InvalidAddress): its base is taken and it cannot move.
    /// * [`BadExeFormat`](ErrorKind::BadExeFormat): its relocations are damaged.
    /// * [`AccessDenied`](ErrorKind::AccessDenied): the system does not let such pages be executed.
    /// * [`Unsupported`](ErrorKind::Unsupported): a shared section holds addresses, which cannot be right for all.
    /// * [`NotEnoughMemory`](ErrorKind::NotEnoughMemory): no room; 32-bit images must lie below 4 GiB.
    #[doc(alias = "MapViewOfFile")]
    pub fn map(self) -> Result<ImageView> {
        ImageView::new(self, None)
    }

    /// Maps it at an address, a multiple of 64 KiB.
    ///
    /// # Errors
    /// The kinds of [`Image::map`]; [`InvalidAddress`](ErrorKind::InvalidAddress): something lies there;
    /// [`MappedAlignment`](ErrorKind::MappedAlignment): it is no multiple of 64 KiB.
    #[doc(alias = "MapViewOfFileEx")]
    pub fn map_at(self, base: usize) -> Result<ImageView> {
        ImageView::new(self, Some(base))
    }
}

impl Mapping {
    /// Maps an executable or library as an image; the same as [`Image::open`] and [`Image::map`].
    ///
    /// # Errors
    /// The kinds of both.
    #[doc(alias = "SEC_IMAGE")]
    pub fn image(path: impl AsRef<std::path::Path>) -> Result<ImageView> {
        Image::open(path)?.map()
    }
}

impl ImageView {
    fn new(image: Image, wanted: Option<usize>) -> Result<ImageView> {
        let made = make(&image, wanted);
        let (inner, laid) = made.map_err(|error| error.about(image.path().display()))?;
        let view = View::new(inner, ViewAccess::ExecuteCopyOnWrite);
        Ok(ImageView { view, image, laid })
    }

    /// What the file says.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Where it lies.
    pub fn base(&self) -> usize {
        self.as_ptr().addr()
    }

    /// Whether it lies elsewhere than at its preferred base.
    pub fn is_relocated(&self) -> bool {
        self.base() as u64 != self.image.preferred_base()
    }

    /// The first byte. Not all pages may be read, see [`Image::sections`].
    pub fn as_ptr(&self) -> *mut u8 {
        self.view.as_ptr()
    }

    /// Where an exported function or variable is; see [`Image::symbol`].
    ///
    /// # Errors
    /// The kinds of [`Image::exports`].
    #[doc(alias = "GetProcAddress")]
    pub fn symbol_address(&self, name: &str) -> Result<Option<*mut u8>> {
        let place = self.image.symbol(name)?;
        let inside = place.filter(|&place| place < self.image.size());
        Ok(inside.map(|place| self.as_ptr().wrapping_add(place as usize)))
    }

    /// Copies bytes out, as they are now.
    ///
    /// # Errors
    /// [`InvalidAddress`](ErrorKind::InvalidAddress): not all of it lies inside the image;
    /// [`NoAccess`](ErrorKind::NoAccess): a page of it may not be read.
    pub fn read(&self, address: u32, buffer: &mut [u8]) -> Result<()> {
        self.check(address, buffer.len(), Protect::readable)?;
        self.view.copy_out(address as usize, buffer)
    }

    /// Copies bytes in: into copies of this process, or for everybody in a shared section.
    ///
    /// # Errors
    /// [`InvalidAddress`](ErrorKind::InvalidAddress): not all of it lies inside the image;
    /// [`NoAccess`](ErrorKind::NoAccess): a page of it may not be written.
    pub fn write(&self, address: u32, bytes: &[u8]) -> Result<()> {
        self.check(address, bytes.len(), Protect::writable)?;
        self.view.copy_in(address as usize, bytes)
    }

    /// Where its pages are, and which of them are copies of this process.
    ///
    /// # Errors
    /// The kinds of [`View::residency`].
    pub fn residency(&self) -> Result<Residency> {
        self.view.residency()
    }

    fn check(&self, address: u32, len: usize, may: impl Fn(Protect) -> bool) -> Result<()> {
        let end = (address as usize).checked_add(len).filter(|&end| end <= self.view.len());
        let outside = || {
            let why = format!("{len} bytes at {address:#x}, of an image of {:#x}", self.view.len());
            Error::new(ErrorKind::InvalidAddress, why).about(self.image.path().display())
        };
        let wanted = address as usize..end.ok_or_else(outside)?;
        let forbids = |(range, protect): &(Range<usize>, Protect)| {
            range.start < wanted.end && wanted.start < range.end && !may(*protect)
        };
        if len != 0 && protects(&self.image).iter().any(forbids) {
            let why =
                format!("a page between {address:#x} and {:#x} does not permit it", wanted.end);
            return Err(Error::new(ErrorKind::NoAccess, why).about(self.image.path().display()));
        }
        Ok(())
    }
}

fn pages(bytes: u32) -> usize {
    up(bytes) as usize
}

/// What the pages permit: the headers reading, sections what they say, and gaps nothing.
fn protects(image: &Image) -> Vec<(Range<usize>, Protect)> {
    let sections = image.sections();
    let starts = sections.iter().map(|section| section.address as usize);
    let mut at = 0;
    let mut all = Vec::with_capacity(sections.len() + 1);
    let headers = (0, pages(image.headers_len()), Protect::READ_ONLY);
    let own = sections.iter().map(|section: &ImageSection| {
        (section.address as usize, pages(section.len), section.protect)
    });
    let ends = starts.chain([pages(image.size())]);
    for ((start, len, protect), end) in std::iter::once(headers).chain(own).zip(ends) {
        debug_assert_eq!(start, at);
        all.push((start..start + len, protect));
        if start + len < end {
            all.push((start + len..end, Protect::NO_ACCESS));
        }
        at = end;
    }
    all
}

fn make(image: &Image, wanted: Option<usize>) -> Result<(sys::View, Laid)> {
    let file = image.file();
    if image.format() == ImageFormat::Elf {
        let why = "programs and libraries of Linux are mapped by its dynamic linker";
        return Err(Error::new(ErrorKind::Unsupported, why));
    }
    if wanted.is_some_and(|base| !base.is_multiple_of(GRANULARITY)) {
        let why = "the base of an image is a multiple of 65536";
        return Err(Error::new(ErrorKind::MappedAlignment, why));
    }
    let mut relocations = image.relocations()?;
    let shared = |place: u32| {
        let mut shared = image.sections().iter().filter(|section| section.shared);
        shared.any(|section| (section.address..section.address + up(section.len)).contains(&place))
    };
    let ends = |place: &Relocation| [place.address, place.address + place.kind.width() - 1];
    if relocations.iter().any(|relocation| ends(relocation).into_iter().any(shared)) {
        let why = "a shared section holds addresses, which cannot be right in every process";
        return Err(Error::new(ErrorKind::Unsupported, why));
    }
    let pieces = if sys::LAYS_IMAGES_OUT { Vec::new() } else { laid::pieces(image) };
    let first = first_address(image, &relocations)?;
    if !sys::LAYS_IMAGES_OUT {
        relocations.extend(image.base_place());
    }
    let laid = Laid::of(image, &sys::file_identity(file)?, &pieces)?;
    let source = MappingOptions::new().file(file).protection(Protection::WriteCopy).create()?;
    let parts: Vec<ImagePart<'_>> = pieces
        .iter()
        .map(|piece| {
            let (mapping, offset) = match piece.from {
                From::File(offset) => (Some(&source), offset),
                From::Laid => (laid.laid.as_ref(), piece.start),
                From::Shared(offset) => (laid.shared.as_ref(), offset),
            };
            let mapping = &mapping.expect("what a piece is from was made").inner;
            let shared = matches!(piece.from, From::Shared(_));
            let (start, len) = (piece.start as usize, piece.len as usize);
            ImagePart { start, len, mapping, offset: offset.into(), shared }
        })
        .collect();
    let request = ImageRequest {
        file,
        source: &source.inner,
        file_len: image.file_len(),
        size: pages(image.size()),
        machine: image.machine(),
        preferred: image.preferred_base() as usize,
        wanted,
        can_move: image.can_move(),
        low: !image.is_64(),
        parts: &parts,
        protects: &protects(image),
        relocations: &relocations,
        first,
    };
    Ok((sys::map_image(&request)?, laid))
}

/// The first whole address in the image, and its value in the file.
fn first_address(image: &Image, all: &[Relocation]) -> Result<Option<(Relocation, u64)>> {
    let whole = |place: &&Relocation| place.kind.width() >= 4;
    let Some(&first) = all.iter().find(whole) else { return Ok(None) };
    let mut bytes = [0; 8];
    image.read(first.address, &mut bytes[..first.kind.width() as usize])?;
    Ok(Some((first, u64::from_le_bytes(bytes))))
}
