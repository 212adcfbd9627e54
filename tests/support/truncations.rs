//! Random truncations under guarded views, against a model of which bytes are there. For tests and the fuzzer.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU8, Ordering};

use mapview::{Mapping, MappingOptions, View, ViewAccess};

const PAGE: usize = 4096;
const PAGES: usize = 8;
const LEN: usize = PAGE * PAGES;

/// A view with what it should be like.
struct Seen {
    view: View,
    start: usize,
    access: ViewAccess,
    /// Pages that may hold something else than the file: of a copy-on-write view, those that were written through it.
    private: [bool; PAGES],
    damaged: bool,
}

/// Whether a byte must be an error when the file is so long: those behind its end in its last page are not.
fn is_gone(at: usize, len: usize) -> bool {
    at >= len.next_multiple_of(PAGE)
}

struct World {
    file: File,
    mapping: Mapping,
    /// What the file should hold.
    bytes: Vec<u8>,
    views: Vec<Seen>,
}

/// Does what the numbers say, and fails where something else happens than the model says.
pub fn play(numbers: &[u8]) {
    let file = tempfile::tempfile().unwrap();
    file.set_len(LEN as u64).unwrap();
    let mapping = MappingOptions::new().file(&file).create().unwrap();
    let mut world = World { file, mapping, bytes: vec![0; LEN], views: Vec::new() };
    for step in numbers.chunks_exact(6) {
        world.step(step);
    }
}

impl World {
    fn step(&mut self, step: &[u8]) {
        let at = usize::from(u16::from_le_bytes([step[2], step[3]])) % LEN;
        let len = match step[4] % 4 {
            0 => 1,
            1 => usize::from(step[5]),
            2 => PAGE - usize::from(step[5]),
            _ => 3 * PAGE + usize::from(step[5]),
        };
        match step[0] % 12 {
            0 | 1 => self.set_len(at),
            2 => self.set_len(LEN),
            3 if self.views.len() < 4 => self.map(step[1], at),
            4 if !self.views.is_empty() => {
                let which = usize::from(step[1]) % self.views.len();
                self.views.swap_remove(which).view.unmap().unwrap();
            }
            _ if self.views.is_empty() => self.map(step[1], at),
            5..=7 => self.read(usize::from(step[1]), at, len),
            8 | 9 => self.write(usize::from(step[1]), at, len, step[5]),
            10 => self.touch(usize::from(step[1]), at),
            _ => self.repair(usize::from(step[1])),
        }
    }

    fn set_len(&mut self, len: usize) {
        self.file.set_len(len as u64).unwrap();
        let mut now = vec![0; len];
        self.file.read_exact_at(&mut now, 0).unwrap();
        let both = len.min(self.bytes.len());
        assert!(now[..both] == self.bytes[..both], "what the file holds");
        // What was stored behind the end of the file, in its last page, may show up in an extension.
        self.bytes = now;
        for seen in &mut self.views {
            // As on every Unix, truncating takes private pages too.
            seen.private[len.div_ceil(PAGE)..].fill(false);
        }
    }

    fn map(&mut self, access: u8, start: usize) {
        let access =
            [ViewAccess::Read, ViewAccess::ReadWrite, ViewAccess::CopyOnWrite][access as usize % 3];
        let mut options = View::options();
        options.access(access).offset(start as u64).guarded(true);
        let view = options.map(&self.mapping).unwrap();
        let (private, damaged) = ([false; PAGES], false);
        self.views.push(Seen { view, start, access, private, damaged });
    }

    /// The view of this number, and the range cut to what it shows.
    fn seen(&mut self, which: usize, at: usize, len: usize) -> (usize, usize, usize) {
        let which = which % self.views.len();
        let start = self.views[which].start;
        let offset = at % (LEN - start);
        (which, offset, len.min(LEN - start - offset))
    }

    fn read(&mut self, which: usize, at: usize, len: usize) {
        let (which, offset, len) = self.seen(which, at, len);
        let seen = &self.views[which];
        let from = seen.start + offset;
        let fails = seen.damaged || (from..from + len).any(|at| is_gone(at, self.bytes.len()));
        match seen.view.to_vec(offset, len) {
            Err(error) => assert!(fails && error.win32_code() == 999, "read {from} {len}: {error}"),
            Ok(bytes) => {
                assert!(!fails, "read {from} {len} of {}", self.bytes.len());
                for (at, byte) in (from..).zip(bytes) {
                    // Behind the end of the file the last page may hold what was stored there, or zeros.
                    if at < self.bytes.len() && !seen.private[at / PAGE] {
                        assert_eq!(byte, self.bytes[at], "byte {at}");
                    }
                }
            }
        }
    }

    fn write(&mut self, which: usize, at: usize, len: usize, byte: u8) {
        let (which, offset, len) = self.seen(which, at, len);
        let file_len = self.bytes.len();
        let seen = &mut self.views[which];
        let from = seen.start + offset;
        let result = seen.view.copy_in(offset, &vec![byte; len]);
        if seen.access == ViewAccess::Read {
            return assert_eq!(result.unwrap_err().win32_code(), 5);
        }
        let private = seen.access == ViewAccess::CopyOnWrite;
        let fails = seen.damaged || (from..from + len).any(|at| is_gone(at, file_len));
        let result = result.map_err(|error| error.win32_code());
        assert_eq!(result, if fails { Err(999) } else { Ok(()) }, "write {from} {len}");
        if seen.damaged {
            return; // refused before the first byte
        }
        if fails && !private {
            // Anything may have been stored before the copy ended.
            return self.file.read_exact_at(&mut self.bytes, 0).unwrap();
        }
        for at in from..from + len {
            if private {
                seen.private[at / PAGE] = true; // or not, if the copy ended before
            } else if at < file_len {
                self.bytes[at] = byte;
            }
        }
    }

    /// Reads in place.
    fn touch(&mut self, which: usize, at: usize) {
        let (which, offset, _) = self.seen(which, at, 1);
        let seen = &mut self.views[which];
        let at = seen.start + offset;
        let gone = is_gone(at, self.bytes.len());
        // SAFETY: inside the view, which is guarded; an atomic, because other views show the same byte.
        let byte = unsafe { &*seen.view.as_ptr().add(offset).cast::<AtomicU8>() };
        let value = byte.load(Ordering::Relaxed);
        if gone && !seen.damaged {
            assert_eq!(value, 0);
            assert!(seen.view.is_damaged(), "byte {at} of {}", self.bytes.len());
            seen.damaged = true;
        }
        // A damaged view may have had that page replaced before.
        assert_eq!(seen.view.is_damaged(), seen.damaged);
    }

    fn repair(&mut self, which: usize) {
        let which = which % self.views.len();
        let seen = &mut self.views[which];
        let repaired = seen.view.repair();
        if repaired.is_err() {
            assert!(seen.damaged && seen.view.is_damaged() && self.bytes.len() < LEN);
            return;
        }
        if seen.damaged {
            // Private changes between the lost pages are lost as well: what is where, the model does not know.
            seen.private = [seen.access == ViewAccess::CopyOnWrite; PAGES];
        }
        assert!(!seen.view.is_damaged());
        seen.damaged = false;
    }
}
