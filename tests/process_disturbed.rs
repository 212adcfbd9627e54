//! Another process whose memory is changed notices nothing: not in its registers, its waits, its signals, its stops.
//! And what cannot be changed is refused with the reason.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod support;
#[path = "support/target.rs"]
mod target;

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

use mapview::{ErrorKind, Process, Protect};
use support::{Peer, World};
use target::{restless, strange};

const PAGE: usize = 4096;

#[test]
#[ignore = "not a test: the body of the processes that are looked into"]
fn target_process() {
    target::target();
}

/// How many rounds a process has done, which a peer knows where to find.
fn done(peer: &mut Peer, process: &Process) -> u64 {
    let mut count = [0; 8];
    let counter: usize = peer.ask("counter").parse().unwrap();
    process.read(counter, &mut count).unwrap();
    u64::from_ne_bytes(count)
}

/// Waits until it has done some rounds more, undisturbed.
fn goes_on(peer: &mut Peer, process: &Process) {
    let (before, begin) = (done(peer, process), Instant::now());
    while done(peer, process) < before + 3 {
        assert!(process.is_alive(), "it was disturbed");
        assert!(begin.elapsed() < Duration::from_secs(30), "it stands still");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn change(process: &Process) {
    let at = process.allocate(None, 5 * PAGE, Protect::READ_WRITE).unwrap();
    process.protect(at + PAGE, 1, Protect::READ_ONLY).unwrap();
    process.write(at, b"x").unwrap();
    process.release(at).unwrap();
}

fn state(pid: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let state = status.lines().find_map(|line| line.strip_prefix("State:\t")).unwrap();
    assert!(status.contains("TracerPid:\t0\n"), "it is traced");
    state[..1].to_string()
}

#[test]
fn a_thread_is_undisturbed_whatever_it_does() {
    let world = World::new();
    std::thread::scope(|scope| {
        for kind in restless::ROUNDS {
            let mut peer = world.peer_of("target_process");
            scope.spawn(move || {
                let pid: u32 = peer.ask(&format!("alone {kind}")).parse().unwrap();
                let process = Process::open(pid).unwrap();
                goes_on(&mut peer, &process);
                for _ in 0..10 {
                    change(&process);
                }
                goes_on(&mut peer, &process);
                assert_ne!(state(pid), "t", "{kind}");
            });
        }
    });
}

#[test]
fn several_change_a_process_of_many_threads_at_once() {
    let world = World::new();
    let mut peer = world.peer_of("target_process");
    peer.ask("threads compute 6");
    peer.ask("threads poll 3");
    let process = Process::open(peer.pid()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..5).for_each(|_| change(&process)));
        }
    });
    goes_on(&mut peer, &process);
    assert_ne!(state(peer.pid()), "t");
}

#[test]
fn a_stopped_process_is_changed_and_stays_stopped() {
    let world = World::new();
    let mut peer = world.peer_of("target_process");
    let pid: u32 = peer.ask("alone compute").parse().unwrap();
    let process = Process::open(pid).unwrap();
    goes_on(&mut peer, &process);
    signal(pid, libc::SIGSTOP);
    wait_for(|| state(pid) == "T");
    let before = done(&mut peer, &process);
    change(&process);
    wait_for(|| state(pid) == "T");
    assert_eq!(done(&mut peer, &process), before);
    signal(pid, libc::SIGCONT);
    goes_on(&mut peer, &process);
}

#[test]
fn a_process_that_is_stopped_meanwhile_stops() {
    let world = World::new();
    let mut peer = world.peer_of("target_process");
    let pid: u32 = peer.ask("alone compute").parse().unwrap();
    let process = Process::open(pid).unwrap();
    for _ in 0..20 {
        std::thread::scope(|scope| {
            scope.spawn(|| change(&process));
            signal(pid, libc::SIGSTOP);
        });
        wait_for(|| state(pid) == "T");
        signal(pid, libc::SIGCONT);
    }
    goes_on(&mut peer, &process);
}

#[test]
fn signals_that_come_meanwhile_arrive() {
    const MANY: u64 = 300;
    let world = World::new();
    let mut peer = world.peer_of("target_process");
    let number = libc::SIGRTMIN() + 3; // those are counted, not merged
    peer.ask(&format!("count_signals {number}"));
    let pid = peer.pid();
    let process = Process::open(pid).unwrap();
    std::thread::scope(|scope| {
        let changing = scope.spawn(|| (0..20).for_each(|_| change(&process)));
        for _ in 0..MANY {
            signal(pid, number);
            if !changing.is_finished() {
                std::thread::sleep(Duration::from_micros(100));
            }
        }
    });
    wait_for(|| done(&mut peer, &process) == MANY);
}

#[test]
fn a_process_under_a_debugger_is_refused_and_the_debugger_named() {
    let world = World::new();
    let mut peer = world.peer_of("target_process");
    let pid: u32 = peer.ask("alone compute").parse().unwrap();
    let process = Process::open(pid).unwrap();
    goes_on(&mut peer, &process);
    let tracer = strange::trace(pid);
    let refused = process.reserve(None, PAGE).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AccessDenied);
    let named = format!("process {} traces it", tracer.0);
    assert!(refused.to_string().contains(&named), "{refused}");
    drop(tracer);
    change(&process);
}

