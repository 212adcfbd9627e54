//! Command lines: Windows passes one string, Linux a list. Both are kept: a child gets the list, split as Microsoft's C
//! runtime splits it, and `GetCommandLine` gives the very string.

use std::ffi::CString;
use std::os::unix::ffi::OsStringExt;
use std::sync::OnceLock;

use crate::abi::{HANDLE, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::local::heap::Heap;
use crate::{last_error, text};

const QUOTE: u16 = b'"' as u16;
const BACKSLASH: u16 = b'\\' as u16;

fn is_blank(unit: u16) -> bool {
    unit == b' '.into() || unit == b'\t'.into()
}

/// Takes a command line apart as `CommandLineToArgvW` does.
///
/// The program comes first, between quotes or up to a blank, and knows no other rule. In the arguments 2n backslashes
/// before a quote are n of them and the quote counts; 2n + 1 are n of them and a quote as such. Of three quotes in a row,
/// the third is one as such.
fn split(line: &[u16]) -> Vec<Vec<u16>> {
    let (program, rest) = match line.split_first() {
        Some((&QUOTE, quoted)) => {
            let end = quoted.iter().position(|&unit| unit == QUOTE).unwrap_or(quoted.len());
            (&quoted[..end], quoted.get(end + 1..).unwrap_or_default())
        }
        _ => {
            let end = line.iter().position(|&unit| is_blank(unit)).unwrap_or(line.len());
            line.split_at(end)
        }
    };
    with_arguments(program.to_vec(), rest)
}

/// The same for `main`: quotes inside the program count as well.
pub(super) fn split_for_main(line: &[u16]) -> Vec<Vec<u16>> {
    let mut quoted = false;
    let is_end = |&unit: &u16| {
        quoted ^= unit == QUOTE;
        !quoted && is_blank(unit)
    };
    let end = line.iter().position(is_end).unwrap_or(line.len());
    let (program, rest) = line.split_at(end);
    with_arguments(program.iter().copied().filter(|&unit| unit != QUOTE).collect(), rest)
}

fn with_arguments(program: Vec<u16>, rest: &[u16]) -> Vec<Vec<u16>> {
    let mut arguments = vec![program];
    let mut units = rest.iter().copied().skip_while(|&unit| is_blank(unit)).peekable();
    while units.peek().is_some() {
        arguments.push(argument(&mut units));
        while units.next_if(|&unit| is_blank(unit)).is_some() {}
    }
    arguments
}

/// One argument, up to the blank behind it.
fn argument(units: &mut std::iter::Peekable<impl Iterator<Item = u16>>) -> Vec<u16> {
    let mut argument = Vec::new();
    let (mut quotes, mut backslashes) = (0, 0_usize);
    while let Some(unit) = units.next_if(|&unit| quotes > 0 || !is_blank(unit)) {
        if unit != QUOTE {
            backslashes = if unit == BACKSLASH { backslashes + 1 } else { 0 };
            argument.push(unit);
            continue;
        }
        argument.truncate(argument.len() - backslashes.div_ceil(2));
        if backslashes % 2 == 0 {
            quotes += 1;
        } else {
            argument.push(QUOTE);
        }
        backslashes = 0;
        while units.next_if_eq(&QUOTE).is_some() {
            quotes += 1;
            if quotes == 3 {
                argument.push(QUOTE);
                quotes = 0;
            }
        }
        if quotes == 2 {
            quotes = 0;
        }
    }
    argument
}

/// A command line that is split into these arguments.
fn join(arguments: &[Vec<u16>]) -> Vec<u16> {
    let mut line = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            line.push(b' '.into());
        }
        let special = |&unit: &u16| is_blank(unit) || (unit == QUOTE && index > 0);
        if !argument.is_empty() && !argument.iter().any(special) {
            line.extend(argument);
            continue;
        }
        line.push(QUOTE);
        let mut backslashes = 0;
        for &unit in argument {
            if unit == QUOTE {
                line.extend(std::iter::repeat_n(BACKSLASH, backslashes + 1));
            }
            backslashes = if unit == BACKSLASH { backslashes + 1 } else { 0 };
            line.push(unit);
        }
        if index > 0 {
            line.extend(std::iter::repeat_n(BACKSLASH, backslashes));
        }
        line.push(QUOTE);
    }
    line
}

