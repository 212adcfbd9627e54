//! `FormatMessage`.
//!
//! Inside, text is units of the function's own kind: UTF-16, or for the A function bytes, each in a unit.

use std::ffi::{c_char, c_void};

use crate::abi::{DWORD, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::crt;
use crate::crt::va_list::VaList;
use crate::info::messages;
use crate::last_error;
use crate::local::heap::Heap;
use crate::text;

const ALLOCATE_BUFFER: DWORD = 0x100;
const IGNORE_INSERTS: DWORD = 0x200;
const FROM_STRING: DWORD = 0x400;
const FROM_HMODULE: DWORD = 0x800;
const FROM_SYSTEM: DWORD = 0x1000;
const ARGUMENT_ARRAY: DWORD = 0x2000;
const MAX_WIDTH_MASK: DWORD = 0xFF;

const INSUFFICIENT_BUFFER: Code = Code(122);
const NO_WORK_DONE: Code = Code(235);
const MR_MID_NOT_FOUND: Code = Code(317);
const RESOURCE_TYPE_NOT_FOUND: Code = Code(1813);
const RESOURCE_LANG_NOT_FOUND: Code = Code(1815);

/// Neutral, or some English.
fn has_language(language: DWORD) -> bool {
    matches!(language & 0x3FF, 0 | 9)
}

/// The text that the message is made of.
///
/// # Safety
/// With FROM_STRING, `source` gives the units of NUL-terminated text.
unsafe fn template(
    flags: DWORD,
    source: impl FnOnce() -> Option<Vec<u16>>,
    id: DWORD,
    language: DWORD,
) -> Result<Vec<u16>> {
    if flags & FROM_STRING != 0 {
        return source().ok_or(Code::INVALID_PARAMETER);
    }
    if flags & (FROM_SYSTEM | FROM_HMODULE) == 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    if flags & FROM_SYSTEM == 0 {
        return Err(RESOURCE_TYPE_NOT_FOUND); // modules have no message tables here
    }
    if !has_language(language) {
        return Err(RESOURCE_LANG_NOT_FOUND);
    }
    let message = messages::find(id).ok_or(MR_MID_NOT_FOUND)?;
    Ok(message.bytes().chain(*b"\r\n").map(u16::from).collect())
}

/// What inserts are taken from, read as far as one was asked for.
struct Inserts {
    array: *const u64,
    list: *mut VaList,
    words: Vec<u64>,
}

impl Inserts {
    /// # Safety
    /// There are so many arguments.
    unsafe fn word(&mut self, index: usize) -> Option<u64> {
        if !self.array.is_null() {
            // SAFETY: the caller says so.
            return Some(unsafe { self.array.add(index).read_unaligned() });
        }
        // SAFETY: NULL or the caller's list.
        let list = unsafe { self.list.as_mut() }?;
        while self.words.len() <= index {
            // SAFETY: the caller says so.
            self.words.push(unsafe { list.word() });
        }
        Some(self.words[index])
    }
}

/// Text in lines.
struct Lines {
    units: Vec<u16>,
    /// Where the line began.
    line: usize,
    /// Units of a line; 0: as the text has them, 255: one.
    width: usize,
}

const SPACE: u16 = b' ' as u16;

impl Lines {
    fn hard_break(&mut self) {
        self.units.extend([b'\r', b'\n'].map(u16::from));
        self.line = self.units.len();
    }

    /// A line break in the text itself.
    fn soft_break(&mut self) {
        match self.width {
            0 => self.hard_break(),
            _ => self.push(SPACE),
        }
    }

    fn push(&mut self, unit: u16) {
        self.units.push(unit);
        if matches!(self.width, 0 | 255) || self.units.len() - self.line <= self.width {
            return;
        }
        // Break at the last space, which goes away; a word longer than a line is cut.
        let line = &self.units[self.line..];
        let space = line.iter().rposition(|&unit| unit == SPACE).filter(|&at| at > 0);
        let (end, next) = match space {
            Some(at) => (self.line + at, self.line + at + 1),
            None => (self.units.len() - 1, self.units.len() - 1),
        };
        let rest = self.units.split_off(next);
        self.units.truncate(end);
        self.hard_break();
        self.units.extend(rest);
    }
}

/// Fills in the inserts and breaks the lines.
///
/// # Safety
/// The arguments that the inserts name are there and of their kinds.
unsafe fn expand(
    template: &[u16],
    flags: DWORD,
    inserts: &mut Inserts,
    wide: bool,
) -> Result<Vec<u16>> {
    let width = (flags & MAX_WIDTH_MASK) as usize;
    let mut out = Lines { units: Vec::new(), line: 0, width };
    let mut rest = template;
    let byte = |unit: u16| u8::try_from(unit).unwrap_or(0);
    while let Some((&unit, after)) = rest.split_first() {
        rest = after;
        match byte(unit) {
            b'\r' => {
                rest = rest.strip_prefix(&[u16::from(b'\n')]).unwrap_or(rest);
                out.soft_break();
                continue;
            }
            b'\n' => {
                out.soft_break();
                continue;
            }
            b'%' => {}
            _ => {
                out.push(unit);
                continue;
            }
        }
        let (&what, after) = rest.split_first().ok_or(Code::INVALID_PARAMETER)?;
        match byte(what) {
            b'0' => break,
            // Only what breaks lines is more than text then.
            b'n' | b't' | b'r' => {
                rest = after;
                match byte(what) {
                    b'n' => out.hard_break(),
                    b't' => out.push(u16::from(b'\t')),
                    _ => out.push(u16::from(b'\r')),
                }
            }
            _ if flags & IGNORE_INSERTS != 0 => {
                rest = after;
                out.push(unit);
                out.push(what);
            }
            b'1'..=b'9' => {
                let (number, format, after) = insert(rest)?;
                rest = after;
                // SAFETY: the caller says so.
                let text = unsafe { filled(number, &format, inserts, wide) }?;
                text.into_iter().for_each(|unit| out.push(unit));
            }
            _ => {
                rest = after;
                out.push(what);
            }
        }
    }
    Ok(out.units)
}

/// The number of an insert, its format and what comes after: `1!08x! more`.
fn insert(text: &[u16]) -> Result<(usize, Vec<u16>, &[u16])> {
    let digit = |unit: u16| char::from_u32(u32::from(unit)).and_then(|char| char.to_digit(10));
    let mut number = 0;
    let mut rest = text;
    while let Some(value) = rest.first().and_then(|&unit| digit(unit)).filter(|_| number < 10) {
        number = number * 10 + value as usize;
        rest = &rest[1..];
    }
    let mark = u16::from(b'!');
    if rest.first() != Some(&mark) {
        return Ok((number, vec![u16::from(b's')], rest));
    }
    let end = rest[1..].iter().position(|&unit| unit == mark).ok_or(Code::INVALID_PARAMETER)?;
    Ok((number, rest[1..=end].to_vec(), &rest[end + 2..]))
}

/// # Safety
/// The arguments are there and of the kinds that the format says.
unsafe fn filled(
    number: usize,
    format: &[u16],
    inserts: &mut Inserts,
    wide: bool,
) -> Result<Vec<u16>> {
    let stars = format.iter().filter(|&&unit| unit == u16::from(b'*')).count().min(2);
    let mut words = Vec::new();
    for index in number - 1..=number - 1 + stars {
        // SAFETY: the caller says so.
        words.push(unsafe { inserts.word(index) }.ok_or(Code::INVALID_PARAMETER)?);
    }
    let whole: Vec<u16> = std::iter::once(u16::from(b'%')).chain(format.iter().copied()).collect();
    // SAFETY: the format has as many conversions as words were taken.
    let text = unsafe { crt::format(&whole, &mut VaList::of_words(&words), wide) };
    Ok(text.ok_or(Code::INVALID_PARAMETER)?.units)
}

/// What both functions are asked for besides the source and the buffer.
struct Wish {
    flags: DWORD,
    id: DWORD,
    language: DWORD,
    arguments: *mut c_void,
}

/// # Safety
/// As `FormatMessage` documents.
unsafe fn message(
    wish: &Wish,
    source: impl FnOnce() -> Option<Vec<u16>>,
    wide: bool,
) -> Result<Vec<u16>> {
    // SAFETY: the caller says so.
    let template = unsafe { template(wish.flags, source, wish.id, wish.language) }?;
    let is_array = wish.flags & ARGUMENT_ARRAY != 0;
    let array = if is_array { wish.arguments.cast_const().cast() } else { std::ptr::null() };
    let list = if is_array { std::ptr::null_mut() } else { wish.arguments.cast() };
    let mut inserts = Inserts { array, list, words: Vec::new() };
    // SAFETY: the caller says so.
    let text = unsafe { expand(&template, wish.flags, &mut inserts, wide) }?;
    if text.is_empty() {
        return Err(NO_WORK_DONE);
    }
    Ok(text)
}

/// Puts the message into the caller's buffer or one of its own; returns its length without the NUL.
///
/// # Safety
/// As `FormatMessage` documents.
unsafe fn deliver<T: Copy + Default>(
    units: &[T],
    flags: DWORD,
    buffer: *mut T,
    size: DWORD,
) -> Result<DWORD> {
    let mut buffer = buffer;
    let needed = units.len() + 1;
    if flags & ALLOCATE_BUFFER != 0 {
        let place = buffer.cast::<*mut T>();
        let bytes = needed.max(size as usize) * size_of::<T>();
        buffer = Heap::process().allocate(bytes, false)?.cast();
        // SAFETY: the caller gives a place for the pointer.
        unsafe { place.write_unaligned(buffer) };
    } else if needed > size as usize {
        return Err(INSUFFICIENT_BUFFER);
    }
    // SAFETY: that is how long the buffer is.
    unsafe {
        std::ptr::copy_nonoverlapping(units.as_ptr(), buffer, units.len());
        buffer.add(units.len()).write(T::default());
    }
    Ok(units.len() as DWORD)
}

fn check(flags: DWORD, has_buffer: bool) -> Result<()> {
    match (flags & ALLOCATE_BUFFER != 0, has_buffer) {
        (true, false) => Err(Code::NOT_ENOUGH_MEMORY),
        (false, false) => Err(Code::INVALID_PARAMETER),
        (_, true) => Ok(()),
    }
}

#[no_mangle]
unsafe extern "C" fn FormatMessageW(
    flags: DWORD,
    source: LPCWSTR,
    id: DWORD,
    language: DWORD,
    buffer: *mut u16,
    size: DWORD,
    arguments: *mut c_void,
) -> DWORD {
    let wish = Wish { flags, id, language, arguments };
    // SAFETY: the caller's, as Win32 documents.
    let format = || unsafe {
        check(flags, !buffer.is_null())?;
        let text = message(&wish, || text::wide(source).map(<[u16]>::to_vec), true)?;
        deliver(&text, flags, buffer, size)
    };
    last_error::or(format(), 0)
}

#[no_mangle]
unsafe extern "C" fn FormatMessageA(
    flags: DWORD,
    source: LPCSTR,
    id: DWORD,
    language: DWORD,
    buffer: *mut c_char,
    size: DWORD,
    arguments: *mut c_void,
) -> DWORD {
    let wish = Wish { flags, id, language, arguments };
    let units = || {
        // SAFETY: the caller's: NUL-terminated or NULL.
        let bytes =
            (!source.is_null()).then(|| unsafe { text::bytes_up_to(source.cast(), usize::MAX) });
        bytes.map(|bytes| bytes.iter().map(|&byte| u16::from(byte)).collect())
    };
    // SAFETY: the caller's, as Win32 documents.
    let format = || unsafe {
        check(flags, !buffer.is_null())?;
        let text = message(&wish, units, false)?;
        let bytes: Vec<u8> = text.iter().map(|&unit| unit as u8).collect();
        deliver(&bytes, flags, buffer.cast(), size)
    };
    last_error::or(format(), 0)
}
