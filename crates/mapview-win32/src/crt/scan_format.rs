//! Windows' format strings for reading, put into the C library's words: its `l` means 64 bits, and its wide text has 32.

use crate::crt::va_list::VaList;

/// Text that the C library reads into memory of its own, and that is brought to its place afterwards.
pub(super) struct Copied {
    pub wide: bool,
    pub place: u64,
    /// Units at the place, if the program says how many (`scanf_s`).
    pub size: Option<usize>,
    /// So many characters without a NUL, for `%c`.
    pub characters: Option<usize>,
    /// Conversions before this one that count.
    pub before: usize,
    /// Where in `words` the address of the C library's memory goes.
    pub word: usize,
}

/// What to call the C library with.
#[derive(Default)]
pub(super) struct Scan {
    pub format: Vec<u8>,
    pub words: Vec<u64>,
    pub copied: Vec<Copied>,
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take(&mut self, what: &[u8]) -> bool {
        match self.rest.strip_prefix(what) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn number(&mut self) -> Option<usize> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        std::str::from_utf8(number).ok()?.parse().ok()
    }

    /// What stands in brackets, with both; the first `]` belongs to the set if nothing but `^` is before it.
    fn set(&mut self) -> Option<Vec<u8>> {
        let mut set = vec![b'['];
        for first in [b'^', b']'] {
            if self.take(&[first]) {
                set.push(first);
            }
        }
        loop {
            let byte = self.next()?;
            set.push(byte);
            if byte == b']' {
                return Some(set);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Size {
    Plain,
    Char,
    Short,
    Long,
    Bits64,
    LongDouble,
}

fn size(reader: &mut Reader) -> Size {
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
    sizes.iter().find(|(what, _)| reader.take(what)).map_or(Size::Plain, |(_, size)| *size)
}

/// Translates; `None` for a format that ends in the middle of a conversion. `wide` and `secure` say which function it is for.
///
/// # Safety
/// The arguments that the format names are there.
pub(super) unsafe fn translate(
    format: &[u8],
    arguments: &mut VaList,
    wide: bool,
    secure: bool,
) -> Option<Scan> {
    let mut scan = Scan::default();
    let mut reader = Reader { rest: format };
    let mut counted = 0;
    while let Some(byte) = reader.next() {
        scan.format.push(byte);
        if byte != b'%' {
            continue;
        }
        if reader.take(b"%") {
            scan.format.push(b'%');
            continue;
        }
        let suppressed = reader.take(b"*");
        if suppressed {
            scan.format.push(b'*');
        }
        let width = reader.number();
        if let Some(width) = width {
            scan.format.extend_from_slice(width.to_string().as_bytes());
        }
        let size = size(&mut reader);
        let kind = reader.next()?;
        let small = kind.to_ascii_lowercase();
        let is_text = matches!(small, b's' | b'c' | b'[');
        if !is_text {
            let prefix = match (small, size) {
                (b'e' | b'f' | b'g' | b'a', Size::Long) => "l",
                (b'e' | b'f' | b'g' | b'a', Size::LongDouble) => "L",
                (b'e' | b'f' | b'g' | b'a' | b'p', _) => "",
                (_, Size::Bits64) => "ll",
                (_, Size::Short) => "h",
                (_, Size::Char) => "hh",
                _ => "",
            };
            scan.format.extend_from_slice(prefix.as_bytes());
            scan.format.push(kind);
            if !suppressed {
                // SAFETY: the caller says so.
                scan.words.push(unsafe { arguments.word() });
                counted += usize::from(kind != b'n');
            }
            continue;
        }
        let text_is_wide = match size {
            Size::Long => true,
            Size::Short => false,
            _ => wide == (kind == small), // capitals mean the other kind
        };
        let what = if kind == b'[' { reader.set()? } else { vec![small] };
        if !suppressed {
            // SAFETY: the caller says so.
            let place = unsafe { arguments.word() };
            // SAFETY: the caller says so: these functions want the size after the place.
            let units = secure.then(|| unsafe { arguments.word() } as u32 as usize);
            if text_is_wide || secure {
                scan.format.push(b'm');
                scan.copied.push(Copied {
                    wide: text_is_wide,
                    place,
                    size: units,
                    characters: (small == b'c').then(|| width.unwrap_or(1)),
                    before: counted,
                    word: scan.words.len(),
                });
            }
            scan.words.push(place);
            counted += 1;
        }
        scan.format.extend_from_slice(&what);
    }
    scan.format.push(0);
    Some(scan)
}
