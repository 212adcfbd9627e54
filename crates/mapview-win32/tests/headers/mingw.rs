//! What mingw-w64's headers for Windows say and ours say is the same: prototypes, layouts, constants.

use std::path::Path;
use std::process::Command;

use crate::tools::{
    crate_root, has, headers, include_directory, library_directory, public_headers, succeed, write,
};

const MINGW: &str = "x86_64-w64-mingw32-gcc";
const PACKAGE: &str = "gcc-mingw-w64-x86-64";

/// The headers that both have.
const BOTH: &str = "#define _WIN32_WINNT 0x0A00\n#define NTDDI_VERSION 0x0A000006\n#include <windows.h>\n\
                    #include <psapi.h>\n#include <tlhelp32.h>\n#include <sddl.h>\n#include <aclapi.h>\n\
                    #include <shellapi.h>\n#include <winioctl.h>\n#include <winternl.h>\n#include <stddef.h>\n";

/// Compiles for Windows without a result; errors fail the test.
fn compile_for_windows(directory: &Path, name: &str, text: &str) {
    let source = write(directory, name, text);
    succeed(Command::new(MINGW).args(["-std=gnu11", "-w", "-fsyntax-only"]).arg(source));
}

/// The prototypes of our headers, one to a line. Those of the C runtime are macros over functions of ours, with fewer
/// decorations.
fn prototypes(directory: &Path) -> Vec<String> {
    let all = crate::library::declarations(directory).into_iter();
    all.filter(|one| !one.is_of_c_runtime()).map(|one| one.prototype).collect()
}

#[test]
fn prototypes_are_those_of_windows() {
    if !has(MINGW, PACKAGE) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let mut text = BOTH.to_owned();
    for line in prototypes(directory.path()) {
        // Documented with `const void *`; mingw-w64 forgot the `const`.
        if !line.contains("ReclaimVirtualMemory") && !line.contains("mapview_") {
            text += &line;
            text += "\n";
        }
    }
    compile_for_windows(directory.path(), "prototypes.c", &text);
}

/// What our headers make of `layouts.def`: the line and its number, in order.
fn our_layouts(directory: &Path) -> Vec<(String, u64)> {
    let def = crate_root().join("tests/headers/layouts.def");
    let text = format!(
        "{BOTH}#include <stdio.h>\n\
         #define SIZE(type) printf(\"sizeof(%s) %zu\\n\", #type, sizeof(type));\n\
         #define MEMBER(type, member) printf(\"offsetof(%s,%s) %zu\\n\", #type, #member, offsetof(type, member));\n\
         int main(void) {{\n#include \"{}\"\nreturn 0; }}\n",
        def.display()
    );
    numbers(directory, "layouts", &text)
}

/// Runs a program of ours that prints lines `expression number`.
fn numbers(directory: &Path, name: &str, text: &str) -> Vec<(String, u64)> {
    let source = write(directory, &format!("{name}.c"), text);
    let program = directory.join(name);
    let mut gcc = Command::new("gcc");
    gcc.arg("-std=gnu11").arg("-I").arg(include_directory());
    let library = library_directory("headers-lib"); // for our printf
    succeed(gcc.arg(source).arg("-o").arg(&program).arg("-L").arg(&library).arg("-lmapview-win32"));
    let output = succeed(Command::new(program).env("LD_LIBRARY_PATH", library));
    let pair = |line: &str| {
        let (expression, number) = line.rsplit_once(' ').expect("a line");
        (expression.to_owned(), number.parse().expect("a number"))
    };
    output.lines().map(pair).collect()
}

#[test]
fn structures_have_the_layout_of_windows() {
    if !has(MINGW, PACKAGE) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let layouts = our_layouts(directory.path());
    assert!(layouts.len() > 400, "the list was not understood: {} lines", layouts.len());
    let mut text = BOTH.to_owned();
    for (expression, number) in layouts {
        if !expression.contains("PartitionId") {
            text += &format!("_Static_assert({expression} == {number}, \"\");\n");
        }
    }
    compile_for_windows(directory.path(), "layouts_windows.c", &text);
}