#[test]
fn a_process_in_strict_seccomp_is_refused_and_lives() {
    let world = World::new();
    let mut peer = world.peer_of("target_process");
    let pid: u32 = peer.ask("alone strict").parse().unwrap();
    let process = Process::open(pid).unwrap();
    let strict = || std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    wait_for(|| strict().contains("Seccomp:\t1"));
    let refused = process.reserve(None, PAGE).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    assert!(refused.to_string().contains("seccomp"), "{refused}");
    assert!(process.is_alive());
}

#[test]
fn a_process_whose_filter_forbids_the_call_is_refused_and_goes_on() {
    let world = World::new();
    let mut peer = world.peer_of("target_process");
    let eperm = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    for action in [eperm, libc::SECCOMP_RET_TRAP] {
        let pid: u32 = peer.ask(&format!("alone filter {action}")).parse().unwrap();
        let process = Process::open(pid).unwrap();
        goes_on(&mut peer, &process);
        let refused = process.reserve(None, PAGE).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AccessDenied);
        assert!(refused.to_string().contains("seccomp"), "{refused}");
        goes_on(&mut peer, &process);
    }
}

#[test]
fn a_small_stack_in_the_midst_of_other_data_is_left_alone() {
    let world = World::new();
    let mut peer = world.peer_of("target_process");
    let pid: u32 = peer.ask("alone heap").parse().unwrap();
    let process = Process::open(pid).unwrap();
    goes_on(&mut peer, &process);
    let refused = process.reserve(None, PAGE).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Busy);
    assert!(refused.to_string().contains("stack"), "{refused}");
    goes_on(&mut peer, &process);
}

const NOBODY: u32 = 65534;
const STRANGER: u32 = 65533;

/// A peer that is another user's; `None` where this process cannot become one.
fn peer_of_user(world: &World, user: u32) -> Option<Peer> {
    // SAFETY: geteuid has no duties.
    if unsafe { libc::geteuid() } != 0 {
        eprintln!("skipped: only root can start processes of other users");
        return None;
    }
    // The build directory may be closed to others, so they run a copy, made by another process: were the copy open for
    // writing here, a process that a parallel test forks meanwhile would keep it so.
    let copy = world.directory().join("test");
    if !copy.exists() {
        let mode = std::fs::Permissions::from_mode(0o1777);
        std::fs::set_permissions(world.directory(), mode).unwrap();
        let exe = std::env::current_exe().unwrap();
        assert!(Command::new("cp").arg(exe).arg(&copy).status().unwrap().success());
    }
    let mut command = Command::new(copy);
    world.prepare(&mut command, "target_process");
    command.uid(user).gid(user).current_dir("/");
    Some(Peer::spawn(command))
}

/// What a peer is told when it reaches into a process.
fn refusal(from: &mut Peer, pid: u32) -> String {
    from.start(&format!("reach {pid}"));
    let (code, message) = from.answer().unwrap_err();
    assert_eq!(code, 5, "{message}");
    message
}

#[test]
fn another_users_process_is_refused_and_the_users_are_named() {
    let world = World::new();
    let Some(mut me) = peer_of_user(&world, NOBODY) else { return };
    let other = peer_of_user(&world, STRANGER).unwrap();
    let message = refusal(&mut me, other.pid());
    assert!(message.contains("user 65533") && message.contains("CAP_SYS_PTRACE"), "{message}");
    let message = refusal(&mut me, std::process::id());
    assert!(message.contains("user 0"), "{message}");
    // Root may.
    change(&Process::open(other.pid()).unwrap());
}

#[test]
fn a_process_that_is_not_dumpable_is_refused_with_this_reason() {
    let world = World::new();
    let Some(mut me) = peer_of_user(&world, NOBODY) else { return };
    let mut other = peer_of_user(&world, NOBODY).unwrap();
    other.ask("not_dumpable");
    let message = refusal(&mut me, other.pid());
    assert!(message.contains("not dumpable") || message.contains("ptrace_scope"), "{message}");
}

#[test]
fn a_process_of_the_same_user_is_reached_unless_yama_forbids_it() {
    let world = World::new();
    let Some(mut me) = peer_of_user(&world, NOBODY) else { return };
    let other = peer_of_user(&world, NOBODY).unwrap();
    let scope = std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope");
    let scope = scope.map_or(0, |scope| scope.trim().parse::<u32>().unwrap());
    if scope == 0 {
        me.ask(&format!("reach {}", other.pid()));
    } else {
        let message = refusal(&mut me, other.pid());
        assert!(message.contains(&format!("ptrace_scope is {scope}")), "{message}");
    }
}

#[test]
fn a_process_that_runs_another_program_has_not_the_old_allocations() {
    let world = World::new();
    let mut peer = world.peer_of("target_process");
    let process = Process::open(peer.pid()).unwrap();
    let at = process.allocate(None, PAGE, Protect::READ_WRITE).unwrap();
    peer.start("exec");
    wait_for(|| process.name().unwrap() == "sleep");
    assert_eq!(process.release(at).unwrap_err().kind(), ErrorKind::InvalidAddress);
    change(&process);
}

fn signal(pid: u32, number: i32) {
    // SAFETY: takes numbers only.
    assert_eq!(unsafe { libc::kill(pid as i32, number) }, 0);
}

#[track_caller]
fn wait_for(mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < Duration::from_secs(30), "in vain");
        std::thread::sleep(Duration::from_millis(1));
    }
}
