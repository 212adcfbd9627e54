//! The C runtime's part of the C interface, in programs that Windows' own headers could not have: with a `wchar_t` of 16
//! bits over glibc, and started by `libmapview-main.a`.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

#[allow(dead_code)] // what only the tests of the headers need
#[path = "tools/mod.rs"]
mod tools;

use tools::{crate_root, include_directory, library_directory, succeed};

struct Program {
    path: PathBuf,
    libraries: PathBuf,
    _directory: tempfile::TempDir,
}

/// Compiles a source of `tests/crt`, with the archive that has `main` before the library.
fn build(compiler: &str, flags: &str, source: &str) -> Program {
    let libraries = library_directory("crt-lib");
    let directory = tempfile::tempdir().expect("a directory");
    archive_of_main(directory.path());
    let path = directory.path().join("program");
    let mut command = Command::new(compiler);
    command.args(["-Wall", "-Wextra", "-Werror"]).args(flags.split_whitespace());
    command.arg("-I").arg(include_directory()).arg("-o").arg(&path);
    command.arg(crate_root().join("tests/crt").join(source));
    command.arg("-L").arg(directory.path()).arg("-L").arg(&libraries);
    succeed(command.args(["-lmapview-main", "-lmapview-win32", "-pthread"]));
    Program { path, libraries, _directory: directory }
}

fn archive_of_main(directory: &Path) {
    let object = directory.join("main.o");
    let mut compile = Command::new("gcc");
    compile.args(["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-c", "-o"]);
    succeed(compile.arg(&object).arg(crate_root().join("start/main.c")));
    let archive = directory.join("libmapview-main.a");
    succeed(Command::new("ar").arg("rcs").arg(archive).arg(object));
}

impl Program {
    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new("timeout");
        command.arg("60").arg(&self.path).args(arguments).env("LD_LIBRARY_PATH", &self.libraries);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("its input");
        stdin.write_all(input.as_bytes()).expect("it reads");
        drop(stdin);
        child.wait_with_output().expect("it ends")
    }
}

#[track_caller]
fn assert_says(output: &Output, code: i32, text: &str) {
    assert_eq!(String::from_utf8_lossy(&output.stdout), text);
    assert_eq!(output.status.code(), Some(code));
}

const WIDE_C: &str = "wïde too narrow x 5\n€ ä\nmixed with bytes\n[6] zeil€\n[3] end";

#[test]
fn the_wide_functions_of_c_are_those_of_16_bits() {
    for flags in ["-std=gnu99", "-std=gnu11 -O2 -D_FORTIFY_SOURCE=2", "-std=gnu17 -DUNICODE"] {
        let program = build("gcc", &format!("-fshort-wchar {flags}"), "wide.c");
        assert_says(&program.run(&[], "zeil€\nend"), 0, WIDE_C);
    }
}

#[test]
fn clang_finds_the_same_wide_functions() {
    if tools::has("clang", "clang") {
        let program = build("clang", "-fshort-wchar -O2", "wide.c");
        assert_says(&program.run(&[], "zeil€\nend"), 0, WIDE_C);
    }
}

const WIDE_CPP: &str = "hällo wörld!!! 14 6\n!!!dlröw olläh wörld\n42 77 0\n0 5\n4294967295 -1\n\
                        wcout hällo wörld!!! 5 ff\nand cout\n";

#[test]
fn wide_strings_of_cpp_hold_16_bits() {
    for flags in ["-std=c++11", "-std=c++17 -O2 -D_FORTIFY_SOURCE=2", "-std=c++20"] {
        let program = build("g++", &format!("-fshort-wchar {flags}"), "wide.cpp");
        assert_says(&program.run(&[], ""), 0, WIDE_CPP);
    }
}

#[test]
fn wide_strings_of_clang_hold_16_bits() {
    if tools::has("clang++", "clang") {
        let program = build("clang++", "-fshort-wchar -std=c++17", "wide.cpp");
        assert_says(&program.run(&[], ""), 0, WIDE_CPP);
    }
}

#[test]
fn programs_with_wmain_get_their_arguments_in_utf_16() {
    let builds = [
        ("gcc", "-fshort-wchar", "wmain.c"),
        ("gcc", "", "wmain.c"),
        ("g++", "-fshort-wchar", "wmain.cpp"),
        ("g++", "", "wmain.cpp"),
    ];
    for (compiler, flags, source) in builds {
        let program = build(compiler, flags, source);
        assert_says(&program.run(&["größe", "two words", ""], ""), 3, "[größe][two words][]");
    }
}

#[test]
fn programs_with_tmain_start_in_both_kinds_of_text() {
    for flags in ["", "-DUNICODE -D_UNICODE", "-DUNICODE -fshort-wchar"] {
        let program = build("g++", flags, "tmain.cpp");
        assert_says(&program.run(&["größe"], ""), 3, "2 größe\n");
    }
}

#[test]
fn programs_with_win_main_get_the_rest_of_the_command_line() {
    let program = build("g++", "", "winmain.cpp");
    assert_says(&program.run(&["one", "größe"], ""), 3, "1 one größe");
    let program = build("gcc", "", "wwinmain.c");
    assert_says(&program.run(&["one", "größe"], ""), 3, "1 1 [one größe]");
}

/// A terminal: what the program has, and the side of who looks at it.
fn terminal() -> (OwnedFd, std::fs::File) {
    let (mut look, mut program) = (-1, -1);
    let size = libc::winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: places for two descriptors, and a size.
    let made = unsafe {
        libc::openpty(&mut look, &mut program, std::ptr::null_mut(), std::ptr::null(), &size)
    };
    assert_eq!(made, 0, "no terminal");
    // SAFETY: both were just made.
    unsafe { (OwnedFd::from_raw_fd(program), std::fs::File::from_raw_fd(look)) }
}

#[test]
fn the_console_is_the_terminal() {
    let program = build("gcc", "", "console.c");
    let (own, mut look) = terminal();
    let mut command = Command::new(&program.path);
    command.env("LD_LIBRARY_PATH", &program.libraries);
    command.stdin(own.try_clone().expect("a copy")).stdout(own);
    // Who runs the tests in the background may have Ctrl+C ignored, and the program would inherit that.
    // SAFETY: the call is one of those that may be made between fork and exec.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            Ok(())
        });
    }
    let mut child = command.spawn().expect("the program starts");
    drop(command); // its side of the terminal, so that reading ends
    let mut seen = Vec::new();
    let mut buffer = [0; 512];
    // What the program waits for, one after another: a line, and where the cursor is.
    let mut answers = [("type: ".as_bytes(), "größe\n".as_bytes()), (b"\x1b[6n", b"\x1b[3;5R")]
        .into_iter()
        .peekable();
    while let Ok(read @ 1..) = look.read(&mut buffer) {
        seen.extend_from_slice(&buffer[..read]);
        if let Some((_, answer)) =
            answers.next_if(|(asked, _)| seen.windows(asked.len()).any(|w| w == *asked))
        {
            look.write_all(answer).expect("typed");
        }
    }
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    let seen = String::from_utf8_lossy(&seen).replace("\r\n", "\n");
    let expected = [
        "in 7 out 7",
        "größe",
        "read 7: größe",
        "\x1b[0;91mred\x1b[0m",
        "\x1b[2;3H",
        "no echo 1",
        "80x24 at 4,2",
        "handler 0",
        "code pages 65001 0 50",
        "a file: 0 6",
        "unknown handler 0 87",
    ];
    let mut rest = seen.as_str();
    for part in expected {
        let Some((_, after)) = rest.split_once(part) else { panic!("no {part:?} in {seen:?}") };
        rest = after;
    }
}
