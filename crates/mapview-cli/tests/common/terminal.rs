//! A terminal for a test: the program in it believes that somebody looks.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::process::{kill_process, Pid, Signal};
use rustix::pty::{grantpt, openpt, ptsname, unlockpt, OpenptFlags};
use rustix::termios::{tcsetwinsize, Winsize};

/// The side of the person.
pub struct Terminal {
    screen: File,
    seen: String,
}

impl Terminal {
    /// Starts the command in a terminal of this size.
    pub fn start(command: &mut Command, columns: u16, rows: u16) -> (Terminal, Child) {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&screen, size).unwrap();
        let name = ptsname(&screen, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY;
        let inside = rustix::fs::open(&name, flags, Mode::empty()).unwrap();
        let stdio = |inside: &OwnedFd| Stdio::from(inside.as_fd().try_clone_to_owned().unwrap());
        command.stdin(stdio(&inside)).stdout(stdio(&inside)).stderr(stdio(&inside));
        let child = command.env("TERM", "xterm-256color").spawn().unwrap();
        // The command keeps copies, which would keep the terminal open behind the child.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        (Terminal { screen: screen.into(), seen: String::new() }, child)
    }

    /// Reads until this has been shown `times` times.
    pub fn wait_for(&mut self, text: &str, times: usize) {
        while self.seen.matches(text).count() < times {
            assert!(self.more(), "{text:?} was not shown {times} times: {:?}", self.seen);
        }
    }

    pub fn press_enter(&mut self) {
        self.screen.write_all(b"\n").unwrap();
    }

    /// Reads until the program has gone, and returns everything that was shown.
    pub fn rest(mut self) -> String {
        while self.more() {}
        self.seen
    }

    fn more(&mut self) -> bool {
        let mut bytes = [0; 4096];
        // Linux tells the end as an error.
        let got = self.screen.read(&mut bytes).unwrap_or(0);
        self.seen.push_str(&String::from_utf8_lossy(&bytes[..got]));
        got != 0
    }
}

pub fn interrupt(child: &Child) {
    kill_process(Pid::from_child(child), Signal::INT).unwrap();
}
