//! Waiting for processes that this one did not start.

mod support;

use std::io::{BufRead, Write};
use std::time::Duration;

use mapview::{
    is_same_object, signal_and_wait, wait_all, wait_any, wait_any_async, Deadline, Process, Wait,
};
use support::{auto, code, got, is_child, spawn_again, World};

const AT_ONCE: Deadline = Deadline::now();
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts another process and says its number; `end` has that one end, without asking how, and `ask` asks.
#[test]
#[ignore = "not a test: the body of a process that starts another"]
fn parent() {
    if !is_child() {
        return;
    }
    let world = World::new();
    let mut child = world.child();
    println!("\n@{}", child.id());
    for line in std::io::stdin().lock().lines() {
        match line.unwrap().as_str() {
            "end" => drop(child.stdin.take()),
            _ => println!("@{}", child.wait().unwrap().success()),
        }
    }
}

/// A process that starts another, and that other one.
struct Family {
    _world: World,
    parent: std::process::Child,
    lines: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
    process: Process,
}

impl Family {
    fn new() -> Family {
        let world = World::new();
        let mut parent = spawn_again(&mut world.command("parent")).unwrap();
        let mut lines = std::io::BufReader::new(parent.stdout.take().unwrap()).lines();
        let pid = said(&mut lines).parse().unwrap();
        Family { _world: world, parent, lines, process: Process::open(pid).unwrap() }
    }

    fn tell(&mut self, what: &str) {
        writeln!(self.parent.stdin.as_mut().unwrap(), "{what}").unwrap();
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        drop(self.parent.stdin.take());
        let _ = self.parent.wait();
    }
}

