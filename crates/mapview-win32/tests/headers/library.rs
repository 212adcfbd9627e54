//! The headers and the library are about the same functions.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::tools::{include_directory, library, public_headers, succeed, write};

/// A function that a header declares and does not define.
pub struct Declaration {
    pub name: String,
    pub prototype: String,
    header: String,
}

impl Declaration {
    /// Whether the header is one that the C library has as well, or part of such a header.
    pub fn is_of_c_runtime(&self) -> bool {
        let others =
            ["conio.h", "crtdbg.h", "direct.h", "io.h", "malloc.h", "process.h", "stdio.h"];
        let more = ["stdlib.h", "string.h", "strsafe.h", "tchar.h", "time.h", "wchar.h"];
        let is = |names: &[&str]| names.contains(&self.header.as_str());
        is(&others) || is(&more) || self.header.starts_with("mapview_crt")
    }

    /// Whether the program defines it, not the library.
    fn is_of_the_program(&self) -> bool {
        ["WinMain", "wWinMain"].contains(&self.name.as_str())
    }
}

/// All of them.
pub fn declarations(directory: &Path) -> Vec<Declaration> {
    let text: String = public_headers().iter().map(|name| format!("#include <{name}>\n")).collect();
    let source = write(directory, "declarations.c", &text);
    let list = directory.join("declarations.txt");
    let mut gcc = Command::new("gcc");
    gcc.arg("-std=gnu11").arg("-I").arg(include_directory());
    succeed(gcc.arg("-aux-info").arg(&list).arg("-fsyntax-only").arg(source));
    let ours = include_directory().display().to_string();
    let mut found = Vec::new();
    for line in std::fs::read_to_string(list).unwrap().lines() {
        // "/* file:line:NC */ extern BOOL CloseHandle (HANDLE);"
        let Some((place, rest)) = line.split_once(" */ ") else { continue };
        if place.contains(&ours) && rest.starts_with("extern ") {
            let prototype = rest.split(" /*").next().expect("a first part");
            let head = prototype.split(" (").next().expect("a first part");
            let name = head.rsplit([' ', '*']).next().expect("a name");
            let file = place.split(':').next().expect("a path");
            let header = file.rsplit('/').next().expect("a name").to_owned();
            found.push(Declaration {
                name: name.to_owned(),
                prototype: prototype.to_owned(),
                header,
            });
        }
    }
    assert!(found.len() > 300, "the declarations were not found: {}", found.len());
    found
}

fn declared() -> BTreeSet<String> {
    let directory = tempfile::tempdir().unwrap();
    declarations(directory.path()).into_iter().map(|one| one.name).collect()
}

/// The symbols that the shared library gives to programs.
fn exported() -> BTreeSet<String> {
    let list =
        succeed(Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(library()));
    let names: BTreeSet<String> =
        list.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(names.contains("CloseHandle"), "nm was not understood:\n{list}");
    names
}

/// What a program that uses every declared function looks for when it is linked: most functions go by their own name, those
/// of the C runtime by another one.
fn referred_to() -> BTreeSet<String> {
    let directory = tempfile::tempdir().unwrap();
    let mut text: String =
        public_headers().iter().map(|name| format!("#include <{name}>\n")).collect();
    text += "void (*all[])(void) = {\n";
    for one in declarations(directory.path()).iter().filter(|one| !one.is_of_the_program()) {
        text += &format!("(void (*)(void))({}),\n", one.name);
    }
    text += "};\n";
    let mut symbols = BTreeSet::new();
    for wide in [&[][..], &["-fshort-wchar"]] {
        let source = write(directory.path(), "all.c", &text);
        let object = directory.path().join("all.o");
        let mut gcc = Command::new("gcc");
        gcc.args(["-std=gnu11", "-w", "-c"]).args(wide).arg("-I").arg(include_directory());
        succeed(gcc.arg(source).arg("-o").arg(&object));
        let list = succeed(Command::new("nm").args(["-u", "--format=posix"]).arg(object));
        symbols.extend(list.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned));
    }
    assert!(symbols.contains("CloseHandle"), "nm was not understood: {symbols:?}");
    symbols
}

#[test]
fn every_declared_function_is_in_the_library() {
    let exported = exported();
    let missing = |name: &String| !exported.contains(name) && !is_in_libc(name);
    let missing: Vec<_> = referred_to().into_iter().filter(missing).collect();
    assert!(missing.is_empty(), "declared, but not in the library: {missing:?}");
}

/// Whether the C library, which programs link anyway, has the function.
fn is_in_libc(name: &str) -> bool {
    let name = std::ffi::CString::new(name).unwrap();
    // SAFETY: a terminated name, looked up in what is loaded; Microsoft's names are not in any of it.
    !unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) }.is_null()
}

#[test]
fn every_symbol_of_the_library_is_declared_or_internal() {
    let declared: BTreeSet<String> = &declared() | &referred_to();
    let strange = |name: &String| !declared.contains(name) && !name.starts_with("mapview_");
    let strange: Vec<_> = exported().into_iter().filter(strange).collect();
    assert!(strange.is_empty(), "in the library, but not declared: {strange:?}");
}

#[test]
fn the_soname_carries_the_number_of_the_binary_interface() {
    let dynamic = succeed(Command::new("readelf").arg("-d").arg(library()));
    assert!(dynamic.contains("[libmapview-win32.so.0]"), "{dynamic}");
}
