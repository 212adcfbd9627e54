//! Compilers and other programs that the tests of the headers start.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The directory of this crate.
pub fn crate_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn include_directory() -> PathBuf {
    crate_root().join("include/mapview")
}

/// The names of all headers, sorted.
#[allow(dead_code)]
pub fn headers() -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(include_directory()).expect("the headers") {
        names.push(entry.expect("an entry").file_name().into_string().expect("a plain name"));
    }
    names.sort();
    assert!(names.len() > 40, "the headers were not found");
    names
}

/// The names of the headers that programs include; the others are parts of them.
#[allow(dead_code)] // not every test goes through them
pub fn public_headers() -> Vec<String> {
    headers().into_iter().filter(|name| !name.starts_with("mapview_")).collect()
}

/// Whether a program of this Debian package is there. Without it a test can only end early: that is said on the terminal,
/// past the test harness which would swallow it; where everything is installed on purpose (CI) it is a failure.
#[allow(dead_code)]
pub fn has(program: &str, package: &str) -> bool {
    if Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success()) {
        return true;
    }
    let what = format!("{program} is missing (apt-get install {package})");
    assert!(!is_ci(), "{what}");
    let _ = writeln!(std::io::stderr(), "\n!!! {what}: this test checked only a part !!!");
    false
}

fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

/// Runs to success and returns standard output; anything else fails the test with what the program said.
#[track_caller]
pub fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{text}\n{errors}", output.status);
    text
}

/// A file of this text in the directory.
pub fn write(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    path
}

/// A directory with the shared library that Cargo just built, under the names that it has once installed.
#[allow(dead_code)] // not every test links
pub fn library_directory(of: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(of);
    std::fs::create_dir_all(&directory).expect("a directory for the library");
    for name in ["libmapview-win32.so", "libmapview-win32.so.0"] {
        let link = directory.join(name);
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(library(), link).expect("a link to the library");
    }
    directory
}

/// The shared library that Cargo just built.
#[allow(dead_code)]
pub fn library() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let library = test.parent().expect("its directory").join("libmapview_win32.so");
    assert!(library.exists(), "Cargo built no {}", library.display());
    library
}
