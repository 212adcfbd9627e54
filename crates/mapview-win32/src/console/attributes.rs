//! Colours and places of the console, by the sequences that terminals know.

use std::sync::atomic::{AtomicU16, Ordering::SeqCst};

use crate::abi::{BOOL, HANDLE};
use crate::code::{Code, Result};
use crate::console::os::Terminal;
use crate::last_error;

/// `COORD`.
#[repr(C)]
#[derive(Clone, Copy)]
struct COORD {
    x: i16,
    y: i16,
}

/// `CONSOLE_SCREEN_BUFFER_INFO`.
#[repr(C)]
struct ScreenBuffer {
    size: COORD,
    cursor: COORD,
    attributes: u16,
    /// Left, top, right, bottom.
    window: [i16; 4],
    largest: COORD,
}

/// Light grey on black, which stands for the terminal's own colours.
const DEFAULT: u16 = 7;
const INTENSITY: u16 = 8;

static ATTRIBUTES: AtomicU16 = AtomicU16::new(DEFAULT);

/// The number of a colour in sequences: Windows counts blue, green, red, terminals the other way round.
fn colour(attributes: u16, normal: u16, bright: u16) -> u16 {
    let swapped = (attributes & 1) << 2 | attributes & 2 | (attributes & 4) >> 2;
    swapped + if attributes & INTENSITY != 0 { bright } else { normal }
}

fn set_attributes(handle: HANDLE, attributes: u16) -> Result<()> {
    let terminal = Terminal::of_output(handle)?;
    let sequence = match attributes & 0xFF {
        DEFAULT => "\x1b[0m".to_string(),
        colours if colours >> 4 == 0 => format!("\x1b[0;{}m", colour(colours, 30, 90)),
        colours => {
            format!("\x1b[0;{};{}m", colour(colours, 30, 90), colour(colours >> 4, 40, 100))
        }
    };
    terminal.write(sequence.as_bytes())?;
    ATTRIBUTES.store(attributes, SeqCst);
    Ok(())
}

#[no_mangle]
extern "C" fn SetConsoleTextAttribute(handle: HANDLE, attributes: u16) -> BOOL {
    last_error::report(set_attributes(handle, attributes))
}

#[no_mangle]
extern "C" fn SetConsoleCursorPosition(handle: HANDLE, place: COORD) -> BOOL {
    let set = || {
        let terminal = Terminal::of_output(handle)?;
        if place.x < 0 || place.y < 0 {
            return Err(Code::INVALID_PARAMETER);
        }
        let (row, column) = (i32::from(place.y) + 1, i32::from(place.x) + 1);
        terminal.write(format!("\x1b[{row};{column}H").as_bytes())
    };
    last_error::report(set())
}

/// How long a terminal may take to say where its cursor is, in milliseconds.
const PATIENCE: i32 = 500;

/// Asks the terminal where its cursor is.
///
/// # Errors
/// 50 if it does not answer, or something was typed, which the answer would come after.
fn cursor(terminal: &Terminal) -> Result<COORD> {
    let before = terminal.settings()?;
    let mut raw = before;
    raw.c_lflag &= !(libc::ICANON | libc::ECHO);
    terminal.set(&raw)?;
    let answer = ask(terminal);
    terminal.set(&before)?;
    let answer = String::from_utf8(answer?).map_err(|_| Code::NOT_SUPPORTED)?;
    // ESC [ row ; column R
    let place = answer.strip_prefix("\x1b[").and_then(|rest| rest.strip_suffix('R'));
    let (row, column) = place.and_then(|place| place.split_once(';')).ok_or(Code::NOT_SUPPORTED)?;
    match (row.parse::<i16>(), column.parse::<i16>()) {
        (Ok(row), Ok(column)) if row > 0 && column > 0 => Ok(COORD { x: column - 1, y: row - 1 }),
        _ => Err(Code::NOT_SUPPORTED),
    }
}

fn ask(terminal: &Terminal) -> Result<Vec<u8>> {
    if terminal.has_input(0)? {
        return Err(Code::NOT_SUPPORTED);
    }
    terminal.write(b"\x1b[6n")?;
    let mut answer = Vec::new();
    while answer.last() != Some(&b'R') && answer.len() < 32 {
        if !terminal.has_input(PATIENCE)? {
            return Err(Code::NOT_SUPPORTED);
        }
        answer.extend(terminal.read(1)?);
    }
    Ok(answer)
}

/// The buffer is what the window shows: what a terminal has scrolled away cannot be reached.
fn screen_buffer(handle: HANDLE) -> Result<ScreenBuffer> {
    let terminal = Terminal::of_output(handle)?;
    let (columns, rows) = terminal.size()?;
    let size = COORD { x: columns, y: rows };
    let cursor = cursor(&terminal)?;
    let window = [0, 0, columns - 1, rows - 1];
    Ok(ScreenBuffer { size, cursor, attributes: ATTRIBUTES.load(SeqCst), window, largest: size })
}

#[no_mangle]
unsafe extern "C" fn GetConsoleScreenBufferInfo(handle: HANDLE, to: *mut ScreenBuffer) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(screen_buffer(handle).map(|buffer| unsafe { to.write(buffer) }))
}
