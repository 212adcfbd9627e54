//! Windows' format strings. `l` before a number means 32 bits, as `long` has there; `I64`, `I32` and `I` exist; wide text
//! is UTF-16. Each number is formatted by the C library, so that it looks as it does everywhere.

use std::ffi::{c_char, c_int};

use crate::crt::va_list::VaList;
use crate::text;

extern "C" {
    fn vsnprintf(
        buffer: *mut c_char,
        size: usize,
        format: *const c_char,
        arguments: *mut VaList,
    ) -> c_int;
}

/// Text in the making: bytes, each in a unit of its own, or UTF-16.
pub(crate) struct Text {
    wide: bool,
    pub units: Vec<u16>,
}

impl Text {
    pub(crate) fn new(wide: bool) -> Text {
        Text { wide, units: Vec::new() }
    }

    /// Of text that is not wide.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.units.iter().map(|&unit| unit as u8).collect()
    }

    fn bytes_in_my_units(&self, bytes: &[u8]) -> Vec<u16> {
        match self.wide {
            true => String::from_utf8_lossy(bytes).encode_utf16().collect(),
            false => bytes.iter().map(|&byte| u16::from(byte)).collect(),
        }
    }

    fn wide_in_my_units(&self, units: &[u16]) -> Vec<u16> {
        match self.wide {
            true => units.to_vec(),
            false => String::from_utf16_lossy(units).bytes().map(u16::from).collect(),
        }
    }
}

/// A conversion, from the `%` on.
#[derive(Default)]
struct Conversion {
    flags: Vec<u8>,
    width: Count,
    precision: Count,
    size: Size,
    kind: u8,
}

/// A width or precision.
#[derive(Clone, Copy, Default, PartialEq)]
enum Count {
    #[default]
    None,
    Is(i32),
    /// It comes as an argument.
    Star,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Size {
    #[default]
    Plain,
    Char,
    Short,
    /// `l`, and `w` for text: 32 bits, or wide.
    Long,
    Bits64,
    LongDouble,
}

/// Reads what follows a `%`, and how many units it takes; `None` if the text ends before it does.
fn parse(units: &[u16]) -> Option<(Conversion, usize)> {
    let mut at = 0;
    let byte = |at: usize| units.get(at).map(|&unit| u8::try_from(unit).unwrap_or(0));
    let mut conversion = Conversion::default();
    while let Some(flag @ (b'-' | b'+' | b' ' | b'#' | b'0')) = byte(at) {
        conversion.flags.push(flag);
        at += 1;
    }
    let count = |at: &mut usize| {
        if byte(*at) == Some(b'*') {
            *at += 1;
            return Count::Star;
        }
        let mut number = None;
        while let Some(digit @ b'0'..=b'9') = byte(*at) {
            let value = number.unwrap_or(0i32).saturating_mul(10);
            number = Some(value.saturating_add(i32::from(digit - b'0')));
            *at += 1;
        }
        number.map_or(Count::None, Count::Is)
    };
    conversion.width = count(&mut at);
    if byte(at) == Some(b'.') {
        at += 1;
        conversion.precision = match count(&mut at) {
            Count::None => Count::Is(0),
            given => given,
        };
    }
    let follows =
        |at: usize, what: &[u8]| what.iter().zip(at..).all(|(&w, at)| byte(at) == Some(w));
    let sizes: [(&[u8], Size); 12] = [
        (b"I64", Size::Bits64),
        (b"I32", Size::Plain),
        (b"I", Size::Bits64),
        (b"ll", Size::Bits64),
        (b"l", Size::Long),
        (b"w", Size::Long),
        (b"hh", Size::Char),
        (b"h", Size::Short),
        (b"j", Size::Bits64),
        (b"z", Size::Bits64),
        (b"t", Size::Bits64),
        (b"L", Size::LongDouble),
    ];
    if let Some((what, size)) = sizes.iter().find(|(what, _)| follows(at, what)) {
        conversion.size = *size;
        at += what.len();
    }
    conversion.kind = byte(at)?;
    Some((conversion, at + 1))
}

impl Conversion {
    /// Takes what comes as arguments; a negative width means left-aligned, a negative precision none.
    ///
    /// # Safety
    /// The arguments are there.
    unsafe fn take_counts(&mut self, arguments: &mut VaList) {
        if self.width == Count::Star {
            // SAFETY: the caller says so.
            let width = unsafe { arguments.word() } as i32;
            if width < 0 {
                self.flags.push(b'-');
            }
            self.width = Count::Is(width.saturating_abs());
        }
        if self.precision == Count::Star {
            // SAFETY: the caller says so.
            let precision = unsafe { arguments.word() } as i32;
            self.precision = if precision < 0 { Count::None } else { Count::Is(precision) };
        }
    }

    /// As the C library wants it.
    fn spelled(&self, size: &str) -> Vec<u8> {
        let mut spelled = vec![b'%'];
        spelled.extend_from_slice(&self.flags);
        if let Count::Is(width) = self.width {
            spelled.extend_from_slice(width.to_string().as_bytes());
        }
        if let Count::Is(precision) = self.precision {
            spelled.extend_from_slice(format!(".{precision}").as_bytes());
        }
        spelled.extend_from_slice(size.as_bytes());
        spelled.extend_from_slice(&[self.kind, 0]);
        spelled
    }

