//! The tests and the program for Windows, run under Wine.

use std::path::PathBuf;
use std::process::Command;

use crate::command::{self, cargo, root, run, run_quietly, target_dir};
use crate::needs::WINDOWS_TARGET;

const RUNNER: &str = "CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER";

/// Cross-builds everything, runs it under Wine, and stops Wine whatever happened.
pub fn run_tests() -> Result<u64, String> {
    let wine = Wine::start()?;
    let packages = "--no-fail-fast --workspace --exclude xtask --lib --bins --tests --examples";
    let mut passed = command::run_tests(&mut wine.cargo(&format!("test {packages}")))?;
    passed += command::run_tests(&mut wine.cargo("test -p mapview -p mapview-channel --doc"))?;
    let libraries = build_libraries()?;
    let mut images = wine.cargo("test -p mapview --test image -- --include-ignored");
    passed += command::run_tests(images.env("MAPVIEW_TEST_LIBRARIES", libraries))?;
    run(&mut wine.cargo("run -p mapview-cli -- demo"))?;
    Ok(passed)
}

/// Runs the scenarios of the C interface here and under Wine.
pub fn run_oracle() -> Result<u64, String> {
    let wine = Wine::start()?;
    let mut tests = cargo("test --no-fail-fast -p mapview-win32 --test oracle");
    wine.set_up(&mut tests);
    command::run_tests(tests.env("MAPVIEW_ORACLE", "wine").env("MAPVIEW_SANITIZE", "1"))
}

/// The libraries of tests/support/library.rs, which compiles them itself where it can start a compiler. Returns their
/// directory as Wine's programs see it.
fn build_libraries() -> Result<String, String> {
    let directory = target_dir().join("test-libraries");
    std::fs::create_dir_all(&directory).map_err(|error| format!("{directory:?}: {error}"))?;
    for (name, option) in [("plain", "-O1"), ("in-pages", "-Wl,--file-alignment,4096")] {
        let mut compile = Command::new("x86_64-w64-mingw32-gcc");
        compile.args(["-shared", "-nostdlib", "-O1", "-Wl,--entry,entry", option, "-o"]);
        compile.arg(directory.join(format!("{name}.dll")));
        run(compile.arg(root().join("tests/images/counter.c")))?;
    }
    Ok(format!("Z:{}", directory.display()))
}

/// A Wine of our own: its prefix lies in the target directory, its server runs until drop.
struct Wine {
    prefix: PathBuf,
}

impl Wine {
    fn start() -> Result<Wine, String> {
        let prefix = target_dir().join("wine-prefix");
        std::fs::create_dir_all(&prefix).map_err(|error| format!("{prefix:?}: {error}"))?;
        let wine = Wine { prefix };
        let _ = wine.stop(); // one that an interrupted run left; usually there is none, which counts as a failure
                             // One server for all tests: starting Wine's services for each program would take seconds. They start here, with
                             // no output of ours to hold open.
        run_quietly(wine.command("wineserver").arg("-p"))?;
        run_quietly(wine.command("wine").args(["wineboot", "--init"]))?;
        wine.add_random_bytes()?;
        Ok(wine)
    }

    /// Builds the `bcryptprimitives.dll` that Rust programs load and Wine 8 lacks.
    fn add_random_bytes(&self) -> Result<(), String> {
        let dll = self.prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
        let source = root().join("xtask/wine/bcryptprimitives.c");
        let mut compile = Command::new("x86_64-w64-mingw32-gcc");
        compile.args(["-shared", "-O1", "-Wall", "-Werror", "-o"]).arg(dll).arg(source);
        run(compile.arg("-ladvapi32"))
    }

    fn stop(&self) -> Result<(), String> {
        run_quietly(self.command("wineserver").arg("-k"))?;
        run_quietly(self.command("wineserver").arg("-w"))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        self.set_up(&mut command);
        command
    }

    /// Cargo for Windows, whose programs start under this Wine.
    fn cargo(&self, arguments: &str) -> Command {
        let (verb, rest) = arguments.split_once(' ').expect("a verb and its arguments");
        let mut command = cargo(verb);
        command.args(["--target", WINDOWS_TARGET]).args(rest.split_whitespace());
        self.set_up(&mut command);
        // What the tests start themselves is inside Wine already, so they must not see the runner.
        command.env(RUNNER, format!("env -u {RUNNER} wine"));
        command
    }

    fn set_up(&self, command: &mut Command) {
        command.env("WINEPREFIX", &self.prefix);
        command.env("WINEDEBUG", "-all");
        command.env("WINEDLLOVERRIDES", "mscoree,mshtml="); // no offers to install .NET and a browser
        command.env_remove("DISPLAY");
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        if let Err(why) = self.stop() {
            eprintln!("Wine did not stop: {why}");
        }
    }
}
