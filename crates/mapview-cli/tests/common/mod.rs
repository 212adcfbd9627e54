//! What every test of the program needs: a namespace of its own and the program in it.
#![allow(dead_code)] // each test binary uses a part

pub mod peer;
#[cfg(target_os = "linux")]
pub mod terminal;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use sha2::{Digest, Sha256};

/// A namespace and a directory that no other test sees; both gone at the end.
pub struct Home {
    directory: tempfile::TempDir,
    prefix: String,
}

impl Home {
    pub fn new() -> Home {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("namespace")).unwrap();
        // Where names are the system's, `MAPVIEW_DIR` means nothing, so the names differ as well.
        Home { directory, prefix: format!("cli-{}-{number}", std::process::id()) }
    }

    pub fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file of `len` bytes without any pattern to hide behind.
    pub fn file(&self, name: &str, len: usize) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, noise(len)).unwrap();
        path
    }

    /// The files beside each other in our directory, without the namespace's own.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.directory.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name != "namespace").collect();
        names.sort();
        names
    }

    pub fn command<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mapview"));
        command.args(args).env("MAPVIEW_DIR", self.path("namespace")).env_remove("NO_COLOR");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs to success and returns stdout.
    pub fn ok<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Vec<u8> {
        let output = self.run(args);
        assert_eq!(code(&output), 0, "{}", words(&output));
        output.stdout
    }

    /// Runs to the failure with this exit code and returns stderr.
    pub fn fails<S: AsRef<std::ffi::OsStr>>(&self, exit: i32, args: &[S]) -> String {
        let output = self.run(args);
        assert_eq!(code(&output), exit, "{}", words(&output));
        assert!(!words(&output).contains("panicked"), "{}", words(&output));
        words(&output)
    }

    /// Runs with this on stdin.
    pub fn feed<S: AsRef<std::ffi::OsStr>>(&self, args: &[S], input: &[u8]) -> Output {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        // The program may refuse before it has read everything.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    /// Starts `mapview create` and returns when it holds the mapping, with what it said.
    pub fn hold(&self, args: &[&str]) -> (Held, Value) {
        let args: Vec<&str> = ["create", "--json"].iter().chain(args).copied().collect();
        let mut child = self.command(&args).stderr(Stdio::inherit()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        (Held(child), serde_json::from_str(&line).unwrap())
    }
}

/// A process that holds something; killed at the latest at the end of the test.
pub struct Held(pub Child);

impl Held {
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill(); // may have ended already
        let _ = self.0.wait();
    }
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

pub fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn json(line: &[u8]) -> Value {
    serde_json::from_slice(line).unwrap()
}

pub fn sha(path: &Path) -> [u8; 32] {
    Sha256::digest(std::fs::read(path).unwrap()).into()
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Bytes of a simple generator (xorshift), the same every time.
pub fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}
