//! `Peer`: the parent's end of a process that obeys.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Long enough for every answer on a busy machine; a test that waits longer has found a hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a peer answers: text, or the code and the message of an error.
pub type Answer = Result<String, (u32, String)>;

/// Starts the test binary. Wine 8 now and then answers "internal error" (1359) on a busy machine, before any code of the
/// new process has run.
pub fn spawn_again(command: &mut Command) -> std::io::Result<Child> {
    let mut tries = if cfg!(windows) { 5 } else { 1 };
    loop {
        tries -= 1;
        match command.spawn() {
            Err(error) if tries > 0 && error.raw_os_error() == Some(1359) => {}
            other => return other,
        }
    }
}

/// What a process sleeps for, and how often it fell asleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asleep {
    ForWork(u64),
    /// In a wait without a deadline.
    ForEver(u64),
    Not,
}

/// A process that obeys the lines of a script. Killed on drop.
pub struct Peer {
    child: Child,
    lines: Option<ChildStdin>,
    answers: Receiver<String>,
}

impl Peer {
    /// Starts the process and waits until it listens.
    #[track_caller]
    pub fn spawn(mut command: Command) -> Peer {
        let mut child = spawn_again(&mut command).expect("the test binary starts again");
        let lines = child.stdin.take();
        let answers = receive(child.stdout.take().unwrap());
        let mut peer = Peer { child, lines, answers };
        assert_eq!(peer.answer().unwrap(), "ready");
        peer
    }

    /// Has the line obeyed and returns the answer, which must not be an error.
    #[track_caller]
    pub fn ask(&mut self, line: &str) -> String {
        self.start(line);
        match self.answer() {
            Ok(text) => text,
            Err((code, message)) => panic!("`{line}` failed with {code}: {message}"),
        }
    }

    /// Has the line obeyed, which must fail; returns the Win32 code.
    #[track_caller]
    pub fn refused(&mut self, line: &str) -> u32 {
        self.start(line);
        match self.answer() {
            Ok(text) => panic!("`{line}` should have been refused, but gave `{text}`"),
            Err((code, _)) => code,
        }
    }

    /// Sends a line and does not wait for the answer.
    #[track_caller]
    pub fn start(&mut self, line: &str) {
        let lines = self.lines.as_mut().expect("the peer is alive");
        writeln!(lines, "{line}").and_then(|()| lines.flush()).expect("the peer reads");
    }

    /// The answer to the oldest line that has none yet.
    #[track_caller]
    pub fn answer(&mut self) -> Answer {
        let answer = match self.answers.recv_timeout(PATIENCE) {
            Ok(answer) => answer,
            Err(why) => panic!("no answer: {why}; the peer: {:?}", self.child.try_wait()),
        };
        parse(answer)
    }

    /// The answer to the oldest line that has none yet, if there is one already or very soon.
    #[track_caller]
    pub fn answer_so_far(&mut self) -> Option<Answer> {
        self.answers.recv_timeout(Duration::from_millis(5)).ok().map(parse)
    }

    /// Sends a line that the process shall not survive; returns how it ended.
    #[track_caller]
    pub fn dies_of(&mut self, line: &str) -> ExitStatus {
        self.start(line);
        if let Ok(answer) = self.answers.recv_timeout(PATIENCE) {
            panic!("`{line}` should have ended the process, but gave `{answer}`");
        }
        self.lines = None;
        self.child.wait().unwrap()
    }

    /// `kill -9`, or TerminateProcess; returns when the process is gone.
    pub fn kill(&mut self) {
        // Before the pipe closes: at its end the process would exit, and take itself out of the books.
        self.child.kill().unwrap();
        self.lines = None;
        self.child.wait().unwrap();
    }

    /// Lets the process end by itself, with every handle still open.
    #[track_caller]
    pub fn exit(&mut self) {
        assert!(self.dies_of("exit").success());
    }

    /// Closes the pipe to the process and waits until it, and whoever it forked, is gone.
    #[track_caller]
    pub fn hang_up(&mut self) {
        self.lines = None;
        while self.answers.recv_timeout(PATIENCE).map_err(|why| assert!(ended(why))).is_ok() {}
        self.child.wait().unwrap();
    }

    /// Waits until the process sleeps in the kernel for a lock. Linux only.
    #[track_caller]
    pub fn wait_until_it_waits(&self) {
        let futex_calls = ["202 ", "449 ", "455 "]; // futex, futex_waitv, futex_wait on x86-64
        let begin = Instant::now();
        loop {
            let call = std::fs::read_to_string(self.obeying_thread().join("syscall")).unwrap();
            if futex_calls.iter().any(|number| call.starts_with(number)) {
                return;
            }
            assert!(begin.elapsed() < PATIENCE, "the peer does not wait: {call}");
            std::thread::yield_now();
        }
    }

