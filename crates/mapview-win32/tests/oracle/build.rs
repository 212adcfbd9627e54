//! Compiling scenarios, for Linux against this library and for Windows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};

/// One source of `tests/scenarios`.
#[derive(Clone)]
pub struct Scenario {
    pub name: String,
    source: PathBuf,
}

/// Which program is made of a scenario.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Build {
    Linux,
    Sanitized,
    Windows,
}

/// What a scenario that needs more of Windows than kernel32 says in a line of its own, with names without `lib`.
const LIBRARIES: &str = "Libraries: ";

pub fn scenarios() -> Vec<Scenario> {
    let directory = crate_root().join("tests/scenarios");
    let mut scenarios = Vec::new();
    for entry in std::fs::read_dir(directory).expect("the scenarios") {
        let source = entry.expect("an entry").path();
        if source.extension().is_some_and(|end| end == "c" || end == "cpp") {
            let name = source.file_stem().and_then(|stem| stem.to_str()).expect("a name");
            scenarios.push(Scenario { name: name.to_owned(), source });
        }
    }
    scenarios.sort_by(|a, b| a.name.cmp(&b.name));
    scenarios
}

impl Scenario {
    /// Of a source elsewhere.
    #[allow(dead_code)] // the oracle itself takes all there are
    pub fn at(source: &Path) -> Scenario {
        let name = source.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        Scenario { name: name.to_owned(), source: source.to_owned() }
    }

    /// The program. Each is built once, since nobody can write to one that another test runs.
    pub fn build(&self, build: Build) -> Result<PathBuf, String> {
        type Built = Arc<OnceLock<Result<PathBuf, String>>>;
        static BUILT: Mutex<BTreeMap<(String, Build), Built>> = Mutex::new(BTreeMap::new());
        let key = (self.name.clone(), build);
        let built = BUILT.lock().expect("no test panicked here").entry(key).or_default().clone();
        built.get_or_init(|| self.build_anew(build)).clone()
    }

    fn build_anew(&self, build: Build) -> Result<PathBuf, String> {
        let is_c = self.source.extension().is_some_and(|end| end == "c");
        let compiler = match (build, is_c) {
            (Build::Windows, true) => "x86_64-w64-mingw32-gcc",
            (Build::Windows, false) => "x86_64-w64-mingw32-g++",
            (_, true) => "gcc",
            (_, false) => "g++",
        };
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracle");
        std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
        let end = match build {
            Build::Linux => "linux",
            Build::Sanitized => "sanitized",
            Build::Windows => "exe",
        };
        let program = directory.join(format!("{}.{end}", self.name));
        let mut command = Command::new(compiler);
        command.arg(if is_c { "-std=gnu11" } else { "-std=gnu++17" });
        command.args(["-g", "-Wall", "-Wextra", "-Werror"]);
        command.arg(format!("-DSCENARIO=\"{}\"", self.name));
        if self.name.ends_with("_unicode") {
            command.args(["-DUNICODE", "-D_UNICODE"]);
        }
        if build == Build::Sanitized {
            command.args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
        }
        if build == Build::Windows {
            // Not the printf of the old runtime, and Windows 10's functions.
            command.args(["-D__USE_MINGW_ANSI_STDIO=1", "-D_WIN32_WINNT=0x0A00", "-static"]);
        } else {
            command.arg("-I").arg(crate_root().join("include/mapview"));
        }
        command.arg("-o").arg(&program).arg(&self.source);
        match build {
            Build::Windows => command.args(self.libraries()),
            _ => command.arg("-L").arg(library_directory()).args(["-lmapview-win32", "-pthread"]),
        };
        let output = command.output().map_err(|error| format!("{compiler}: {error}"))?;
        if output.status.success() {
            return Ok(program);
        }
        Err(format!("{compiler} failed:\n{}", String::from_utf8_lossy(&output.stderr)))
    }

    fn libraries(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.source).unwrap_or_default();
        let line = text.lines().find_map(|line| line.split_once(LIBRARIES));
        let names = line.map_or("", |(_, names)| names.trim_end_matches("*/"));
        names.split_whitespace().map(|name| format!("-l{name}")).collect()
    }
}

fn crate_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A directory with the shared library that Cargo just built, under the names that it has once installed.
pub fn library_directory() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracle-lib");
        std::fs::create_dir_all(&directory).expect("a directory for the library");
        let test = std::env::current_exe().expect("the path of this test");
        let library = test.parent().expect("its directory").join("libmapview_win32.so");
        assert!(library.exists(), "Cargo built no {}", library.display());
        for name in ["libmapview-win32.so", "libmapview-win32.so.0"] {
            let link = directory.join(name);
            let _ = std::fs::remove_file(&link);
            std::os::unix::fs::symlink(&library, link).expect("a link to the library");
        }
        directory
    })
}
