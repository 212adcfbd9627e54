//! The lane `c`: what C and C++ programs need of us, installed and used as they do.

use std::path::Path;
use std::process::Command;

use crate::command::{cargo, root, run, run_tests, target_dir};
use crate::install;

/// Installs to a directory of its own, builds and runs the example with pkg-config and with CMake, then runs all tests but
/// the scenarios, which are another lane's.
pub fn check() -> Result<u64, String> {
    let prefix = target_dir().join("installed");
    let _ = std::fs::remove_dir_all(&prefix);
    install::install(&prefix.display().to_string())?;
    let with_pkg_config = [&[][..], &["--static"]];
    for options in with_pkg_config {
        pkg_config(&prefix, options)?;
    }
    cmake(&prefix)?;
    let checks = with_pkg_config.len() as u64 + 2;
    let mut tests = cargo("test --no-fail-fast -p mapview-win32 --lib --tests");
    tests.env("MAPVIEW_ORACLE", "elsewhere");
    Ok(checks + run_tests(&mut tests)?)
}

/// Builds the example with what pkg-config says, and runs it.
fn pkg_config(prefix: &Path, options: &[&str]) -> Result<(), String> {
    let mut command = Command::new("pkg-config");
    command.args(options).args(["--cflags", "--libs", "mapview-win32"]);
    let output = command.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")).output();
    let output = output.map_err(|error| format!("pkg-config: {error}"))?;
    if !output.status.success() {
        return Err(format!("pkg-config: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let flags = String::from_utf8_lossy(&output.stdout).into_owned();
    let program = prefix.join("letter");
    let mut gcc = Command::new("gcc");
    gcc.args(["-Wall", "-Wextra", "-Werror"])
        .arg("-o")
        .arg(&program)
        .arg(example().join("letter.c"));
    let flags = match options.contains(&"--static") {
        true => flags.replace("-lmapview-win32", "-l:libmapview-win32.a"), // ours alone, not glibc
        false => flags,
    };
    run(gcc.args(flags.split_whitespace()))?;
    letter(&program, prefix)
}

fn cmake(prefix: &Path) -> Result<(), String> {
    let build = prefix.join("build");
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(example()).arg("-B").arg(&build);
    run(configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())))?;
    run(Command::new("cmake").arg("--build").arg(&build))?;
    letter(&build.join("letter"), prefix)?;
    letter(&build.join("letter_unicode"), prefix)
}

fn example() -> std::path::PathBuf {
    root().join("crates/mapview-win32/example")
}

/// Runs the example, which is to print its letter.
fn letter(program: &Path, prefix: &Path) -> Result<(), String> {
    let output = Command::new(program).env("LD_LIBRARY_PATH", prefix.join("lib")).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    let (said, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    match output.status.success() && said == "Dear reader\n" {
        true => Ok(()),
        false => Err(format!("{}: {}\n{said}{errors}", program.display(), output.status)),
    }
}
