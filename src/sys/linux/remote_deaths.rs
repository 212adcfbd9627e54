//! Kills whoever has another process make a system call at each of its steps: the other process notices nothing.
//!
//! The tracing thread ends in place of the whole process, which to the kernel is the same.
#![allow(unsafe_code)]

#[path = "../../../tests/support/registers.rs"]
mod registers;
#[path = "../../../tests/support/restless.rs"]
mod restless;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{channel, Receiver};
use std::sync::PoisonError;
use std::time::Duration;

use super::os::schedule::STARTING;
use super::process::Process;
use crate::{ErrorKind, MemoryState, Protect};

const KIND: &str = "MAPVIEW_TEST_ROUND";

#[test]
#[ignore = "not a test: the body of the process that is disturbed"]
fn target() {
    let Ok(kind) = std::env::var(KIND) else { return };
    let child = restless::alone(move || loop {
        restless::round_with_stops(&kind);
        tell("@round");
    });
    tell(&format!("@child {child}"));
    let mut status = 0;
    // SAFETY: a child of this process, and a place for how it ended.
    unsafe { libc::waitpid(child, &mut status, 0) };
    panic!("it has ended: {status:#x}");
}

fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    let told = out.write_all(format!("\n{line}\n").as_bytes()).and_then(|()| out.flush());
    if told.is_err() {
        std::process::exit(0); // the test is over
    }
}

struct Target {
    child: Child,
    /// The process that is disturbed, of a single thread.
    pid: u32,
    rounds: Receiver<()>,
}

impl Target {
    fn start(kind: &str) -> Target {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "sys::linux::remote_deaths::target", "--ignored", "--nocapture"]);
        command.env(KIND, kind).stdout(Stdio::piped());
        let starting = STARTING.write().unwrap_or_else(PoisonError::into_inner);
        let mut child = command.spawn().unwrap();
        drop(starting);
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let pid = said.find_map(|line| line.strip_prefix("@child ")?.parse().ok());
        let (to, rounds) = channel();
        std::thread::spawn(move || {
            said.filter(|line| line == "@round").try_for_each(|_| to.send(()))
        });
        let target = Target { child, pid: pid.expect("its child"), rounds };
        target.goes_on();
        target
    }

    /// Waits for the end of a round that began after everything before.
    fn goes_on(&self) {
        const PATIENCE: Duration = Duration::from_secs(30);
        self.rounds.try_iter().for_each(drop);
        for _ in 0..2 {
            self.rounds.recv_timeout(PATIENCE).expect("the target goes on");
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn death_at_any_step_leaves_the_process_as_if_nothing_had_been() {
    std::thread::scope(|scope| {
        for kind in restless::ROUNDS {
            scope.spawn(move || die_at_each_step(kind));
        }
    });
}

fn die_at_each_step(kind: &str) {
    const SIZE: usize = 0x3_0000;
    let target = Target::start(kind);
    let process = Process::open(target.pid).unwrap();
    for steps in 0.. {
        assert!(steps < 100, "{kind}: the steps have no end");
        process.steps_left.store(steps, Ordering::SeqCst);
        let outcome = process.allocate(None, SIZE, Some(Protect::READ_WRITE));
        process.steps_left.store(i64::MAX, Ordering::SeqCst);
        target.goes_on();
        match outcome {
            Ok(base) => {
                let info = process.query(base).unwrap();
                assert_eq!((info.base, info.state), (base, MemoryState::Committed));
                assert!(steps > 8, "{kind}: only {steps} steps were tried");
                break;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Other, "{kind}, {steps}: {error}"),
        }
    }
    assert_eq!(process.tracer(target.pid), 0);
    assert!(process.is_alive());
}
