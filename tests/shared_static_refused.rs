//! What cannot be a static of all instances is refused by the compiler, in words that say what to do.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The library that this test was linked with, or one as new.
fn library(dependencies: &Path) -> PathBuf {
    let files = std::fs::read_dir(dependencies).unwrap().flatten().map(|entry| entry.path());
    let built = files.filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("libmapview-") && name.ends_with(".rlib")
    });
    built.max_by_key(|path| path.metadata().unwrap().modified().unwrap()).expect("it was built")
}

/// What the compiler says of a program with this in it; empty if it takes it.
fn compile(text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("program.rs");
    std::fs::write(&source, format!("{text}\nfn main() {{}}\n")).unwrap();
    let own = std::env::current_exe().unwrap();
    let dependencies = own.parent().unwrap();
    let mut compiler = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    compiler.args(["--edition", "2021", "--emit", "metadata", "--color", "never", "--out-dir"]);
    compiler.arg(directory.path()).arg("--extern");
    compiler.arg(format!("mapview={}", library(dependencies).display()));
    compiler.arg("-L").arg(format!("dependency={}", dependencies.display())).arg(&source);
    let output = compiler.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("rustc is there");
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.success(), !told.contains("error"), "{told}");
    if output.status.success() {
        String::new()
    } else {
        told
    }
}

#[test]
fn a_type_that_cannot_be_shared_is_refused_with_a_message_that_says_what_to_take() {
    let good = "mapview::shared_static! { static A: std::sync::atomic::AtomicU32 = 1; \
                static B: mapview::Shared<[u64; 4]> = [0; 4]; }\n\
                fn use_them() { A.get().unwrap(); B.get().unwrap(); }";
    assert_eq!(compile(&format!("#![allow(dead_code)]\n{good}")), "");
    for wrong in
        ["std::sync::Mutex<Vec<String>>", "u64", "Vec<u8>", "std::sync::atomic::AtomicBool"]
    {
        let told = compile(&format!(
            "mapview::shared_static! {{ static A: {wrong} = Default::default(); }}"
        ));
        assert!(told.contains("as it stands: it is no atomic integer"), "{wrong}: {told}");
        assert!(told.contains("or for a shared static `mapview::Shared<T>`"), "{told}");
    }
    // Under a lock, too, only plain data; an address means nothing to another process.
    for wrong in ["String", "&'static str", "Box<u8>", "*const u8"] {
        let shared = format!("mapview::Shared<{wrong}>");
        let told =
            compile(&format!("mapview::shared_static! {{ static A: {shared} = panic!(); }}"));
        assert!(told.contains("error[E0277]"), "{wrong}: {told}");
    }
}
