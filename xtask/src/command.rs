//! Running programs: echo the line, run at the root of the workspace, say what failed.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::time::Duration;

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// Where cargo builds to.
pub fn target_dir() -> PathBuf {
    let chosen = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    root().join(chosen)
}

pub fn cargo(arguments: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.args(arguments.split_whitespace());
    command
}

/// Runs to the end; a failure to start or an exit code above 0 is an error that names the command.
pub fn run(command: &mut Command) -> Result<(), String> {
    let shown = echo(command);
    let status = command.current_dir(root()).stdin(Stdio::null()).status();
    judge(&shown, status.map_err(|error| format!("{shown}: {error}"))?.success())
}

/// Runs quietly, for effects that nobody reads about. Processes it leaves behind do not hold our output open.
pub fn run_quietly(command: &mut Command) -> Result<(), String> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    run(command)
}

/// Runs a `cargo test`, and returns how many tests passed: a filter that matches nothing must not pass for success.
pub fn run_tests(command: &mut Command) -> Result<u64, String> {
    let shown = echo(command);
    let command = command.current_dir(root()).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("{shown}: {error}"))?;
    let output = BufReader::new(child.stdout.take().expect("piped"));
    let (lines, received) = channel();
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let _ = lines.send(line);
        }
    });
    let mut passed = 0;
    let mut status = None;
    loop {
        match received.recv_timeout(Duration::from_millis(500)) {
            Ok(line) => {
                println!("{line}");
                passed += passed_in(&line);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            // A process that a test left behind would hold the output open for ever.
            Err(RecvTimeoutError::Timeout) if status.is_some() => break,
            Err(RecvTimeoutError::Timeout) => {
                status = child.try_wait().map_err(|error| error.to_string())?;
            }
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    judge(&shown, status.success())?;
    if passed == 0 {
        return Err(format!("`{shown}` ran no test"));
    }
    Ok(passed)
}

/// The figure in `test result: ok. 12 passed; ...`.
fn passed_in(line: &str) -> u64 {
    let Some(result) = line.strip_prefix("test result: ") else { return 0 };
    let word = result.split(' ').skip_while(|word| !word.ends_with('.')).nth(1);
    word.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Whether a program can be started and succeeds, without a trace.
pub fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Prints the command with its variables, and returns it without.
fn echo(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let program = program.to_string_lossy().into_owned();
    let arguments = command.get_args().map(|word| word.to_string_lossy().into_owned());
    let shown: Vec<String> = std::iter::once(program).chain(arguments).collect();
    let shown = shown.join(" ");
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={:?} ", name.to_str()?, value?.to_str()?)));
    eprintln!("  > {}{shown}", variables.collect::<String>());
    shown
}

fn judge(shown: &str, success: bool) -> Result<(), String> {
    success.then_some(()).ok_or_else(|| format!("`{shown}` failed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_tests_are_counted_from_the_result_lines_alone() {
        assert_eq!(passed_in("test result: ok. 12 passed; 0 failed; 1 ignored"), 12);
        assert_eq!(passed_in("test result: FAILED. 3 passed; 1 failed"), 3);
        assert_eq!(passed_in("test a::b ... ok"), 0);
    }
}