/// The command line of this process, with the NUL, in both encodings.
struct Own {
    wide: Vec<u16>,
    narrow: CString,
}

static OWN: OnceLock<Own> = OnceLock::new();

/// The string that whoever started this process gave.
pub(super) fn set_own(line: &[u16]) {
    let narrow = String::from_utf16_lossy(line);
    let wide = line.iter().copied().chain([0]).collect();
    OWN.get_or_init(|| Own { wide, narrow: CString::new(narrow).unwrap_or_default() });
}

fn own() -> &'static Own {
    if OWN.get().is_none() {
        let arguments: Vec<Vec<u16>> = std::env::args_os()
            .map(|argument| String::from_utf8_lossy(&argument.into_vec()).encode_utf16().collect())
            .collect();
        set_own(&join(&arguments));
    }
    OWN.get_or_init(|| Own { wide: vec![0], narrow: CString::default() })
}

#[no_mangle]
extern "C" fn GetCommandLineW() -> LPCWSTR {
    own().wide.as_ptr()
}

#[no_mangle]
extern "C" fn GetCommandLineA() -> LPCSTR {
    own().narrow.as_ptr()
}

/// One block of memory, as `LocalFree` takes it: the pointers, a NULL, then the strings.
fn to_block(arguments: &[Vec<u16>]) -> Result<*mut *mut u16> {
    let pointers = size_of::<HANDLE>() * (arguments.len() + 1);
    let units: usize = arguments.iter().map(|argument| argument.len() + 1).sum();
    let block = Heap::process().allocate(pointers + units * 2, false)?.cast::<*mut u16>();
    // SAFETY: the block has room for all pointers and units, one after the other.
    unsafe {
        let mut text = block.cast::<u8>().add(pointers).cast::<u16>();
        for (index, argument) in arguments.iter().enumerate() {
            *block.add(index) = text;
            text.copy_from_nonoverlapping(argument.as_ptr(), argument.len());
            *text.add(argument.len()) = 0;
            text = text.add(argument.len() + 1);
        }
        *block.add(arguments.len()) = std::ptr::null_mut();
    }
    Ok(block)
}

/// For an empty line Windows gives the path of the program.
#[no_mangle]
unsafe extern "C" fn CommandLineToArgvW(line: LPCWSTR, count: *mut i32) -> *mut *mut u16 {
    let split = || {
        // SAFETY: NULL or NUL-terminated, as Win32 documents.
        let line = unsafe { text::wide(line) }.ok_or(Code::INVALID_PARAMETER)?;
        if count.is_null() {
            return Err(Code::INVALID_PARAMETER);
        }
        let arguments = match line {
            [] => vec![super::image::own_path()],
            line => split(line),
        };
        let block = to_block(&arguments)?;
        // SAFETY: the caller gives a place for the count.
        unsafe { *count = arguments.len() as i32 };
        Ok(block)
    };
    last_error::or(split(), std::ptr::null_mut())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn what_is_joined_is_split_again() {
        for arguments in [
            &["prog", "", "a b", "\"", "\\", "\\\\\"", "a\\ b\\"][..],
            &["/a path/prog", "x"],
            &["prog", "\ttab", "q\"q\"\"q", "\u{1f600}"],
        ] {
            let arguments: Vec<_> = arguments.iter().map(|text| units(text)).collect();
            assert_eq!(split(&join(&arguments)), arguments);
        }
    }

    #[test]
    fn backslashes_count_before_quotes_only() {
        let split = |line: &str| -> Vec<String> {
            split(&units(line)).iter().map(|argument| String::from_utf16_lossy(argument)).collect()
        };
        assert_eq!(split(r#"p a\\b "c d" \"e"#), ["p", r"a\\b", "c d", "\"e"]);
        assert_eq!(split(r#"p "a\\" b\\\"c"#), ["p", r"a\", r#"b\"c"#]);
        assert_eq!(split(r#""p q" "a"""b c""#), ["p q", "a\"b c"]);
        assert_eq!(split_for_main(&units("pro\"gram x\" y"))[0], units("program x"));
        assert_eq!(split("p "), ["p"]);
        assert_eq!(split(""), [""]);
    }
}
