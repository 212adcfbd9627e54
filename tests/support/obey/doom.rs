//! What is said about dying at a chosen point.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::Line;

/// `die_at_wake`: from now on, waking others by a futex kills the process before it is done. `batch`: runs on the first
/// processor, and not at once when it is woken there. `kill 123`: kills that process; answers when, as `now`
/// does (nanoseconds). `cpu`:
/// answers the time that this thread has computed, in microseconds.
pub fn doom(line: &Line) -> String {
    match line.verb.as_str() {
        "die_at_wake" => die_at_wake(),
        "batch" => batch(),
        "handle" => handle_signals(),
        "now" => return now(),
        "kill" => {
            let now = now();
            // SAFETY: a plain system call.
            unsafe { libc::kill(line.number(0) as i32, libc::SIGKILL) };
            return now;
        }
        _ => return cpu().to_string(),
    }
    String::new()
}

fn now() -> String {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos().to_string()
}

fn die_at_wake() {
    const WAKE: u32 = 1;
    let step = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    let load = |offset| step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset);
    let skip_unless = |k, skip| step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, skip, k);
    let end = |k| step(libc::BPF_RET | libc::BPF_K, 0, 0, k);
    // struct seccomp_data: the number of the call, and its second argument, the operation, without FUTEX_PRIVATE_FLAG.
    let mut program = [
        load(0),
        skip_unless(libc::SYS_futex as u32, 4),
        load(24),
        step(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K, 0, 0, 127),
        skip_unless(WAKE, 1),
        end(libc::SECCOMP_RET_KILL_PROCESS),
        end(libc::SECCOMP_RET_ALLOW),
    ];
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: the filter outlives the calls, which copy it.
    let done = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const filter) == 0
    };
    assert!(done, "{}", std::io::Error::last_os_error());
}

fn batch() {
    // SAFETY: plain system calls on values that live long enough.
    unsafe {
        let mut cpus: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(0, &mut cpus);
        libc::sched_setaffinity(0, size_of_val(&cpus), &raw const cpus);
        let parameter = libc::sched_param { sched_priority: 0 };
        libc::sched_setscheduler(0, libc::SCHED_BATCH, &raw const parameter);
    }
}

/// SIGUSR1 interrupts system calls from now on, and does nothing else.
fn handle_signals() {
    extern "C" fn nothing(_: libc::c_int) {}
    // SAFETY: the handler does nothing; without SA_RESTART.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as usize;
        libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut());
    }
}

fn cpu() -> u128 {
    // SAFETY: the call fills the structure.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage);
        usage
    };
    let micros = |time: libc::timeval| time.tv_sec as u128 * 1_000_000 + time.tv_usec as u128;
    micros(usage.ru_utime) + micros(usage.ru_stime)
}