fn said(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> String {
    let mut said = lines.map(|line| line.unwrap());
    said.find_map(|line| line.strip_prefix('@').map(str::to_owned)).expect("it says so")
}

#[test]
fn a_process_is_signaled_once_it_has_ended_whoever_started_it() {
    let (mut family, unset) = (Family::new(), auto(false));
    assert!(wait_any(&[&unset, &family.process], AT_ONCE).unwrap().is_none(), "it runs");
    assert!(wait_all(&[&family.process], AT_ONCE).unwrap().is_none());
    assert!(wait_any(&[&family.process], Duration::from_millis(5)).unwrap().is_none());
    family.tell("end");
    assert_eq!(got(wait_any(&[&unset, &family.process], PATIENCE)), (1, false));
    // Nobody has asked how it ended: on Linux it is a zombie.
    #[cfg(target_os = "linux")]
    {
        let stat = format!("/proc/{}/stat", family.process.pid());
        assert!(std::fs::read_to_string(stat).unwrap().contains(") Z "));
    }
    assert_eq!(got(wait_any(&[&family.process], AT_ONCE)), (0, false));
    unset.set().unwrap();
    assert_eq!(got(wait_all(&[&family.process, &unset], AT_ONCE)), (0, false));
    family.tell("ask");
    assert_eq!(said(&mut family.lines), "true", "its status is left to its parent");
    assert_eq!(got(wait_any(&[&unset, &family.process], AT_ONCE)), (1, false), "also afterwards");
    assert!(!family.process.is_alive());
}

#[test]
fn a_wait_sleeps_until_a_process_ends_or_something_else_comes() {
    let (mut family, event) = (Family::new(), auto(false));
    std::thread::scope(|scope| {
        let process = &family.process;
        let waiter = scope.spawn(|| got(wait_any(&[process, &event], PATIENCE)));
        event.set().unwrap();
        assert_eq!(waiter.join().unwrap(), (1, false));
    });
    family.tell("end");
    assert_eq!(got(wait_all(&[&auto(true), &family.process], PATIENCE)), (0, false));
    assert_eq!(got(wait_any(&[&event, &family.process], PATIENCE)), (1, false));
}

#[test]
fn a_killed_process_wakes_who_sleeps_for_it() {
    let (world, event) = (World::new(), auto(false));
    let mut peer = world.peer();
    let process = Process::open(peer.pid()).unwrap();
    std::thread::scope(|scope| {
        let alone = scope.spawn(|| got(wait_any(&[&process], PATIENCE)));
        let beside = scope.spawn(|| got(wait_any(&[&event, &process], PATIENCE)));
        peer.kill();
        assert_eq!(alone.join().unwrap(), (0, false));
        assert_eq!(beside.join().unwrap(), (1, false));
    });
}

#[test]
fn a_future_is_woken_by_the_end_of_a_process() {
    let (mut family, event) = (Family::new(), auto(false));
    let executor = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let process = Process::open(family.process.pid()).unwrap();
    let index = executor.block_on(async {
        let waiter = async { wait_any_async(&[&event, &process]).await.unwrap().index() };
        let ender = async {
            tokio::task::yield_now().await;
            family.tell("end");
        };
        tokio::join!(waiter, ender).0
    });
    assert_eq!(index, 1);
}

#[test]
fn a_process_is_the_same_object_through_every_handle() {
    let world = World::new();
    let (mut child, mut other) = (world.child(), world.child());
    let [one, two] = [0; 2].map(|_| Process::open(child.id()).unwrap());
    let another = Process::open(other.id()).unwrap();
    assert!(
        is_same_object(&one, &two) && is_same_object(&one, &child) && is_same_object(&child, &two)
    );
    assert!(!is_same_object(&one, &another) && !is_same_object(&other, &one));
    assert_eq!(code(wait_all(&[&one, &child], AT_ONCE)), 87);
    assert_eq!(code(wait_all(&[&one, &another, &two], AT_ONCE)), 87);
    for child in [&mut child, &mut other] {
        drop(child.stdin.take());
    }
    assert_eq!(got(wait_all(&[&one, &another], PATIENCE)), (0, false));
    assert!(is_same_object(&one, &two) && is_same_object(&child, &one), "they have ended");
    child.wait().unwrap();
    other.wait().unwrap();
    assert!(is_same_object(&one, &two) && is_same_object(&child, &one), "and were waited for");
    assert!(!is_same_object(&one, &another));
}

#[test]
fn a_process_has_no_signal_to_give() {
    let (me, set) = (Process::current().unwrap(), auto(true));
    let signal: &dyn Wait = &me;
    assert_eq!(code(signal_and_wait(signal, &set, AT_ONCE)), 6);
    assert!(set.try_wait().unwrap(), "nothing was waited for");
    assert!(wait_any(&[&me], AT_ONCE).unwrap().is_none());
}

/// In a pid namespace of its own, where a number can be given out again on purpose.
#[test]
#[ignore = "not a test: the body of the first process of a pid namespace"]
#[cfg(target_os = "linux")]
fn first_process() {
    use std::process::{Child, Command, Stdio};
    if !is_child() {
        return;
    }
    let cat = || Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let end = |mut child: Child| {
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
    };
    let first = cat();
    let pid = first.id();
    let old = Process::open(pid).unwrap();
    end(first);
    let second = (0..1000)
        .find_map(|_| {
            std::fs::write("/proc/sys/kernel/ns_last_pid", (pid - 1).to_string()).unwrap();
            let child = cat();
            if child.id() == pid {
                return Some(child);
            }
            end(child);
            None
        })
        .expect("its number is given out again");

    let new = Process::open(pid).unwrap();
    assert_eq!(got(wait_any(&[&new, &old], PATIENCE)), (1, false));
    assert!(wait_any(&[&new, &second], AT_ONCE).unwrap().is_none(), "it runs");
    assert!(!is_same_object(&old, &new) && !is_same_object(&old, &second));
    assert!(is_same_object(&second, &new));
    assert!(wait_all(&[&old, &new], AT_ONCE).unwrap().is_none(), "those are two");
    end(second);
    assert_eq!(got(wait_all(&[&old, &new], PATIENCE)), (0, false));
    println!("\n@done");
}

#[test]
#[cfg(target_os = "linux")]
fn a_number_that_another_process_got_misleads_no_wait() {
    use std::process::Command;
    // SAFETY: geteuid has no duties.
    let root = unsafe { libc::geteuid() } == 0;
    let unshare = || {
        let mut unshare = Command::new("unshare");
        unshare.args(if root { &[][..] } else { &["--user", "--map-root-user"] });
        unshare.args(["--pid", "--fork", "--mount-proc"]);
        unshare
    };
    if !unshare().arg("true").status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: this system permits no pid namespace");
        return;
    }
    let world = World::new();
    let mut command = unshare();
    command.arg(std::env::current_exe().unwrap());
    world.prepare(&mut command, "first_process");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("@done"), "{} {text}", output.status);
}