    /// As `wait_until_it_waits` on Linux. Nothing on Windows, where nobody can see it: then the peer waits soon.
    #[track_caller]
    pub fn let_it_wait(&self) {
        if cfg!(target_os = "linux") {
            self.wait_until_it_waits();
        }
    }

    /// The answer to the oldest line that has none yet, if there is one.
    pub fn answer_now(&mut self) -> Option<Answer> {
        self.answers.try_recv().ok().map(parse)
    }

    /// Gives it so long to end by itself; whether it did.
    pub fn end_within(&mut self, limit: Duration) -> bool {
        let begin = Instant::now();
        while begin.elapsed() < limit {
            if self.child.try_wait().unwrap().is_some() {
                return true;
            }
            std::thread::yield_now();
        }
        false
    }

    /// The id of the thread that obeys. Linux only.
    pub fn thread(&self) -> u32 {
        let path = self.obeying_thread();
        path.file_name().unwrap().to_str().unwrap().parse().unwrap()
    }

    /// Whether the process sleeps, and how often it fell asleep until then. Linux only.
    pub fn asleep(&self) -> Asleep {
        let thread = self.obeying_thread();
        let read = |file: &str| std::fs::read_to_string(thread.join(file)).unwrap_or_default();
        let call = read("syscall");
        let words: Vec<&str> = call.split(' ').collect();
        let status = read("status");
        let switches =
            status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        let times = switches.map_or(0, |times| times.trim().parse().unwrap());
        match words[..] {
            ["0", "0x0", ..] => Asleep::ForWork(times), // read(0, ...)
            // futex_waitv, or futex to wait, without a timeout
            ["449", _, _, _, "0x0", ..] | ["202", _, "0x0", _, "0x0", ..] => Asleep::ForEver(times),
            _ => Asleep::Not,
        }
    }

    /// The thread that obeys: the one besides the main thread, where the test harness waits.
    fn obeying_thread(&self) -> PathBuf {
        let main = self.pid().to_string();
        let threads = std::fs::read_dir(format!("/proc/{main}/task")).unwrap();
        let mut others =
            threads.map(|thread| thread.unwrap()).filter(|thread| *thread.file_name() != *main);
        others.next().expect("the thread of the test").path()
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill(); // may have ended already
        let _ = self.child.wait();
    }
}

/// Acts until all of them have answered, and returns the answers. Once has to do on Linux, where they are seen to wait
/// before; elsewhere one may come too late for what lasts a moment only.
#[track_caller]
pub fn until_answered(waiters: &mut [Peer], mut act: impl FnMut()) -> Vec<String> {
    waiters.iter().for_each(Peer::let_it_wait);
    let begin = Instant::now();
    let mut answers = Vec::new();
    for waiter in waiters {
        if answers.is_empty() {
            act();
        }
        if cfg!(target_os = "linux") {
            answers.push(waiter.answer().unwrap());
            continue;
        }
        let answer = loop {
            if let Some(answer) = waiter.answer_so_far() {
                break answer;
            }
            assert!(begin.elapsed() < PATIENCE, "not answered");
            act();
        };
        answers.push(answer.unwrap());
    }
    answers
}

/// Waits until one of them answers; which one, and what.
#[track_caller]
pub fn answered_first(waiters: &mut [Peer]) -> (usize, String) {
    let begin = Instant::now();
    loop {
        for (index, waiter) in waiters.iter_mut().enumerate() {
            if let Some(answer) = waiter.answer_so_far() {
                return (index, answer.unwrap());
            }
        }
        assert!(begin.elapsed() < PATIENCE, "nobody answered");
    }
}

fn parse(answer: String) -> Answer {
    match answer.split_once(' ').unwrap_or((&answer, "")) {
        ("ok", text) => Ok(text.to_string()),
        (_, error) => {
            let (code, message) = error.split_once(' ').unwrap();
            Err((code.parse().unwrap(), message.to_string()))
        }
    }
}

fn ended(why: RecvTimeoutError) -> bool {
    why == RecvTimeoutError::Disconnected
}

/// The test harness of the child prints too; answers are the lines that begin with `@`.
fn receive(from: ChildStdout) -> Receiver<String> {
    let (to, answers) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if let Some(answer) = line.strip_prefix('@') {
                if to.send(answer.to_string()).is_err() {
                    return;
                }
            }
        }
    });
    answers
}
