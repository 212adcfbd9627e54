//! The guard beside other handlers of SIGBUS and SIGSEGV: each gets what is not the guard's, as if the guard were not there.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "support/signals.rs"]
mod signals;
mod support;

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::process::{Output, Stdio};
use std::ptr::{null, null_mut};
use std::sync::atomic::Ordering;

use mapview::{Guard, MappingOptions, View, ViewAccess};
use signals::*;
use support::{code, is_child, World};

const PAGE: usize = 4096;

#[test]
#[ignore = "not a test: the body of a process with handlers of its own"]
fn be_the_case() {
    if !is_child() {
        return;
    }
    let name = std::env::var("MAPVIEW_TEST_CASE").unwrap();
    let (_, case) = CASES.iter().find(|(case, _)| *case == name).unwrap();
    case();
    std::process::exit(FINE);
}

/// Runs a case in a process of its own.
fn run(case: &str) -> Output {
    let world = World::new();
    let mut command = world.command("be_the_case");
    command.env("MAPVIEW_TEST_CASE", case).stderr(Stdio::piped());
    // SAFETY: between fork and exec only a limit of the child's own is set: no core files.
    unsafe {
        use std::os::unix::process::CommandExt;
        command.pre_exec(|| {
            let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            libc::setrlimit(libc::RLIMIT_CORE, &none);
            Ok(())
        });
    }
    command.output().unwrap()
}

#[track_caller]
fn ends_well(case: &str) {
    let output = run(case);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(FINE), "{case}: {:?} {text}", output.status);
}

#[track_caller]
fn dies_of(signal: i32, case: &str) {
    let output = run(case);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(signal), "{case}: {:?} {text}", output.status);
}

