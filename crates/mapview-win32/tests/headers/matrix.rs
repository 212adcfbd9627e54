//! Every header with both compilers, in every standard, with and without UNICODE, with both kinds of wide characters.

use std::process::Command;

use crate::tools::{crate_root, has, include_directory, public_headers, succeed, write};

const C_STANDARDS: [&str; 4] = ["c99", "gnu99", "c11", "c17"];
const CPP_STANDARDS: [&str; 4] = ["c++11", "c++14", "c++17", "c++20"];
const UNICODE: [&[&str]; 2] = [&[], &["-DUNICODE", "-D_UNICODE"]];
const WIDE: [&[&str]; 2] = [&[], &["-fshort-wchar"]];
const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// A compiler that finds our headers as a program's own, not as those of the system, so that it warns about them.
fn strict(compiler: &str, standard: &str) -> Command {
    let mut command = Command::new(compiler);
    command.arg(format!("-std={standard}")).args(STRICT).arg("-I").arg(include_directory());
    command
}

/// All headers, forwards and then once more backwards; without those that include large ones of the compiler, which take
/// longer than all others (`each_header_stands_alone` has them).
fn all_headers() -> String {
    let line = |name: &String| format!("#include <{name}>\n");
    let headers: Vec<String> = public_headers()
        .into_iter()
        .filter(|name| !["intrin.h", "iostream"].contains(&name.as_str()))
        .collect();
    let forwards: String = headers.iter().map(line).collect();
    let backwards: String = headers.iter().rev().map(line).collect();
    forwards + &backwards + "int main(void) { return 0; }\n"
}

fn every_standard(compiler: &str, standards: &[&str], extension: &str) {
    let directory = tempfile::tempdir().unwrap();
    let source = write(directory.path(), &format!("all.{extension}"), &all_headers());
    for standard in standards {
        for unicode in UNICODE {
            for wide in WIDE {
                let mut command = strict(compiler, standard);
                command.args(unicode).args(wide);
                succeed(command.arg("-fsyntax-only").arg(&source));
            }
        }
    }
}

#[test]
fn gcc_takes_every_header_twice_in_every_standard_of_c() {
    every_standard("gcc", &C_STANDARDS, "c");
}

#[test]
fn gcc_takes_every_header_twice_in_every_standard_of_cpp() {
    every_standard("g++", &CPP_STANDARDS, "cpp");
}

#[test]
fn clang_takes_every_header_twice_in_every_standard() {
    if has("clang", "clang") {
        every_standard("clang", &C_STANDARDS, "c");
        every_standard("clang++", &CPP_STANDARDS, "cpp");
    }
}

#[test]
fn each_header_stands_alone() {
    let directory = tempfile::tempdir().unwrap();
    for header in public_headers() {
        for (compiler, standard, extension) in [("gcc", "c11", "c"), ("g++", "c++11", "cpp")] {
            let text = format!("#include <{header}>\nint main(void) {{ return 0; }}\n");
            let source = write(directory.path(), &format!("alone.{extension}"), &text);
            succeed(strict(compiler, standard).arg("-fsyntax-only").arg(source));
        }
    }
}

/// With the standard libraries before and after: their headers survive our macros, and ours theirs.
#[test]
fn headers_of_the_standard_libraries_go_before_and_after() {
    let directory = tempfile::tempdir().unwrap();
    let c = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <wchar.h>\n#include <time.h>\n\
             #include <errno.h>\n#include <pthread.h>\n#include <sys/mman.h>\n#include <unistd.h>\n#include <signal.h>\n";
    let cpp = "#include <algorithm>\n#include <atomic>\n#include <chrono>\n#include <functional>\n#include <iostream>\n\
               #include <limits>\n#include <map>\n#include <memory>\n#include <mutex>\n#include <random>\n\
               #include <sstream>\n#include <string>\n#include <thread>\n#include <vector>\n";
    let main = "int main(void) { return 0; }\n";
    for (compiler, standard, extension, others) in
        [("gcc", "gnu11", "c", c.to_owned()), ("g++", "gnu++17", "cpp", c.to_owned() + cpp)]
    {
        let ours = "#include <windows.h>\n#include <intrin.h>\n#include <psapi.h>\n";
        for text in [format!("{ours}{others}{main}"), format!("{others}{ours}{main}")] {
            let source = write(directory.path(), &format!("mixed.{extension}"), &text);
            succeed(strict(compiler, standard).arg("-fsyntax-only").arg(source));
        }
    }
}

/// What is compiled into programs does what it says: `uses.c`, as C and as C++, from two translation units each.
#[test]
fn macros_and_inline_functions_work() {
    let source = crate_root().join("tests/headers/uses.c");
    let directory = tempfile::tempdir().unwrap();
    let mut compilers = vec![("gcc", "c", "c99"), ("gcc", "c", "gnu17"), ("g++", "c++", "c++20")];
    if has("clang", "clang") {
        compilers.extend([("clang", "c", "c11"), ("clang++", "c++", "c++11")]);
    }
    for (compiler, language, standard) in compilers {
        for unicode in UNICODE {
            for wide in WIDE {
                // In strict C99 there is no u"text".
                if standard == "c99" && !unicode.is_empty() && wide.is_empty() {
                    continue;
                }
                let program = directory.path().join("uses");
                let mut command = strict(compiler, standard);
                command.args(["-x", language]).args(unicode).args(wide).arg("-O1");
                command.arg("-fsanitize=undefined").arg("-fno-sanitize-recover=all");
                let second = write(directory.path(), "second.c", SECOND);
                succeed(command.arg(&source).arg(second).arg("-o").arg(&program));
                succeed(&mut Command::new(&program));
            }
        }
    }
}

const SECOND: &str = "#include <windows.h>\n#include <intrin.h>\n\
                      LONG second_unit(LONG *n);\n\
                      LONG second_unit(LONG *n) { return InterlockedIncrement(n); }\n";