    /// # Safety
    /// The argument is there.
    unsafe fn number(&self, size: &str, arguments: &VaList) -> Vec<u8> {
        let spelled = self.spelled(size);
        let mut buffer = vec![0u8; 128];
        loop {
            let mut copy = *arguments;
            // SAFETY: the buffer is that long, the format has one conversion, and its argument is there.
            let needed = unsafe {
                vsnprintf(
                    buffer.as_mut_ptr().cast(),
                    buffer.len(),
                    spelled.as_ptr().cast(),
                    &mut copy,
                )
            };
            let needed = usize::try_from(needed).unwrap_or(0);
            if needed < buffer.len() {
                buffer.truncate(needed);
                return buffer;
            }
            buffer.resize(needed + 1, 0);
        }
    }

    /// Appends text, cut to the precision and filled up to the width.
    fn put(&self, mut units: Vec<u16>, out: &mut Text) {
        if let Count::Is(precision) = self.precision {
            units.truncate(precision as usize);
        }
        let width = if let Count::Is(width) = self.width { width as usize } else { 0 };
        let fill = width.saturating_sub(units.len());
        let left = self.flags.contains(&b'-');
        let filler = if self.flags.contains(&b'0') && !left { b'0' } else { b' ' };
        if !left {
            out.units.extend(std::iter::repeat_n(u16::from(filler), fill));
        }
        out.units.append(&mut units);
        if left {
            out.units.extend(std::iter::repeat_n(u16::from(filler), fill));
        }
    }

    /// Whether text or a character is wide: small letters mean the kind of the function, capitals the other one.
    fn is_wide(&self, out: &Text) -> bool {
        match self.size {
            Size::Long => true,
            Size::Short => false,
            _ => out.wide == self.kind.is_ascii_lowercase(),
        }
    }

    /// # Safety
    /// `at` is the address of NUL-terminated text, or of as much as the precision says.
    unsafe fn string(&self, at: u64, out: &Text) -> Vec<u16> {
        let most = if let Count::Is(most) = self.precision { most as usize } else { usize::MAX };
        if at == 0 {
            return "(null)".bytes().map(u16::from).collect();
        }
        if self.is_wide(out) {
            // SAFETY: the caller says so.
            out.wide_in_my_units(unsafe { text::wide_up_to(at as *const u16, most) })
        } else {
            // SAFETY: the caller says so.
            out.bytes_in_my_units(unsafe { text::bytes_up_to(at as *const u8, most) })
        }
    }

    /// # Safety
    /// The arguments are there and of the kinds that the conversion says.
    unsafe fn append(&self, arguments: &mut VaList, out: &mut Text) {
        match self.kind {
            b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => {
                let size = match self.size {
                    Size::Bits64 => "ll",
                    Size::Short => "h",
                    Size::Char => "hh",
                    _ => "",
                };
                // SAFETY: the caller says so.
                let number = unsafe { self.number(size, arguments) };
                out.units.extend(number.into_iter().map(u16::from));
                // SAFETY: the same argument.
                unsafe { arguments.word() };
            }
            b'f' | b'F' | b'e' | b'E' | b'g' | b'G' | b'a' | b'A' => {
                let long = self.size == Size::LongDouble;
                // SAFETY: the caller says so.
                let number = unsafe { self.number(if long { "L" } else { "" }, arguments) };
                out.units.extend(number.into_iter().map(u16::from));
                if long {
                    arguments.skip_long_double();
                } else {
                    arguments.skip_double();
                }
            }
            b'p' => {
                // SAFETY: the caller says so.
                let pointer = format!("{:016X}", unsafe { arguments.word() });
                self.put(pointer.bytes().map(u16::from).collect(), out);
            }
            b'c' | b'C' => {
                // SAFETY: the caller says so.
                let unit = unsafe { arguments.word() } as u16;
                let units = match self.is_wide(out) {
                    true => out.wide_in_my_units(&[unit]),
                    false => out.bytes_in_my_units(&[unit as u8]),
                };
                Conversion { precision: Count::None, ..self.same() }.put(units, out);
            }
            b's' | b'S' => {
                // SAFETY: the caller says so.
                let units = unsafe {
                    let at = arguments.word();
                    self.string(at, out)
                };
                self.put(units, out);
            }
            other => out.units.push(u16::from(other)), // so does Windows
        }
    }

    fn same(&self) -> Conversion {
        Conversion { flags: self.flags.clone(), ..*self }
    }
}

/// Formats; `None` for `%n`, which Windows does not do either, and for a format that ends in the middle of a conversion.
///
/// # Safety
/// The arguments are there and of the kinds that the format says.
pub(crate) unsafe fn format(format: &[u16], arguments: &mut VaList, wide: bool) -> Option<Text> {
    let mut out = Text::new(wide);
    let mut rest = format;
    while let Some(percent) = rest.iter().position(|&unit| unit == u16::from(b'%')) {
        out.units.extend_from_slice(&rest[..percent]);
        let (mut conversion, len) = parse(&rest[percent + 1..])?;
        if conversion.kind == b'n' {
            return None;
        }
        // SAFETY: the caller says so.
        unsafe {
            conversion.take_counts(arguments);
            conversion.append(arguments, &mut out);
        }
        rest = &rest[percent + 1 + len..];
    }
    out.units.extend_from_slice(rest);
    Some(out)
}
