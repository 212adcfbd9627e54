//! What scenarios cannot show about processes: what the kernel has left of them, and what survives `kill -9`.
#![cfg(target_os = "linux")]
#![allow(non_snake_case)]

use std::ffi::{c_char, c_void, CString};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::ptr::{null, null_mut};
use std::time::{Duration, Instant};

use mapview_win32 as _;

type Handle = *mut c_void;

#[repr(C)]
struct SecurityAttributes {
    len: u32,
    descriptor: *mut c_void,
    inherit: i32,
}

/// `STARTUPINFOA`, of which only the size is used.
#[repr(C)]
struct StartupInfo {
    size: u32,
    rest: [u64; 12],
}

#[repr(C)]
struct ProcessInformation {
    process: Handle,
    thread: Handle,
    pid: u32,
    tid: u32,
}

extern "C" {
    fn CreateProcessA(
        application: *const c_char,
        line: *mut c_char,
        process: *const SecurityAttributes,
        thread: *const SecurityAttributes,
        inherit: i32,
        flags: u32,
        environment: *const c_void,
        directory: *const c_char,
        startup: *const StartupInfo,
        information: *mut ProcessInformation,
    ) -> i32;
    fn CreateEventA(
        attributes: *const SecurityAttributes,
        manual: i32,
        set: i32,
        name: *const c_char,
    ) -> Handle;
    fn OpenEventA(access: u32, inherit: i32, name: *const c_char) -> Handle;
    fn SetEvent(event: Handle) -> i32;
    fn WaitForSingleObject(handle: Handle, milliseconds: u32) -> u32;
    fn GetExitCodeProcess(process: Handle, code: *mut u32) -> i32;
    fn DuplicateHandle(
        from: Handle,
        source: Handle,
        to: Handle,
        target: *mut Handle,
        access: u32,
        inherit: i32,
        options: u32,
    ) -> i32;
    fn GetCurrentProcess() -> Handle;
    fn CloseHandle(handle: Handle) -> i32;
    fn GetLastError() -> u32;
}

const CREATE_SUSPENDED: u32 = 4;
const ALL: u32 = 0x1F_0003;

/// Tells this test program, when it starts itself, which part it has.
const PART: &str = "MAPVIEW_TEST_PART";

fn inheritable() -> SecurityAttributes {
    SecurityAttributes { len: 24, descriptor: null_mut(), inherit: 1 }
}

fn create_process(line: &str, inherit: bool, flags: u32) -> ProcessInformation {
    let line = CString::new(line).unwrap().into_raw();
    let startup = StartupInfo { size: 104, rest: [0; 12] };
    let mut information =
        ProcessInformation { process: null_mut(), thread: null_mut(), pid: 0, tid: 0 };
    // SAFETY: all are what Win32 documents.
    let (started, error) = unsafe {
        let (application, attributes) = (null(), null());
        let started = CreateProcessA(
            application,
            line,
            attributes,
            attributes,
            inherit.into(),
            flags,
            null(),
            null(),
            &startup,
            &mut information,
        );
        drop(CString::from_raw(line));
        (started, GetLastError())
    };
    assert!(started != 0, "CreateProcess: {error}");
    information
}

/// The command line that starts this program in the test of this name.
fn again(test: &str, arguments: &str) -> String {
    let program = std::env::current_exe().unwrap();
    format!("\"{}\" --exact {test} --nocapture -- {arguments}", program.display())
}

fn arguments() -> Vec<usize> {
    let words = std::env::args().skip_while(|word| word != "--").skip(1);
    words.map(|word| word.parse().unwrap()).collect()
}

fn part() -> Option<String> {
    std::env::var(PART).ok()
}

