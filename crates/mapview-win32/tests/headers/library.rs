//! The headers and the library are about the same functions.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::tools::{headers, include_directory, library, succeed, write};

/// The functions that the headers declare and do not define: name and prototype.
pub fn declarations(directory: &Path) -> Vec<(String, String)> {
    let text: String = headers().iter().map(|name| format!("#include <{name}>\n")).collect();
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
            found.push((name.to_owned(), prototype.to_owned()));
        }
    }
    assert!(found.len() > 300, "the declarations were not found: {}", found.len());
    found
}

fn declared() -> BTreeSet<String> {
    let directory = tempfile::tempdir().unwrap();
    declarations(directory.path()).into_iter().map(|(name, _)| name).collect()
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

#[test]
fn every_declared_function_is_in_the_library() {
    let exported = exported();
    let missing: Vec<_> = declared().into_iter().filter(|name| !exported.contains(name)).collect();
    assert!(missing.is_empty(), "declared, but not in the library: {missing:?}");
}

#[test]
fn every_symbol_of_the_library_is_declared_or_internal() {
    let declared = declared();
    let strange = |name: &String| !declared.contains(name) && !name.starts_with("mapview_");
    let strange: Vec<_> = exported().into_iter().filter(strange).collect();
    assert!(strange.is_empty(), "in the library, but not declared: {strange:?}");
}

#[test]
fn the_soname_carries_the_number_of_the_binary_interface() {
    let dynamic = succeed(Command::new("readelf").arg("-d").arg(library()));
    assert!(dynamic.contains("[libmapview-win32.so.0]"), "{dynamic}");
}
