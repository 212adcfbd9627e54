//! Processes that are driven one instruction at a time, and killed between two. Linux.
#![allow(dead_code)] // each test binary uses another part of this

use std::path::Path;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering};

use mapview::{MappingOptions, View};

use crate::support::{Part, Peer};

/// More instructions than any of the steps has.
const MOST: u64 = 2_000_000;

/// A process whose body prepares something, and is then to do one thing that is driven.
pub struct Stepped {
    peer: Peer,
    thread: i32,
    board: Board,
    _directory: tempfile::TempDir,
}

/// Where both say how far they are.
struct Board(View);

impl Board {
    fn open(path: &Path) -> Board {
        Board(MappingOptions::new().path(path).create().unwrap().view().unwrap())
    }

    fn go(&self) -> &AtomicU64 {
        self.0.atomic(0).unwrap()
    }

    fn done(&self) -> &AtomicU64 {
        self.0.atomic(64).unwrap()
    }
}

/// In the body: what is driven, between preparations and the rest.
pub fn stepped(part: &Part, act: impl FnOnce()) {
    let board = Board::open(Path::new(&part.words[0]));
    let (go, done) = (board.go(), board.done());
    // SAFETY: takes nothing.
    part.say(unsafe { libc::gettid() });
    while go.load(Ordering::Acquire) == 0 {
        std::hint::spin_loop();
    }
    act();
    done.store(1, Ordering::Release);
    while part.hear().is_some() {}
}

impl Stepped {
    /// Starts the body; it gets these words after one for its own use.
    pub fn start(body: &str, words: &[&str]) -> Stepped {
        let directory = tempfile::Builder::new().prefix("mapview-test-").tempdir().unwrap();
        let path = directory.path().join("board");
        std::fs::write(&path, [0; 128]).unwrap();
        let mut all = vec![path.to_str().unwrap()];
        all.extend(words);
        let mut peer = Peer::start(body, &all);
        let thread = peer.hear().parse().unwrap();
        let board = Board::open(&path);
        trace(libc::PTRACE_SEIZE, thread);
        trace(libc::PTRACE_INTERRUPT, thread);
        assert!(has_stopped(thread));
        board.go().store(1, Ordering::Release);
        Stepped { peer, thread, board, _directory: directory }
    }

    /// Executes one instruction; `false` when all is done.
    pub fn step(&mut self) -> bool {
        trace(libc::PTRACE_SINGLESTEP, self.thread);
        assert!(has_stopped(self.thread), "it ended before it was done");
        self.board.done().load(Ordering::Acquire) == 0
    }

    /// Executes so many instructions, or what there is; returns how many there were.
    pub fn steps(&mut self, count: u64) -> u64 {
        for step in 0..count {
            assert!(step < MOST, "it does not end");
            if !self.step() {
                return step;
            }
        }
        count
    }

    /// Kills it where it is.
    pub fn kill(self) {}
}

impl Drop for Stepped {
    fn drop(&mut self) {
        let process = self.peer.pid() as i32;
        // SAFETY: a child that is not reaped, and a thread of it that this thread traces, and must reap.
        unsafe {
            libc::kill(process, libc::SIGKILL);
            if self.thread != process {
                libc::waitpid(self.thread, null_mut(), libc::__WALL);
            }
        }
    }
}

fn trace(request: u32, thread: i32) {
    let null = null_mut::<u8>();
    // SAFETY: these requests take no pointers.
    let done = unsafe { libc::ptrace(request, thread, null, null) };
    assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
}

fn has_stopped(thread: i32) -> bool {
    let mut status = 0;
    // SAFETY: the status is a local.
    let waited = unsafe { libc::waitpid(thread, &raw mut status, libc::__WALL) };
    assert_eq!(waited, thread, "{}", std::io::Error::last_os_error());
    libc::WIFSTOPPED(status)
}

/// After how many instructions the driven process is killed: at 50 of all, or at 400 with `MAPVIEW_LONG=1`.
pub fn moments(all: u64) -> impl Iterator<Item = u64> {
    let long = std::env::var_os("MAPVIEW_LONG").is_some();
    let stride = (all / if long { 400 } else { 50 }).max(1);
    (0..all + stride).step_by(stride as usize)
}
