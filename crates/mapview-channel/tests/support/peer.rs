//! The parent's end of a process of this test binary.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{channel, Receiver};
use std::time::Instant;

use super::part::{BETWEEN, WORDS};
use super::PATIENCE;

/// A process that runs a body. Killed on drop.
pub struct Peer {
    child: Child,
    lines: Option<ChildStdin>,
    said: Receiver<String>,
    errors: Receiver<String>,
}

impl Peer {
    /// Starts the body, a hidden test of this binary (with the path of its modules), and waits until it runs.
    #[track_caller]
    pub fn start(body: &str, words: &[&str]) -> Peer {
        Peer::start_with(body, words, |_| ())
    }

    /// The same, of a process that is prepared first.
    #[track_caller]
    pub fn start_with(body: &str, words: &[&str], prepare: impl FnOnce(&mut Command)) -> Peer {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", body, "--include-ignored", "--nocapture", "--test-threads=1"]);
        command.env(WORDS, words.join(BETWEEN));
        prepare(&mut command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawn(&mut command);
        let lines = child.stdin.take();
        let (to, said) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                // The harness prints too; what a body says begins with `@`.
                if line.strip_prefix('@').is_some_and(|line| to.send(line.to_string()).is_err()) {
                    return;
                }
            }
        });
        let (to, errors) = channel();
        let mut stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stderr.read_to_end(&mut bytes);
            to.send(String::from_utf8_lossy(&bytes).into_owned())
        });
        let mut peer = Peer { child, lines, said, errors };
        assert_eq!(peer.hear(), "started", "`{body}` is no body of this binary");
        peer
    }

    /// The next line that it says.
    #[track_caller]
    pub fn hear(&mut self) -> String {
        match self.said.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(why) => {
                let ended = self.child.try_wait();
                let _ = self.child.kill();
                let errors = self.errors.recv_timeout(PATIENCE).unwrap_or_default();
                panic!("it says nothing: {why}; ended: {ended:?}; its errors: {errors}");
            }
        }
    }

    /// The next line, if it has been said.
    pub fn heard(&mut self) -> Option<String> {
        self.said.try_recv().ok()
    }

    /// A line for `Part::hear`.
    #[track_caller]
    pub fn say(&mut self, line: &str) {
        let lines = self.lines.as_mut().expect("it is alive");
        writeln!(lines, "{line}").and_then(|()| lines.flush()).expect("it reads");
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`, or TerminateProcess; returns when the process is gone. Until then it must have had nothing to complain about.
    #[track_caller]
    pub fn kill(mut self) {
        let ended = self.child.try_wait().unwrap();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let errors = self.errors.recv_timeout(PATIENCE).unwrap_or_default();
        assert!(ended.is_none() && errors.is_empty(), "a check failed: {ended:?}: {errors}");
    }

    /// Waits for its end, which must be a good one.
    #[track_caller]
    pub fn join(mut self) {
        self.lines = None;
        let begin = Instant::now();
        let ended = loop {
            if let Some(ended) = self.child.try_wait().unwrap() {
                break ended;
            }
            if begin.elapsed() > PATIENCE {
                let _ = self.child.kill();
                let errors = self.errors.recv_timeout(PATIENCE).unwrap_or_default();
                panic!("it does not end; its errors: {errors}");
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        };
        let errors = self.errors.recv_timeout(PATIENCE).unwrap_or_default();
        assert!(ended.success(), "{ended}: {errors}");
    }

    /// Stops it where it is, until [`Peer::go_on`].
    #[cfg(unix)]
    pub fn stop(&self) {
        self.signal(libc::SIGSTOP);
        // The signal is on its way; the state tells when it has arrived.
        super::until("stopped", || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
            let state = stat.rsplit(')').next().unwrap().trim_start();
            state.starts_with('T')
        });
    }

    #[cfg(unix)]
    pub fn go_on(&self) {
        self.signal(libc::SIGCONT);
    }

    #[cfg(unix)]
    fn signal(&self, signal: i32) {
        // SAFETY: no pointers are passed; the child is not reaped, so the number is its own.
        let sent = unsafe { libc::kill(self.pid() as i32, signal) };
        assert_eq!(sent, 0, "{}", std::io::Error::last_os_error());
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill(); // may have ended already
        let _ = self.child.wait();
    }
}

/// Wine 8 now and then answers "internal error" (1359) on a busy machine, before any code of the new process has run.
#[track_caller]
fn spawn(command: &mut Command) -> Child {
    let mut tries = if cfg!(windows) { 5 } else { 1 };
    loop {
        tries -= 1;
        match command.spawn() {
            Err(error) if tries > 0 && error.raw_os_error() == Some(1359) => {}
            other => return other.expect("the test binary starts again"),
        }
    }
}