/// What the parent passed is there although it was killed before the child ran: by inheritance and by duplication.
#[test]
fn what_was_passed_outlives_a_parent_that_is_killed() {
    const NAME: &std::ffi::CStr = c"win32-test-outlives";
    const GIVEN: &std::ffi::CStr = c"win32-test-outlives-given";
    const TEST: &str = "what_was_passed_outlives_a_parent_that_is_killed";
    match part().as_deref() {
        None => {}
        Some("parent") => {
            // SAFETY: all are what Win32 documents; the last call ends this process.
            unsafe {
                let named = CreateEventA(&inheritable(), 1, 0, NAME.as_ptr());
                let unnamed = CreateEventA(&inheritable(), 1, 1, null());
                let given = CreateEventA(null(), 1, 1, GIVEN.as_ptr());
                std::env::set_var(PART, "child");
                let line = again(TEST, &format!("{} {}", named as usize, unnamed as usize));
                let child = create_process(&line, true, CREATE_SUSPENDED);
                let (mut there, own) = (null_mut(), GetCurrentProcess());
                let copied = DuplicateHandle(own, given, child.process, &mut there, 0, 0, 2);
                assert!(copied != 0);
                println!("\nstarted {} {}", child.pid, there as usize);
                libc::kill(libc::getpid(), libc::SIGKILL);
            }
        }
        Some(_) => {
            let &[named, unnamed] = arguments().as_slice() else { panic!("two numbers") };
            let mut given = String::new();
            std::io::stdin().read_line(&mut given).unwrap();
            let given = given.trim().parse::<usize>().unwrap();
            // SAFETY: all are what Win32 documents.
            unsafe {
                assert_eq!(WaitForSingleObject(unnamed as Handle, 0), 0, "the unnamed one");
                assert_eq!(WaitForSingleObject(given as Handle, 0), 0, "the one that was given");
                let opened = OpenEventA(ALL, 0, NAME.as_ptr());
                assert!(!opened.is_null(), "the name lives");
                assert!(!OpenEventA(ALL, 0, GIVEN.as_ptr()).is_null(), "the other name lives");
                assert!(SetEvent(named as Handle) != 0);
                assert_eq!(WaitForSingleObject(opened, 0), 0, "it is the same object");
            }
            println!("\nall is there");
            return;
        }
    }
    let namespace = tempfile::tempdir().unwrap();
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(PART, "parent")
        .env("MAPVIEW_DIR", namespace.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = parent.stdin.take().unwrap(); // the grandchild's as well; `wait` would close it
    assert_eq!(parent.wait().unwrap().signal(), Some(libc::SIGKILL));
    let mut said = String::new();
    let mut stdout = parent.stdout.take().unwrap();
    let mut byte = [0];
    while !said.contains("started") || !said.ends_with('\n') {
        assert!(stdout.read(&mut byte).unwrap() > 0, "the parent said only {said:?}");
        said.push(byte[0].into());
    }
    let numbers: Vec<&str> = said.lines().last().unwrap().split(' ').skip(1).collect();
    let child: i32 = numbers[0].parse().unwrap();
    writeln!(stdin, "{}", numbers[1]).unwrap();
    // SAFETY: the child is stopped, so the number is still its own.
    unsafe { libc::kill(child, libc::SIGCONT) };
    stdout.read_to_string(&mut said).unwrap();
    assert!(said.contains("all is there"), "{said}");
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Children of this process that have ended and were not asked for.
fn zombies() -> Vec<String> {
    let own = std::process::id().to_string();
    let stats = fs::read_dir("/proc").unwrap().flatten();
    let stats = stats.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    stats
        .filter(|stat| {
            let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split(' ').collect();
            fields[1] == "Z" && fields[2] == own
        })
        .collect()
}

fn exit_code(process: Handle) -> u32 {
    let mut code = 0;
    // SAFETY: what Win32 documents.
    unsafe {
        assert_eq!(WaitForSingleObject(process, 60_000), 0);
        assert!(GetExitCodeProcess(process, &mut code) != 0);
    }
    code
}

/// Children come and go, with and without handles that wait for them, in several threads: no descriptor stays open, no
/// zombie is left, and no child has a descriptor that was meant for another one.
#[test]
fn many_children_leave_nothing_behind() {
    const TEST: &str = "many_children_leave_nothing_behind";
    if part().is_none() {
        // In a process of its own, where no other test opens descriptors or starts children.
        let own = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", TEST, "--nocapture"])
            .env(PART, "churn")
            .output()
            .unwrap();
        assert!(own.status.success(), "{}", String::from_utf8_lossy(&own.stderr));
        return;
    }
    // SAFETY: what Win32 documents.
    let passed: Vec<_> =
        (0..5).map(|_| unsafe { CreateEventA(&inheritable(), 1, 0, null()) }).collect();
    let count = "/bin/sh -c \"exit $(ls /proc/self/fd | wc -l)\"";
    let close = |process: ProcessInformation| {
        // SAFETY: both are ours.
        unsafe { assert!(CloseHandle(process.thread) != 0 && CloseHandle(process.process) != 0) };
    };
    let alone = create_process(count, false, 0);
    let expected = exit_code(alone.process);
    close(alone);
    let before = descriptors();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for round in 0..50 {
                    let inherit = (thread + round) % 2 == 0;
                    let process = create_process(count, inherit, 0);
                    if round % 3 != 0 {
                        let more = exit_code(process.process) - expected;
                        assert_eq!(more, if inherit { 5 } else { 0 }, "descriptors of a child");
                    }
                    close(process);
                }
            });
        }
    });
    let start = Instant::now();
    while !zombies().is_empty() || descriptors() != before {
        let (left, open) = (zombies(), descriptors());
        assert!(start.elapsed() < Duration::from_secs(30), "{left:?}, {before} then {open}");
        std::thread::yield_now();
    }
    drop(passed);
}