/// The cases, each the body of a process.
const CASES: &[(&str, fn())] = &[
    ("touch", || {
        set(libc::SIGBUS, libc::SIG_DFL, 0, &[]);
        Guard::install().unwrap();
        touch(&truncated(false));
    }),
    ("touch under Rust's handler", || {
        Guard::install().unwrap();
        touch(&truncated(false));
    }),
    ("sent", || {
        set(libc::SIGBUS, libc::SIG_DFL, 0, &[]);
        Guard::install().unwrap();
        send(libc::SIGBUS);
    }),
    ("ignored", || {
        set(libc::SIGBUS, libc::SIG_IGN, 0, &[]);
        Guard::install().unwrap();
        send(libc::SIGBUS);
        guards();
    }),
    ("ignored, touch", || {
        set(libc::SIGBUS, libc::SIG_IGN, 0, &[]);
        Guard::install().unwrap();
        touch(&truncated(false));
    }),
    ("plain handler", || {
        set(libc::SIGBUS, end_well as *const () as usize, 0, &[]);
        guards();
        touch(&truncated(false));
        std::process::exit(1);
    }),
    ("handler that knows the address", || {
        set(libc::SIGBUS, end_well_if_expected as *const () as usize, libc::SA_SIGINFO, &[]);
        guards();
        let view = truncated(false);
        EXPECTED.store(view.as_ptr().addr() + PAGE, Ordering::Relaxed);
        touch(&view);
        std::process::exit(1);
    }),
    ("handler that repairs", || {
        set(libc::SIGBUS, put_zeros as *const () as usize, libc::SA_SIGINFO, &[]);
        guards();
        let view = truncated(false);
        touch(&view);
        assert!(CALLS.load(Ordering::Relaxed) == 1 && !view.is_damaged());
        guards();
    }),
    ("mask", || {
        let (handler, asked) = (note_mask as *const () as usize, &[libc::SIGUSR1]);
        set(libc::SIGBUS, handler, 0, asked);
        Guard::install().unwrap();
        block(libc::SIGWINCH);
        send(libc::SIGBUS);
        let all = [libc::SIGBUS, libc::SIGUSR1, libc::SIGWINCH].map(bit).iter().sum();
        assert_eq!(CALLS.load(Ordering::Relaxed), all);
        assert_eq!(blocked(), bit(libc::SIGWINCH), "as before when the handler is over");
    }),
    ("mask without its own signal", || {
        set(libc::SIGBUS, note_mask as *const () as usize, libc::SA_NODEFER, &[]);
        Guard::install().unwrap();
        send(libc::SIGBUS);
        assert_eq!(CALLS.load(Ordering::Relaxed), 0);
    }),
    ("once", || {
        set(libc::SIGBUS, count as *const () as usize, libc::SA_RESETHAND, &[]);
        Guard::install().unwrap();
        send(libc::SIGBUS);
        assert_eq!(CALLS.load(Ordering::Relaxed), 1);
        guards();
        send(libc::SIGBUS);
    }),
    ("later handler", || {
        set(libc::SIGBUS, libc::SIG_DFL, 0, &[]);
        Guard::install().unwrap();
        come_later();
        guards();
        assert!(CALLS.load(Ordering::Relaxed) > 0, "it sees faults first");
    }),
    ("later handler, touch", || {
        set(libc::SIGBUS, libc::SIG_DFL, 0, &[]);
        Guard::install().unwrap();
        come_later();
        touch(&truncated(false));
    }),
    ("null", || {
        set(libc::SIGSEGV, libc::SIG_DFL, 0, &[]);
        Guard::install().unwrap();
        read(null());
    }),
    ("handler of null", || {
        set(libc::SIGSEGV, end_well_if_expected as *const () as usize, libc::SA_SIGINFO, &[]);
        guards();
        EXPECTED.store(16, Ordering::Relaxed);
        read(null::<u8>().wrapping_add(16));
        std::process::exit(1);
    }),
    ("store to a read-only view", || {
        set(libc::SIGSEGV, libc::SIG_DFL, 0, &[]);
        let view = map(&file(), ViewAccess::Read, true);
        // SAFETY: deadly on purpose.
        unsafe { view.as_ptr().write_volatile(1) };
    }),
    ("overflow", || {
        Guard::install().unwrap();
        let deep = std::thread::Builder::new().stack_size(1 << 17).spawn(|| overflow(0));
        deep.unwrap().join().unwrap();
    }),
    ("buffer", || {
        set(libc::SIGBUS, libc::SIG_DFL, 0, &[]);
        let buffer = truncated(false);
        let view = map(&file(), ViewAccess::ReadWrite, true);
        // SAFETY: nobody writes it; that it is not there is what the case is about.
        let _ = view.copy_in(0, unsafe { buffer.as_slice() });
    }),
    ("buffer in another guarded view", || {
        let buffer = truncated(true);
        let view = map(&file(), ViewAccess::ReadWrite, true);
        // SAFETY: nobody writes it, and its view is guarded.
        let error = view.copy_in(0, unsafe { buffer.as_slice() }).unwrap_err();
        assert!(error.win32_code() == 999 && error.to_string().contains("the buffer"), "{error}");
    }),
    ("no alternate stack", || {
        let thread = std::thread::spawn(|| {
            let off = libc::stack_t { ss_sp: null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
            // SAFETY: takes this thread's alternate stack out of use.
            assert_eq!(unsafe { libc::sigaltstack(&off, null_mut()) }, 0);
            guards();
        });
        thread.join().unwrap();
    }),
    ("fork", || {
        Guard::install().unwrap();
        let view = truncated(true);
        // SAFETY: the child calls what needs no other thread, and ends.
        let child = unsafe { libc::fork() };
        if child == 0 {
            assert_eq!(code(view.read::<u8>(PAGE)), 999);
            touch(&view);
            let fine = view.is_damaged();
            // SAFETY: ends the process without the parent's leftovers.
            unsafe { libc::_exit(if fine { FINE } else { 1 }) };
        }
        let mut status = 0;
        // SAFETY: `status` is valid for the call.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert_eq!(libc::WEXITSTATUS(status), FINE);
        assert!(!view.is_damaged(), "the parent has pages of its own");
    }),
    ("not asked for", || {
        let was = [libc::SIGBUS, libc::SIGSEGV].map(handler_of);
        let view = map(&file(), ViewAccess::ReadWrite, false);
        view.fill(0, PAGE, 1).unwrap();
        assert!(!Guard::is_installed());
        assert_eq!([libc::SIGBUS, libc::SIGSEGV].map(handler_of), was);
    }),
];

fn file() -> File {
    let file = tempfile::tempfile().unwrap();
    file.set_len(4 * PAGE as u64).unwrap();
    file
}

fn map(file: &File, access: ViewAccess, guarded: bool) -> View {
    let mapping = MappingOptions::new().file(file).create().unwrap();
    View::options().access(access).guarded(guarded).map(&mapping).unwrap()
}

/// A view of four pages without the last three.
fn truncated(guarded: bool) -> View {
    let file = file();
    let view = map(&file, ViewAccess::ReadWrite, guarded);
    file.set_len(PAGE as u64).unwrap();
    view
}

/// Touches a missing page in place.
fn touch(view: &View) {
    read(view.as_ptr().wrapping_add(PAGE));
}

fn read(address: *const u8) {
    // SAFETY: deadly, or rescued, on purpose.
    unsafe { address.read_volatile() };
}

/// Fails unless the guard works on this thread.
fn guards() {
    let view = truncated(true);
    assert_eq!(code(view.copy_out(0, &mut vec![0; 4 * PAGE])), 999);
    assert!(!view.is_damaged());
    touch(&view);
    assert!(view.is_damaged());
}

#[allow(unconditional_recursion)]
fn overflow(depth: usize) -> usize {
    let room = std::hint::black_box([depth; 100]);
    overflow(depth + 1) + room[depth % 100]
}

#[test]
fn without_the_guard_no_handler_is_installed() {
    ends_well("not asked for");
}

#[test]
fn unguarded_access_ends_the_process_as_ever() {
    dies_of(libc::SIGBUS, "touch");
    dies_of(libc::SIGBUS, "touch under Rust's handler");
    dies_of(libc::SIGSEGV, "null");
    dies_of(libc::SIGSEGV, "store to a read-only view");
}

#[test]
fn a_buffer_that_is_not_there_is_no_matter_of_the_view() {
    dies_of(libc::SIGBUS, "buffer");
    ends_well("buffer in another guarded view");
}

#[test]
fn a_signal_that_somebody_sent_does_what_it_did() {
    dies_of(libc::SIGBUS, "sent");
    ends_well("ignored");
}

#[test]
fn a_fault_cannot_be_ignored() {
    dies_of(libc::SIGBUS, "ignored, touch");
}

#[test]
fn handlers_that_were_there_before_get_their_turn() {
    ends_well("plain handler");
    ends_well("handler that knows the address");
    ends_well("handler that repairs");
    ends_well("handler of null");
}

#[test]
fn they_run_with_the_signals_blocked_that_they_asked_for() {
    ends_well("mask");
    ends_well("mask without its own signal");
}

#[test]
fn a_handler_for_once_gets_one_turn() {
    dies_of(libc::SIGBUS, "once");
}

#[test]
fn a_later_handler_that_passes_on_what_it_does_not_know_works() {
    ends_well("later handler");
    dies_of(libc::SIGBUS, "later handler, touch");
}

#[test]
fn the_message_of_a_stack_overflow_still_appears() {
    let output = run("overflow");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("has overflowed its stack"), "{text}");
    assert_eq!(output.status.signal(), Some(libc::SIGABRT));
}

#[test]
fn threads_without_an_alternate_stack_are_guarded() {
    ends_well("no alternate stack");
}

#[test]
fn a_forked_child_is_guarded() {
    ends_well("fork");
}
