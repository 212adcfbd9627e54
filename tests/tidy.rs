//! The rules of the house that the compiler does not know. Prints `file:line` for each breach.
#![cfg(not(windows))] // the same files everywhere, so once is enough

#[path = "support/code.rs"]
mod code;

use std::fs;
use std::path::{Path, PathBuf};

use code::{code_of, has_word};

const LONGEST_FILE: usize = 400;

struct Source {
    /// Relative to the root of the repository.
    path: String,
    text: String,
}

impl Source {
    fn is_below(&self, directories: &[&str]) -> bool {
        directories.iter().any(|directory| self.path.starts_with(directory))
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file of the repository, whoever tracks it.
fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&root(), &mut sources);
    assert!(sources.len() > 30, "the sources were not found");
    sources
}

fn collect(directory: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !name.starts_with('.') && !name.starts_with("target") {
                collect(&path, sources);
            }
        } else if [".rs", ".c", ".h"].iter().any(|end| name.ends_with(end)) {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().to_str().unwrap().to_string();
            sources.push(Source { path, text });
        }
    }
}

#[track_caller]
fn assert_none(breaches: Vec<String>, rule: &str) {
    assert!(breaches.is_empty(), "{rule}:\n{}", breaches.join("\n"));
}

#[test]
fn platforms_are_told_apart_only_under_sys() {
    let mut breaches = Vec::new();
    for source in sources() {
        let may = source.is_below(&["src/sys/", "tests/", "xtask/", "fuzz/"])
            || source.path == "crates/mapview-win32/src/lib.rs"; // there is nothing of it on Windows
        if may || source.path.contains("/tests/") || source.path.ends_with("/os.rs") {
            continue;
        }
        for (index, line) in code_of(&source.text).iter().enumerate() {
            let condition = ["cfg(", "cfg!(", "cfg_attr("].iter().any(|cfg| line.contains(cfg));
            let platform = ["target_os", "target_family", "unix", "windows", "linux"]
                .iter()
                .any(|word| has_word(line, word));
            if condition && platform {
                breaches.push(format!("{}:{}", source.path, index + 1));
            }
        }
    }
    assert_none(
        breaches,
        "a platform cfg belongs under src/sys, or into a file os.rs of a program",
    );
}

#[test]
fn unsafe_stays_in_the_files_made_for_it() {
    let made_for_it = [
        "crates/mapview-channel/src/area.rs",
        "crates/mapview-channel/src/payload.rs",
        "src/sys/",
        "src/heap.rs",
        "src/view.rs",
        "src/copy.rs",
        "src/layout.rs",
        "src/memory.rs",
        "src/memory_views.rs",
        "src/region.rs",
        "src/shared_static.rs",
    ];
    let mut breaches = Vec::new();
    for source in sources() {
        // Tests and measurements call the system on purpose; a C interface consists of it.
        let outside = source.is_below(&["tests/", "benches/", "fuzz/", "crates/mapview-bench/"])
            || source.is_below(&["crates/mapview-channel-bench/"])
            || source.is_below(&["crates/mapview-win32/", "crates/mapview-channel/tests/"]);
        if outside || source.is_below(&made_for_it) {
            continue;
        }
        for (index, line) in code_of(&source.text).iter().enumerate() {
            if has_word(line, "unsafe") {
                breaches.push(format!("{}:{}", source.path, index + 1));
            }
        }
    }
    assert_none(breaches, "no unsafe outside the files made for it");
}

#[test]
fn every_unsafe_block_answers_its_duties() {
    let mut breaches = Vec::new();
    for source in sources() {
        let lines: Vec<&str> = source.text.lines().collect();
        for (index, code) in code_of(&source.text).iter().enumerate() {
            let block = code.contains("unsafe {") || code.contains("unsafe impl");
            let above = &lines[index.saturating_sub(6)..=index];
            if block && !above.iter().any(|line| line.contains("SAFETY:")) {
                breaches.push(format!("{}:{}", source.path, index + 1));
            }
        }
    }
    assert_none(breaches, "an unsafe block without a SAFETY comment right above");
}

#[test]
fn no_source_file_is_too_long() {
    let long = |source: &Source| source.text.lines().count() > LONGEST_FILE;
    let breaches = sources().into_iter().filter(long).map(|source| source.path).collect();
    assert_none(breaches, "a source file has at most 400 lines");
}

#[test]
fn nothing_is_left_to_do() {
    let words = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    let macros = [["todo", "!("].concat(), ["unimplemented", "!("].concat()];
    let mut breaches = Vec::new();
    for source in sources() {
        for (index, line) in source.text.lines().enumerate() {
            let said = words.iter().any(|word| has_word(line, word));
            if said || macros.iter().any(|stub| line.contains(stub)) {
                breaches.push(format!("{}:{}", source.path, index + 1));
            }
        }
    }
    assert_none(breaches, "unfinished work");
}

/// The tests that docs/object-model.md names, as (file, test).
fn named_tests(document: &str) -> Vec<(String, String)> {
    let mut named = Vec::new();
    for word in document.split('`') {
        let plain = |part: &str| {
            part.bytes().all(|c| c.is_ascii_lowercase() || b"_0123456789".contains(&c))
        };
        if let Some((file, test)) = word.split_once("::") {
            if !file.is_empty() && !test.is_empty() && plain(file) && plain(test) {
                named.push((file.to_string(), test.to_string()));
            }
        }
    }
    named
}

#[test]
fn every_test_that_the_object_model_names_exists() {
    let document = fs::read_to_string(root().join("docs/object-model.md")).unwrap();
    let named = named_tests(&document);
    assert!(named.len() > 80, "the table was not understood: {} tests", named.len());
    let mut breaches = Vec::new();
    for (file, test) in named {
        let text = |directory: &str| {
            fs::read_to_string(root().join(directory).join(format!("{file}.rs")))
                .unwrap_or_default()
        };
        let places = ["tests", "crates/mapview-channel/tests"];
        if !places.iter().any(|place| is_test(&text(place), &test)) {
            breaches.push(format!("{file}::{test}"));
        }
    }
    assert_none(breaches, "docs/object-model.md names tests that do not exist");
}

/// Whether the text has this function as a test that runs, if only in a lane of its own, not as a hidden one.
fn is_test(text: &str, test: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let begins = format!("fn {test}(");
    let is_it = |line: &&str| line.strip_prefix("async ").unwrap_or(line).starts_with(&begins);
    let Some(end) = lines.iter().position(is_it) else { return false };
    let attributes: Vec<&str> =
        lines[..end].iter().rev().copied().take_while(|line| line.starts_with("#[")).collect();
    let runs = |line: &&str| *line == "#[test]" || line.starts_with("#[tokio::test");
    let hidden =
        |line: &&str| line.starts_with("#[ignore") && !line.contains("run by `cargo xtask test");
    attributes.iter().any(runs) && !attributes.iter().any(hidden)
}
