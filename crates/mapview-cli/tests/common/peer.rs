//! A process that maps a file and touches what it is told to: the one that the demos use.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};

use super::Home;

/// Killed at the latest at the end of the test.
pub struct Peer(Child);

impl Peer {
    /// Maps the file `shared` or `copy-on-write`.
    pub fn start(home: &Home, way: &str, file: &Path) -> Peer {
        let mut command = home.command(&["demo-peer", way, super::text(file)]);
        let mut peer =
            Peer(command.stdin(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap());
        peer.answer();
        peer
    }

    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    pub fn read(&mut self, page: usize, pages: usize) {
        self.order(&format!(r#"{{"read":{{"page":{page},"pages":{pages}}}}}"#));
    }

    pub fn write(&mut self, page: usize, pages: usize) {
        self.order(&format!(r#"{{"write":{{"page":{page},"pages":{pages},"byte":66}}}}"#));
    }

    fn order(&mut self, order: &str) {
        writeln!(self.0.stdin.as_mut().unwrap(), "{order}").unwrap();
        self.answer();
    }

    fn answer(&mut self) {
        let mut line = String::new();
        BufReader::with_capacity(1, self.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("address"), "{line:?}");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
