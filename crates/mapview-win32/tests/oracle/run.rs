//! Running scenarios, each in a directory and a namespace of its own.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Failed;

use crate::build::{library_directory, Build, Scenario};
use crate::transcript;

/// Seconds until a scenario counts as hanging. Wine takes its time on a busy machine.
const PATIENCE: &str = "120";

type Outcome = Result<(), Failed>;

/// The scenario runs to its end, and its rows say what Windows does.
pub fn linux_alone(scenario: &Scenario) -> Outcome {
    run_here(scenario, Build::Linux).map(drop)
}

/// The sanitizers find nothing, and the scenario says the same as without them.
pub fn sanitized(scenario: &Scenario) -> Outcome {
    let plain = run_here(scenario, Build::Linux)?;
    let sanitized = run_here(scenario, Build::Sanitized)?;
    transcript::compare(("plain", &plain), ("sanitized", &sanitized))
}

/// Linux says what Windows says.
pub fn compared(scenario: &Scenario) -> Outcome {
    let here = run_here(scenario, Build::Linux)?;
    let program = scenario.build(Build::Windows)?;
    let wine = run_in_wine(&program)?;
    let wine = transcript::without_rows(&wine);
    transcript::compare(("Linux", &here), ("Wine", &wine))
}

/// The transcript, its rows checked and then reduced to what they are about.
fn run_here(scenario: &Scenario, build: Build) -> Result<String, Failed> {
    let program = scenario.build(build)?;
    let directory = tempfile::tempdir()?;
    let namespace = tempfile::tempdir()?;
    let mut command = Command::new("timeout");
    command.args(["-k", "5", PATIENCE]).arg(program).current_dir(directory.path());
    command.env("LD_LIBRARY_PATH", library_directory());
    command.env("MAPVIEW_DIR", namespace.path());
    let text = run(command)?;
    transcript::check_rows(&text)?;
    Ok(transcript::without_rows(&text))
}

fn run_in_wine(program: &Path) -> Result<String, Failed> {
    let directory = tempfile::tempdir()?;
    let mut command = Command::new("timeout");
    command.args(["-k", "5", PATIENCE, "wine"]).arg(program).current_dir(directory.path());
    run(command)
}

fn run(mut command: Command) -> Result<String, Failed> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n");
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("{:?}\n{errors}\nafter printing\n{text}", output.status).into())
}
