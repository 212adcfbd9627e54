//! Programs in the styles that sources for Windows are written in, compiled as they are and run. What is tested is that the
//! styles work, not the functions: those have the scenarios.
#![cfg(target_os = "linux")]

#[path = "../tools/mod.rs"]
mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;

use tools::{crate_root, include_directory, library_directory, succeed, write};

const UNICODE: [&str; 2] = ["-DUNICODE", "-D_UNICODE"];
const WIDE: [&str; 3] = ["-DUNICODE", "-D_UNICODE", "-fshort-wchar"];

/// A directory with the spellings that the installation makes.
fn spellings(directory: &Path) -> PathBuf {
    let to = directory.join("spellings");
    std::fs::create_dir(&to).unwrap();
    let list = std::fs::read_to_string(crate_root().join("include/spellings")).unwrap();
    for name in list.lines().filter(|line| !line.starts_with('#')) {
        let header = include_directory().join(name.to_lowercase());
        assert!(header.exists(), "{name} is no spelling of a header");
        std::os::unix::fs::symlink(header, to.join(name)).unwrap();
    }
    to
}

/// Compiles the program with these flags, runs it, and returns what it printed.
fn run(name: &str, flags: &[&str], arguments: &[&str]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let source = crate_root().join("tests/idioms").join(name);
    let program = directory.path().join("program");
    let mut compiler = match name.ends_with(".c") {
        true => Command::new("gcc"),
        false => Command::new("g++"),
    };
    compiler
        .args(flags)
        .arg("-I")
        .arg(spellings(directory.path()))
        .arg("-I")
        .arg(include_directory());
    compiler.arg(source).arg(start(directory.path())).arg("-o").arg(&program);
    let library = library_directory("idioms-lib");
    succeed(compiler.arg("-L").arg(&library).args(["-lmapview-win32", "-pthread"]));
    let namespace = tempfile::tempdir().unwrap();
    let mut run = Command::new("timeout");
    run.args(["-k", "5", "60"]).arg(program).args(arguments).current_dir(directory.path());
    succeed(run.env("LD_LIBRARY_PATH", &library).env("MAPVIEW_DIR", namespace.path()))
}

/// The archive with `main` for programs that have `wmain` or `WinMain`.
fn start(directory: &Path) -> PathBuf {
    let (object, archive) = (directory.join("main.o"), directory.join("libmapview-main.a"));
    let source = crate_root().join("start/main.c");
    succeed(Command::new("gcc").args(["-w", "-c"]).arg(source).arg("-o").arg(&object));
    succeed(Command::new("ar").arg("rcs").arg(&archive).arg(&object));
    archive
}

/// Generic text: one source, built for bytes and for UTF-16 in both ways.
#[test]
fn generic_text_with_tchar_in_all_three_builds() {
    let expected = "first: 17 units\nsecond: Message, 17 units\n";
    for flags in [&[][..], &UNICODE, &WIDE] {
        assert_eq!(run("generic_text.cpp", flags, &[]), expected, "{flags:?}");
    }
}

#[test]
fn wide_literals_and_wmain() {
    assert_eq!(run("wide_main.cpp", &WIDE, &["grün"]), "grün: 4 units, read back\n");
}

#[test]
fn win_main_gets_its_command_line() {
    assert_eq!(run("win_main.c", &[], &["one", "two"]), "one two\n");
}

#[test]
fn old_c_with_long_counters_and_microsofts_keywords() {
    assert_eq!(run("old_style.c", &["-std=gnu99"], &[]), "4000 4000 1\n");
}

#[test]
fn modern_cpp_with_handles_in_unique_ptr() {
    for standard in ["-std=c++11", "-std=c++17", "-std=c++20"] {
        assert_eq!(
            run("modern.cpp", &[standard, "-Wall", "-Wextra", "-Werror"], &[]),
            "sum 4950, most 99\n"
        );
    }
}

#[test]
fn single_instance_with_a_security_descriptor_and_an_error_text() {
    let printed = run("single_instance.c", &[], &[]);
    assert_eq!(
        printed,
        "first 0\nsecond 183\nCannot create a file when that file already exists.\n"
    );
}

#[test]
fn headers_of_a_mapped_program_file() {
    assert_eq!(run("program_file.c", &[], &[]), ".text at 0x1000, machine 0x8664\n");
}

/// A library with DllMain, found by name and asked for a function.
#[test]
fn a_library_of_the_programs_own() {
    let directory = tempfile::tempdir().unwrap();
    let text = "#include <windows.h>\n\
                __declspec(dllexport) int WINAPI Twice(int n);\n\
                int WINAPI Twice(int n) { return 2 * n; }\n";
    let source = write(directory.path(), "twice.c", text);
    let library = directory.path().join("twice.so");
    let mut gcc = Command::new("gcc");
    gcc.args(["-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror"]);
    succeed(gcc.arg("-I").arg(include_directory()).arg(source).arg("-o").arg(&library));
    assert_eq!(run("own_library.c", &[], &[library.to_str().unwrap()]), "42\n");
}
