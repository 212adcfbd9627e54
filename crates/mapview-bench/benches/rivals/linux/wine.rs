//! Wine, which runs the same calls written in C, where the build found mingw and this machine has Wine; else its rows say
//! "not installed".
//!
//! Wine's objects live in its server, a third process, which may run on any processor.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::hand_over::WARM_UP;
use super::peer::Peer;
use super::posix;

/// A Wine of our own, and three processes in it. They are ended with this value.
pub struct Wine {
    prefix: PathBuf,
    asker: Option<Peer>,
    /// On the first and the second processor.
    servers: Option<[Peer; 2]>,
}

impl Wine {
    pub fn start() -> Option<Wine> {
        let program = option_env!("MAPVIEW_BENCH_WINE_RIVAL")?;
        let mut wine = Wine::start_alone()?;
        let name = format!("bench-{}", std::process::id());
        let peer = |cpu: &str| {
            let mut command = wine.command("wine");
            command.args([program, cpu, &name]).stderr(Stdio::null());
            Peer::spawn(command)
        };
        let (asker, servers) = (peer("0"), ["0", "1"].map(peer));
        (wine.asker, wine.servers) = (Some(asker), Some(servers));
        Some(wine)
    }

    /// Without the three processes.
    pub fn start_alone() -> Option<Wine> {
        let prefix = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("wine-prefix");
        std::fs::create_dir_all(&prefix).expect("a directory");
        let wine = Wine { prefix, asker: None, servers: None };
        if !wine.runs("wine", &["--version"]) || !wine.runs("wineserver", &["--version"]) {
            return None;
        }
        wine.runs("wineserver", &["-p"]);
        wine.runs("wine", &["wineboot", "--init"]).then_some(wine)
    }

    /// The command that runs a program in it, on one processor; the server stays where it likes.
    pub fn start_program(&self, program: &Path, arguments: &[&str], cpu: usize) -> Command {
        let mut command = self.command("wine");
        command.arg(program).args(arguments).stderr(Stdio::null());
        pin(&mut command, cpu);
        command
    }

    /// A round of hand-overs; `way` is `event`, `semaphore` or `any` and a number.
    pub fn hand_over(&mut self, way: &str, peer_cpu: usize, times: usize, work: u64) -> Vec<f64> {
        let (kind, count) = way.split_once(' ').unwrap_or((way, "1"));
        let order = format!("{kind} {count} {} {work}", times + WARM_UP);
        let server = &mut self.servers.as_mut().expect("started")[peer_cpu];
        server.tell(&format!("serve {order}"));
        assert_eq!(server.hear(), "ready");
        self.ask(&format!("ask {order}"))
    }

    /// What the order says in `wine.c`.
    pub fn ask(&mut self, order: &str) -> Vec<f64> {
        let asker = self.asker.as_mut().expect("started");
        asker.tell(order);
        let answer = asker.hear();
        let samples: Vec<f64> =
            answer.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        assert!(!samples.is_empty(), "Wine failed at {order:?}");
        samples
    }

    fn runs(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = self.command(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("WINEPREFIX", &self.prefix);
        command.env("WINEDEBUG", "-all");
        command.env("WINEDLLOVERRIDES", "mscoree,mshtml="); // no offers to install .NET and a browser
        command.env_remove("DISPLAY");
        let unpin = || {
            posix::unpin();
            Ok(())
        };
        // SAFETY: between fork and exec it makes one system call, and touches no memory but its stack.
        unsafe { command.pre_exec(unpin) };
        command
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        (self.asker, self.servers) = (None, None);
        self.runs("wineserver", &["-k"]);
        self.runs("wineserver", &["-w"]);
    }
}

/// Has what the command starts run on one processor.
pub fn pin(command: &mut Command, cpu: usize) {
    let pin = move || {
        posix::pin_to(cpu);
        Ok(())
    };
    // SAFETY: between fork and exec it makes one system call, and touches no memory but its stack.
    unsafe { command.pre_exec(pin) };
}
