//! Another process: this program again, told what to do line by line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

pub struct Peer {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// The command for a peer in this role.
pub fn command(role: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.arg("peer").args(role);
    command
}

impl Peer {
    pub fn start(role: &[&str]) -> Peer {
        Peer::spawn(command(role))
    }

    /// In another namespace directory.
    pub fn start_in(directory: &Path, role: &[&str]) -> Peer {
        let mut command = command(role);
        command.env("MAPVIEW_DIR", directory);
        Peer::spawn(command)
    }

    /// What listens and speaks as a peer does.
    pub fn spawn(mut command: Command) -> Peer {
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.expect("a process can be started");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("piped"));
        Peer { child, input, output }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().expect("open until the end");
        writeln!(input, "{line}").expect("the peer listens");
    }

    /// The next line that the peer says; empty when it has ended.
    pub fn hear(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a pipe can be read");
        line.trim_end().to_owned()
    }

    pub fn kill(&mut self) {
        self.child.kill().expect("our own child");
    }

    /// Lets the peer go and waits for its end.
    pub fn end(&mut self) -> ExitStatus {
        self.input = None;
        self.child.wait().expect("our own child")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.end();
    }
}

/// In the peer: says a line.
pub fn say(line: impl std::fmt::Display) {
    println!("{line}"); // standard output is flushed at each line
}

/// In the peer: what it is told, line by line, until its parent lets it go.
pub fn orders() -> impl Iterator<Item = String> {
    std::io::stdin().lines().map_while(Result::ok)
}
