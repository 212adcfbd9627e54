//! Processes that run until they are killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{channel, Receiver};
use std::time::{Duration, Instant};

use super::{is_child, spawn_again};

/// Long enough for a process to end on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Random enough, and the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// A process of this test binary that is killed sooner or later, and what it says on its way.
pub struct Victim {
    child: Child,
    out: BufReader<ChildStdout>,
    errors: Receiver<String>,
}

impl Victim {
    pub fn start(mut command: Command, seed: u64) -> Victim {
        command.env("MAPVIEW_TEST_SEED", seed.to_string()).stderr(Stdio::piped());
        let mut child = spawn_again(&mut command).unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let (to, errors) = channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text);
            to.send(text)
        });
        Victim { child, out, errors }
    }

    /// Reads on until the process has really begun.
    #[track_caller]
    pub fn wait_until_it_runs(&mut self) {
        self.wait_until_it_says("@running");
    }

    /// Reads on until a line that begins like this, and returns the rest of it.
    #[track_caller]
    pub fn wait_until_it_says(&mut self, beginning: &str) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            if self.out.read_line(&mut line).unwrap() == 0 {
                panic!("it ended before it said {beginning}: {}", self.errors.recv().unwrap());
            }
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.trim().to_string();
            }
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it. Until then it must have had nothing to complain about.
    #[track_caller]
    pub fn kill(mut self) {
        let ended = self.child.try_wait().unwrap();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let errors = self.errors.recv().unwrap();
        assert!(ended.is_none() && errors.is_empty(), "a check failed: {ended:?}: {errors}");
    }

    /// Waits for its end, which must be a good one.
    #[track_caller]
    pub fn join(mut self) {
        let begin = Instant::now();
        let ended = loop {
            if let Some(ended) = self.child.try_wait().unwrap() {
                break ended;
            }
            assert!(begin.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(1));
        };
        let errors = self.errors.recv().unwrap();
        assert!(ended.success(), "{ended}: {errors}");
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill(); // also when a check failed, for it would go on for ever
        let _ = self.child.wait();
    }
}

/// In a victim: what its seed makes of chance. `None` in a process that was not started as one.
pub fn seed() -> Option<Random> {
    std::env::var_os("MAPVIEW_TEST_SEED")?;
    is_child().then(|| Random(seed_number() * 0x9E37_79B9 + 1))
}

/// In a victim: the number that it was started with.
pub fn seed_number() -> u64 {
    std::env::var("MAPVIEW_TEST_SEED").unwrap().parse().unwrap()
}

/// In a victim: says that it has begun.
pub fn say_running() {
    // Without the test that kills it, this process would go on for ever; the end of the pipe tells.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    tell("\n@running");
}

/// In a victim: a line for [`Victim::wait_until_it_says`].
pub fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).unwrap();
}
