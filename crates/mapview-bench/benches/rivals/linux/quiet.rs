//! What makes no system call: peers go on behind a filter of the kernel that ends whoever makes one.

use std::os::unix::process::ExitStatusExt;

use mapview::Mutex;

use super::objects::{make, visit};
use super::peer::{say, Peer};
use crate::measure::Effort;
use crate::table::{Budget, Row, Unit};

const TIMES: u32 = 1000;

pub fn rows(_: &Effort) -> Vec<Row> {
    let cases = [
        ("lock+unlock, uncontended: with a system call", "lock"),
        ("open+view+close, held already: with a call besides mmap, munmap", "open"),
    ];
    let row = |(operation, what): (&str, &str)| {
        let mut peer = Peer::start(&["quiet", what, "quiet"]);
        let said = peer.hear();
        let status = peer.end();
        let caught = said != "done";
        assert!(!caught || status.signal() == Some(libc::SIGSYS), "the peer failed: {status}");
        Row::new(operation, Unit::Calls, f64::from(u8::from(caught)), "none", Some(0.0))
            .budget(Budget::AtMost(0.0))
            .note(format!("{TIMES} times behind a seccomp filter"))
    };
    let mut rows: Vec<Row> = cases.into_iter().map(row).collect();
    rows.iter_mut().for_each(|row| row.ratio = None);
    rows
}

/// As a peer: does it `TIMES` times behind the filter.
pub fn peer(what: &str, name: &str) {
    let (_mapping, mutex) = make(name);
    let once = |mutex: &Mutex| match what {
        "lock" => drop(mutex.lock().expect("a lock")),
        _ => visit(name),
    };
    once(&mutex); // whatever is done but once
    let more: &[i64] = if what == "lock" { &[] } else { &[libc::SYS_mmap, libc::SYS_munmap] };
    allow_only(&[&[libc::SYS_write, libc::SYS_exit_group], more].concat());
    (0..TIMES).for_each(|_| once(&mutex));
    say("done");
    // SAFETY: ends the process at once, without what comes at a usual end and needs system calls.
    unsafe { libc::_exit(0) };
}

/// Has the kernel end this process at any other system call.
fn allow_only(calls: &[i64]) {
    let statement = |code: u32, k: u32| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let mut program = vec![statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0)]; // the number of the call
    for (index, &call) in calls.iter().enumerate() {
        let jt = (calls.len() - index) as u8;
        let code = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
        program.push(libc::sock_filter { code, jt, jf: 0, k: call as u32 });
    }
    program.push(statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_KILL_PROCESS));
    program.push(statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW));
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: plain numbers, and a program that lives through the call.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let mode = libc::SECCOMP_MODE_FILTER;
        assert_eq!(libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const filter), 0);
    }
}
