//! Messages that come while both sides are awake make no system call: they get through where every system call is deadly. Linux.
#![cfg(target_os = "linux")]

mod support;

use mapview_channel::{Receiver, RingOptions, Sender};
use support::{part, unique, Peer};

/// Runs `body` in a forked process whose only thread the kernel kills for any system call but read, write and exit; then ends this
/// process with 0 if the other came to its end, and with its signal if it was killed.
fn without_system_calls(body: impl FnOnce()) -> ! {
    // SAFETY: the one other thread, the test harness, only waits, so it leaves nothing half-done to the child.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: no pointers are passed.
        let forbidden = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) };
        body();
        // SAFETY: this thread is the only one of the process, and the call (not `_exit`, which is forbidden) ends it.
        unsafe { libc::syscall(libc::SYS_exit, forbidden) };
    }
    assert!(child > 0, "{}", std::io::Error::last_os_error());
    let mut status = 0;
    // SAFETY: `status` is valid for the call.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    let signal = if libc::WIFSIGNALED(status) { libc::WTERMSIG(status) } else { 0 };
    std::process::exit(signal + libc::WEXITSTATUS(status));
}

fn pass(senders: &mut [Sender], receivers: &mut [Receiver]) {
    let mut long = [7; 5000];
    for round in 0..500_u64 {
        for sender in senders.iter_mut() {
            sender.send(&round.to_le_bytes()).unwrap();
            let mut draft = sender.reserve(long.len()).unwrap();
            draft.copy_in(0, &long).unwrap();
            draft.commit();
            let mut batch = sender.batch();
            (0..3).for_each(|_| batch.send(b"several").unwrap());
        }
        for _ in senders.iter() {
            for receiver in receivers.iter_mut() {
                drop(receiver.recv().unwrap());
                receiver.recv().unwrap().copy_out(0, &mut long[..1]).unwrap();
            }
        }
        for receiver in receivers.iter_mut() {
            while receiver.read_batch(10, |payload| assert!(payload.len() < 5001)).unwrap() > 0 {}
            assert!(receiver.try_recv().unwrap().is_none());
        }
    }
}

#[test]
#[ignore = "not a test: the body of a process without system calls"]
fn passes_messages() {
    let Some(part) = part() else { return };
    let (senders, receivers) = (part.number(1) as usize, part.number(2) as usize);
    let mut options = RingOptions::new();
    options.senders(senders).receivers(receivers);
    let mut senders: Vec<Sender> =
        (0..senders).map(|_| options.sender(&part.words[0]).unwrap()).collect();
    let mut receivers: Vec<Receiver> =
        (0..receivers).map(|_| options.receiver(&part.words[0]).unwrap()).collect();
    // Memory for the data is taken as it is first used.
    pass(&mut senders, &mut receivers);
    without_system_calls(|| pass(&mut senders, &mut receivers));
}

#[track_caller]
fn survives(senders: usize, receivers: usize) {
    let name = unique("no-syscall");
    let words = [name.as_str(), &senders.to_string(), &receivers.to_string()];
    Peer::start("passes_messages", &words).join();
}

#[test]
fn one_sender_and_one_receiver_make_no_system_call() {
    survives(1, 1);
}

#[test]
fn many_senders_make_no_system_call() {
    survives(5, 1);
}

#[test]
fn many_receivers_make_no_system_call() {
    survives(2, 2);
}