#[test]
fn every_structure_is_in_the_list_of_layouts() {
    let list = std::fs::read_to_string(crate_root().join("tests/headers/layouts.def")).unwrap();
    let mut missing = Vec::new();
    for header in headers() {
        let text = std::fs::read_to_string(include_directory().join(&header)).unwrap();
        for name in structures(&text) {
            if !list.contains(&format!("SIZE({name})")) {
                missing.push(format!("{header}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "add to tests/headers/layouts.def:\n{}", missing.join("\n"));
}

/// The names in `} NAME, *PNAME;` that end the definition of a structure or union at the margin.
fn structures(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.ends_with('{')
            && (line.contains("typedef struct") || line.contains("typedef union"))
        {
            inside = true;
        } else if let (true, Some(rest)) = (inside, line.strip_prefix("} ")) {
            found.push(rest.split([',', ';']).next().expect("a first part").trim());
            inside = false;
        }
    }
    found
}

/// Macros whose value is a number for Windows as well, but another one.
const OTHERS: [&str; 4] = ["WINVER", "_WIN32_WINNT", "NTDDI_VERSION", "STRICT"];

/// The macros without parameters that our headers define to something.
fn macros() -> Vec<String> {
    let mut names = Vec::new();
    for header in headers() {
        let text = std::fs::read_to_string(include_directory().join(header)).unwrap();
        for line in text.lines() {
            let Some((name, value)) = line.strip_prefix("#define ").and_then(|l| l.split_once(' '))
            else {
                continue;
            };
            let own = ["MAPVIEW_", "WINAPI_"]; // of the latter, mingw-w64 has the values of an old SDK
            let plain = !name.contains('(') && !own.iter().any(|own| name.starts_with(own));
            if plain && !value.is_empty() && !OTHERS.contains(&name) && name != "CONST" {
                names.push(name.to_owned());
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

/// Those whose expansion is an expression of numbers.
fn constants(directory: &Path) -> Vec<String> {
    let names = macros();
    let marked: String = names.iter().map(|name| format!("\"{name}\" {name}\n")).collect();
    let all: String = public_headers().iter().map(|name| format!("#include <{name}>\n")).collect();
    let source = write(directory, "macros.c", &(all + &marked));
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=gnu11", "-DUNICODE", "-E", "-P"])
        .arg("-I")
        .arg(include_directory())
        .arg(source);
    let is_number = |text: &str| {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let types = ["DWORD", "LONG", "HRESULT", "HANDLE", "LONG_PTR", "WORD", "WCHAR", "NTSTATUS"];
        let number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        let known = |word: &str| word.is_empty() || number(word) || types.contains(&word);
        text.contains(|c: char| c.is_ascii_digit())
            && words.into_iter().all(known)
            && !text.contains(['{', '"'])
    };
    let mut found = Vec::new();
    for line in succeed(&mut gcc).lines() {
        if let Some((name, value)) = line.strip_prefix('"').and_then(|line| line.split_once("\" "))
        {
            if is_number(value) {
                found.push(name.to_owned());
            }
        }
    }
    found
}

#[test]
fn constants_have_the_values_of_windows() {
    if !has(MINGW, PACKAGE) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let names = constants(directory.path());
    let mut text: String =
        public_headers().iter().map(|name| format!("#include <{name}>\n")).collect();
    text += "#include <stdio.h>\nint main(void) {\n";
    for name in &names {
        text += &format!("printf(\"{name} %llu\\n\", (unsigned long long)({name}));\n");
    }
    text += "return 0; }\n";
    let values = numbers(directory.path(), "constants", &text);
    assert!(values.len() > 700, "the constants were not found: {}", values.len());
    let mut text = BOTH.to_owned();
    for (name, value) in values {
        text += &format!(
            "#ifdef {name}\n_Static_assert((unsigned long long)({name}) == {value}ull, \"{name} is not {value}\");\n#endif\n"
        );
    }
    compile_for_windows(directory.path(), "constants_windows.c", &text);
}
