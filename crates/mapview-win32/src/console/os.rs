//! Terminals.

use std::os::fd::AsRawFd;

use crate::abi::HANDLE;
use crate::code::{Code, Result};
use crate::file::standard;
use crate::table::{self, Entry};

const STD_INPUT_HANDLE: HANDLE = -10isize as u32 as usize as HANDLE;

/// A terminal that a handle stands for.
pub(super) struct Terminal {
    entry: Entry,
    pub is_input: bool,
}

impl Terminal {
    /// # Errors
    /// 6 if it is something else.
    pub(super) fn of(handle: HANDLE) -> Result<Terminal> {
        let handle = standard::meant(handle);
        let is_input = handle == standard::meant(STD_INPUT_HANDLE);
        let terminal = Terminal { entry: table::get(handle)?, is_input };
        // SAFETY: an open descriptor.
        match unsafe { libc::isatty(terminal.descriptor()?) } {
            1 => Ok(terminal),
            _ => Err(Code::INVALID_HANDLE),
        }
    }

    pub(super) fn of_output(handle: HANDLE) -> Result<Terminal> {
        let terminal = Terminal::of(handle)?;
        if terminal.is_input {
            return Err(Code::INVALID_HANDLE);
        }
        Ok(terminal)
    }

    fn descriptor(&self) -> Result<i32> {
        Ok(self.entry.file()?.as_fd().as_raw_fd())
    }

    pub(super) fn write(&self, mut bytes: &[u8]) -> Result<()> {
        let descriptor = self.descriptor()?;
        while !bytes.is_empty() {
            // SAFETY: an open descriptor, and bytes that are there.
            let written = unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) };
            match usize::try_from(written) {
                Ok(written) => bytes = &bytes[written..],
                Err(_) if interrupted() => {}
                Err(_) => return Err(Code(29)), // ERROR_WRITE_FAULT
            }
        }
        Ok(())
    }

    /// Up to so many bytes of what was typed; nothing at the end.
    pub(super) fn read(&self, most: usize) -> Result<Vec<u8>> {
        let descriptor = self.descriptor()?;
        let mut bytes = vec![0u8; most];
        loop {
            // SAFETY: an open descriptor, and as many places.
            let read = unsafe { libc::read(descriptor, bytes.as_mut_ptr().cast(), most) };
            match usize::try_from(read) {
                Ok(read) => {
                    bytes.truncate(read);
                    return Ok(bytes);
                }
                Err(_) if interrupted() => {}
                Err(_) => return Err(Code(30)), // ERROR_READ_FAULT
            }
        }
    }

    pub(super) fn settings(&self) -> Result<libc::termios> {
        // SAFETY: all zeros is a good one to be filled in.
        let mut settings: libc::termios = unsafe { std::mem::zeroed() };
        // SAFETY: an open terminal and a place.
        match unsafe { libc::tcgetattr(self.descriptor()?, &mut settings) } {
            0 => Ok(settings),
            _ => Err(Code::INVALID_HANDLE),
        }
    }

    pub(super) fn set(&self, settings: &libc::termios) -> Result<()> {
        // SAFETY: an open terminal and its settings.
        match unsafe { libc::tcsetattr(self.descriptor()?, libc::TCSANOW, settings) } {
            0 => Ok(()),
            _ => Err(Code::INVALID_HANDLE),
        }
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> Result<(i16, i16)> {
        let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: an open terminal and a place.
        match unsafe { libc::ioctl(self.descriptor()?, libc::TIOCGWINSZ, &mut size) } {
            0 if size.ws_col > 0 => Ok((size.ws_col as i16, size.ws_row as i16)),
            _ => Err(Code::NOT_SUPPORTED),
        }
    }

    /// Whether something can be read within the time, in milliseconds.
    pub(super) fn has_input(&self, milliseconds: i32) -> Result<bool> {
        let mut input = libc::pollfd { fd: self.descriptor()?, events: libc::POLLIN, revents: 0 };
        // SAFETY: one descriptor.
        Ok(unsafe { libc::poll(&mut input, 1, milliseconds) } > 0)
    }
}

fn interrupted() -> bool {
    std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted
}

/// Whether the process has a terminal, whatever its standard handles are.
pub(super) fn has_console() -> bool {
    controlling_terminal().is_ok()
}

/// The terminal that the process was started from.
pub(super) fn controlling_terminal() -> std::io::Result<std::fs::File> {
    std::fs::File::options().write(true).open("/dev/tty")
}
