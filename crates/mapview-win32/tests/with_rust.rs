//! A program in C, as written for Windows, and one in Rust with the library have the same objects.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use mapview::{
    wait_all, Access, Deadline, ErrorKind, Event, Mapping, MappingOptions, Mutex, Semaphore,
};

/// The program in C, in the namespace of this test's user, as any two programs are.
struct Partner {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    prefix: String,
    _directory: tempfile::TempDir,
}

impl Partner {
    fn start(test: &str) -> Partner {
        let directory = tempfile::tempdir().unwrap();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let library = std::env::current_exe().unwrap().with_file_name("libmapview_win32.so");
        for link in ["libmapview-win32.so", "libmapview-win32.so.0"] {
            std::os::unix::fs::symlink(&library, directory.path().join(link)).unwrap();
        }
        let program = directory.path().join("partner");
        let mut compiler = Command::new("gcc");
        compiler.args(["-Wall", "-Wextra", "-Werror", "-I"]).arg(root.join("include/mapview"));
        compiler.arg(root.join("tests/with_rust/partner.c")).arg("-L").arg(directory.path());
        assert!(compiler
            .arg("-lmapview-win32")
            .arg("-o")
            .arg(&program)
            .status()
            .unwrap()
            .success());
        let prefix = format!("with rust {} {test}", std::process::id());
        let mut command = Command::new(program);
        command.arg(&prefix).env("LD_LIBRARY_PATH", directory.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let output = BufReader::new(output);
        let mut partner = Partner { child, input, output, prefix, _directory: directory };
        assert_eq!(partner.ask("opened"), 0); // its objects are there now
        partner
    }

    fn name(&self, of: &str) -> String {
        format!("{} {of}", self.prefix)
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    fn answer(&mut self) -> u32 {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim().parse().unwrap()
    }

    fn ask(&mut self, line: &str) -> u32 {
        self.say(line);
        self.answer()
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const WAIT_OBJECT_0: u32 = 0;
const WAIT_ABANDONED: u32 = 0x80;
const TRUE: u32 = 1;

#[test]
fn what_one_writes_the_other_reads() {
    let mut partner = Partner::start("mapping");
    let mapping = Mapping::open(&partner.name("mapping")).unwrap();
    assert_eq!(mapping.size(), 8192, "whole pages, as on Windows");
    let view = mapping.view().unwrap();
    partner.ask("write from C");
    assert_eq!(view.to_vec(0, 7).unwrap(), b"from C\0");
    view.copy_in(0, b"from Rust\0").unwrap();
    assert_eq!(partner.ask("holds from Rust"), TRUE);
    let wrong = Event::open(&partner.name("mapping")).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::WrongKind);
    drop((view, mapping));
    drop(partner.child.kill().and_then(|()| partner.child.wait()));
    let mut options = MappingOptions::new();
    let gone = options.name(&partner.name("mapping")).open(Access::READ).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound, "names die with their last holder");
}

#[test]
fn each_waits_for_what_the_other_signals() {
    let mut partner = Partner::start("signals");
    let event = Event::open(&partner.name("event")).unwrap();
    let semaphore = Semaphore::open(&partner.name("semaphore")).unwrap();
    let mutex = Mutex::open(&partner.name("mutex")).unwrap();
    assert_eq!((partner.ask("set"), partner.ask("release")), (TRUE, TRUE));
    let all = wait_all(&[&event, &semaphore, &mutex], Deadline::after(Duration::from_secs(30)));
    assert!(all.unwrap().is_some());
    assert!(semaphore.try_wait().unwrap() && semaphore.try_wait().unwrap());

    // The mutex is this thread's; the other waits for all three until it is not.
    partner.say("all");
    event.set().unwrap();
    semaphore.release(1).unwrap();
    mutex.unlock().unwrap();
    assert_eq!(partner.answer(), WAIT_OBJECT_0);
    assert!(!event.try_wait().unwrap() && !semaphore.try_wait().unwrap(), "taken by the wait");
    assert!(mutex.try_lock().unwrap().is_none(), "and so is the mutex");
    assert_eq!(partner.ask("unlock"), TRUE);
    assert!(mutex.try_lock().unwrap().is_some());

    let timer = mapview::Timer::open(&partner.name("timer")).unwrap();
    assert_eq!(partner.ask("start"), TRUE);
    assert!(timer.wait_timeout(Duration::from_secs(30)).unwrap());
}

#[test]
fn each_learns_that_the_other_died_with_the_lock() {
    let mut partner = Partner::start("abandoned");
    let name = partner.name("mutex");
    let mutex = Mutex::open(&name).unwrap();
    // A thread of this process ends with the lock.
    std::thread::spawn(move || std::mem::forget(Mutex::open(&name).unwrap().lock().unwrap()))
        .join()
        .unwrap();
    assert_eq!(partner.ask("lock"), WAIT_ABANDONED);
    partner.child.kill().unwrap();
    let guard = mutex.lock().unwrap();
    assert!(guard.abandoned(), "and so does the other process");
}
