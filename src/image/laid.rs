//! Where the bytes of an image come from when it is mapped.
//!
//! Pages that lie in the file as they do in memory are mapped from the file. The others, as the ends of sections and all of
//! files that are packed more tightly than in pages, are laid out once, in memory that all processes of the user share
//! while anybody has the image mapped; so are the shared sections, which nobody gets a copy of.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use super::headers::PAGE;
use super::Image;
use crate::{Error, ErrorKind, Mapping, MappingOptions, Mutex, Protection, Result, View};

/// A stretch of an image and where its bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Bytes from the base of the image, whole pages.
    pub start: u32,
    pub len: u32,
    pub from: From,
}

/// Where the bytes of a piece are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// In the file, at this offset.
    File(u32),
    /// In the laid-out memory, where they are in the image.
    Laid,
    /// In the memory of the shared sections, at this offset.
    Shared(u32),
}

/// Whole pages.
pub(super) fn up(bytes: u32) -> u32 {
    bytes.next_multiple_of(PAGE)
}

/// Cuts the image into pieces, without gaps; neighbours that were laid out are one.
pub(super) fn pieces(image: &Image) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut shared = 0;
    let ends = image.sections().iter().skip(1).map(|next| next.address);
    let ends = ends.chain([up(image.size())]);
    let first = image.sections().first().map_or(up(image.size()), |section| section.address);
    add(&mut pieces, 0..first, 0, image.headers_len());
    for (section, end) in image.sections().iter().zip(ends) {
        if section.shared {
            let own = section.address + up(section.len);
            push(&mut pieces, section.address..own, From::Shared(shared));
            push(&mut pieces, own..end, From::Laid);
            shared += up(section.len);
        } else {
            add(&mut pieces, section.address..end, section.file_offset, section.file_len);
        }
    }
    pieces
}

/// Whole pages that begin a page in the file come from there.
fn add(pieces: &mut Vec<Piece>, range: Range<u32>, offset: u32, len: u32) {
    let whole = if offset.is_multiple_of(PAGE) { len / PAGE * PAGE } else { 0 };
    let middle = range.start + whole.min(range.end - range.start);
    push(pieces, range.start..middle, From::File(offset));
    push(pieces, middle..range.end, From::Laid);
}

fn push(pieces: &mut Vec<Piece>, range: Range<u32>, from: From) {
    let (start, len) = (range.start, range.end - range.start);
    match pieces.last_mut() {
        Some(last) if last.from == From::Laid && from == From::Laid => last.len += len,
        _ if len != 0 => pieces.push(Piece { start, len, from }),
        _ => {}
    }
}

/// The bytes that pieces other than those of the file need, held as long as the image is mapped.
#[derive(Debug)]
pub(super) struct Laid {
    pub laid: Option<Mapping>,
    pub shared: Option<Mapping>,
}

impl Laid {
    /// Finds what others laid out, or does it.
    pub(super) fn of(image: &Image, identity: &str, pieces: &[Piece]) -> Result<Laid> {
        let any = |wanted: fn(&From) -> bool| pieces.iter().any(|piece| wanted(&piece.from));
        let laid = any(|from| *from == From::Laid).then(|| {
            let name = format!("mapview image {identity}");
            let own = || pieces.iter().filter(|piece| piece.from == From::Laid);
            let bytes: u64 = own().flat_map(|piece| of_file(image, piece)).map(len).sum();
            // Memory that is taken page by page is dear: only where most of it would be for nothing.
            let sparse = bytes < u64::from(image.size()) / 2;
            filled(&name, up(image.size()), sparse, |view| {
                own().try_for_each(|piece| copy(image, piece, piece.start, view))
            })
        });
        let sharing = |piece: &&Piece| matches!(piece.from, From::Shared(_));
        let size: u32 = pieces.iter().filter(sharing).map(|piece| piece.len).sum();
        let shared = (size != 0).then(|| {
            let name = format!("mapview image {identity} shared");
            filled(&name, size, false, |view| {
                pieces.iter().try_for_each(|piece| match piece.from {
                    From::Shared(offset) => copy(image, piece, offset, view),
                    _ => Ok(()),
                })
            })
        });
        Ok(Laid { laid: laid.transpose()?, shared: shared.transpose()? })
    }
}

/// The parts of a piece that come from the file, by distance from the base.
fn of_file(image: &Image, piece: &Piece) -> Vec<Range<u32>> {
    let headers = (0, image.headers_len());
    let sections = image.sections().iter().map(|section| (section.address, section.file_len));
    std::iter::once(headers)
        .chain(sections)
        .map(|(start, len)| start.max(piece.start)..(start + len).min(piece.start + piece.len))
        .filter(|part| part.start < part.end)
        .collect()
}

/// Bytes that are copied at once; they stay in the processor's cache.
const AT_ONCE: u32 = 256 << 10;

fn len(part: Range<u32>) -> u64 {
    u64::from(part.end - part.start)
}

/// Copies what of a piece comes from the file; the rest of the memory is zeros already.
fn copy(image: &Image, piece: &Piece, to: u32, view: &View) -> Result<()> {
    let mut bytes = vec![0; AT_ONCE as usize];
    for part in of_file(image, piece) {
        for start in part.clone().step_by(AT_ONCE as usize) {
            let some = &mut bytes[..AT_ONCE.min(part.end - start) as usize];
            image.read(start, some)?;
            view.copy_in((to + (start - piece.start)) as usize, some)?;
        }
    }
    Ok(())
}

/// Stands behind the bytes once they are all there.
const DONE: u64 = u64::from_le_bytes(*b"laid out");

/// The memory of this name, filled by the first who needs it.
fn filled(
    name: &str,
    size: u32,
    sparse: bool,
    fill: impl FnOnce(&View) -> Result<()>,
) -> Result<Mapping> {
    let turn = Mutex::create(&format!("{name}, turn"))?;
    let mine = turn.lock()?; // whoever died in his turn left nothing that the mark vouches for
    let mut options = MappingOptions::new();
    options.name(name).size(u64::from(size) + u64::from(PAGE)).reserve(sparse);
    let mapping = options.protection(Protection::ExecuteReadWrite).create()?;
    let view = mapping.view().map_err(|error| not_ours(name, &error))?;
    let mark = view.atomic::<AtomicU64>(size as usize).map_err(|error| not_ours(name, &error))?;
    if mark.load(Ordering::Acquire) != DONE {
        fill(&view)?;
        mark.store(DONE, Ordering::Release);
    }
    mine.unlock()?;
    Ok(mapping)
}

/// A process of the same user was there first, with something else.
fn not_ours(name: &str, error: &Error) -> Error {
    let why = format!("the memory named {name:?}, which its bytes are laid out in, was made by something else ({error}); end the process that holds it");
    Error::new(ErrorKind::InvalidData, why)
}
