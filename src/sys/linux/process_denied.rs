//! Why the system does not let this process reach into another, as far as can be found out: which setting, and what to do.

use rustix::io::Errno;

use super::process::Process;
use crate::{Error, ErrorKind};

const CAP_SYS_PTRACE: u64 = 1 << 19;

/// The error for a call that the system refused with `errno`.
pub(super) fn why(process: &Process, errno: Errno) -> Error {
    let reason = reason(&What::find_out(process));
    Error::from_os(ErrorKind::AccessDenied, errno.raw_os_error(), reason)
}

/// What the decision of the kernel depends on.
#[derive(Clone, Debug, Default)]
struct What {
    tracer: u32,
    its_users: Vec<u32>,
    our_user: u32,
    /// What lies in its directory in `/proc` belongs to root although the process does not.
    hidden: bool,
    its_capabilities: u64,
    our_capabilities: u64,
    /// `kernel.yama.ptrace_scope`.
    scope: Option<u32>,
    /// System calls of this process are filtered, as in most containers.
    we_are_filtered: bool,
    other_user_namespace: bool,
}

impl What {
    fn find_out(process: &Process) -> What {
        let its = process.text("status");
        let ours = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let users = numbers(&its, "Uid:");
        let namespace = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/user")).ok();
        let scope = std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope");
        What {
            tracer: number(&its, "TracerPid:").unwrap_or(0),
            our_user: numbers(&ours, "Uid:").get(1).copied().unwrap_or(0),
            hidden: process.owner() == Some(0) && !users.contains(&0),
            its_users: users,
            its_capabilities: capabilities(&its, "CapPrm:"),
            our_capabilities: capabilities(&ours, "CapEff:"),
            scope: scope.ok().and_then(|scope| scope.trim().parse().ok()),
            we_are_filtered: number(&ours, "Seccomp:") == Some(2),
            other_user_namespace: match (namespace("self"), namespace(&process.pid().to_string())) {
                (Some(ours), Some(its)) => ours != its,
                _ => false,
            },
        }
    }
}

fn reason(what: &What) -> String {
    let privileged = what.our_capabilities & CAP_SYS_PTRACE != 0;
    if what.tracer != 0 {
        let by = what.tracer;
        return format!(
            "process {by} traces it already (a debugger, or strace); end that one first"
        );
    }
    match what.scope {
        Some(3) => {
            return "kernel.yama.ptrace_scope is 3, which forbids this to everybody until the next boot".to_string();
        }
        Some(2) if !privileged => {
            return "kernel.yama.ptrace_scope is 2, which forbids this to all without CAP_SYS_PTRACE; run this as root, or set it to 0 (sysctl kernel.yama.ptrace_scope=0)".to_string();
        }
        _ => {}
    }
    if !privileged && what.its_users.iter().any(|&user| user != what.our_user) {
        let (its, ours) = (what.its_users.first().copied().unwrap_or(0), what.our_user);
        return format!("it belongs to user {its}, and this process to user {ours}; run this as that user, or with CAP_SYS_PTRACE");
    }
    if !privileged && what.hidden {
        return "it is not dumpable (PR_SET_DUMPABLE, or a program with special rights), so only those with CAP_SYS_PTRACE may reach into it".to_string();
    }
    if !privileged && what.its_capabilities & !what.our_capabilities != 0 {
        return "it has capabilities that this process lacks; run this with CAP_SYS_PTRACE"
            .to_string();
    }
    if what.scope == Some(1) && !privileged {
        return "kernel.yama.ptrace_scope is 1, which permits this for descendants only; start the process from this one, have it call prctl(PR_SET_PTRACER), run this as root, or set it to 0 (sysctl kernel.yama.ptrace_scope=0)".to_string();
    }
    if what.other_user_namespace {
        return "it lives in another user namespace (a container), where this process has no rights".to_string();
    }
    if what.we_are_filtered {
        return "system calls of this process are filtered (seccomp, as in containers); permit ptrace and process_vm_readv, for Docker with --cap-add=SYS_PTRACE".to_string();
    }
    "a security module (SELinux, AppArmor), or a proc_mem setting of the kernel, forbids it"
        .to_string()
}

/// The first number of a line of a status file.
pub(super) fn number(status: &str, field: &str) -> Option<u32> {
    numbers(status, field).first().copied()
}

fn numbers(status: &str, field: &str) -> Vec<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    line.split_whitespace().map_while(|word| word.parse().ok()).collect()
}

fn capabilities(status: &str, field: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    u64::from_str_radix(line.trim(), 16).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_obstacle_is_named() {
        let user = What { its_users: vec![7; 4], our_user: 7, ..What::default() };
        let told = |change: &dyn Fn(&mut What)| {
            let mut what = user.clone();
            change(&mut what);
            reason(&what)
        };
        assert!(told(&|what| what.tracer = 42).starts_with("process 42 traces it"));
        assert!(told(&|what| what.scope = Some(1)).contains("ptrace_scope is 1"));
        assert!(told(&|what| what.scope = Some(2)).contains("ptrace_scope is 2"));
        assert!(told(&|what| what.its_users = vec![8; 4]).contains("user 8"));
        assert!(told(&|what| what.hidden = true).contains("not dumpable"));
        assert!(told(&|what| what.its_capabilities = 1).contains("capabilities"));
        assert!(told(&|what| what.other_user_namespace = true).contains("namespace"));
        assert!(told(&|what| what.we_are_filtered = true).contains("seccomp"));
        assert!(told(&|_| {}).contains("security module"));
        // To the privileged, only what stops them too is told.
        let root = |scope| {
            told(&|what| {
                what.our_capabilities = CAP_SYS_PTRACE;
                (what.its_users, what.hidden, what.scope) = (vec![8], true, Some(scope));
            })
        };
        assert!(root(3).contains("ptrace_scope is 3"));
        assert!(root(2).contains("security module"));
    }

    #[test]
    fn fields_of_a_status_file_are_found() {
        let status = "Name:\tx\nTracerPid:\t12\nUid:\t1\t2\t3\t4\nCapPrm:\t00000000000000ff\n";
        assert_eq!(number(status, "TracerPid:"), Some(12));
        assert_eq!(numbers(status, "Uid:"), [1, 2, 3, 4]);
        assert_eq!(capabilities(status, "CapPrm:"), 255);
        assert_eq!(number(status, "Seccomp:"), None);
    }
}
