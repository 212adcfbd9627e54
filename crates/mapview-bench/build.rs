//! Compiles the rivals that are not Rust, where there is what they need; else their rows say so.

use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(boost)");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        boost();
        wine();
        reverse();
    }
}

/// Boost, where a C++ compiler and Boost's headers are installed.
fn boost() {
    const SOURCE: &str = "benches/rivals/linux/boost.cpp";
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-env-changed=CPLUS_INCLUDE_PATH");
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").opt_level(3).file(SOURCE).cargo_warnings(false).warnings(false);
    // Whatever is missing, the compiler or the headers: the rival is not there.
    if build.try_compile("mapview_bench_boost").is_ok() {
        println!("cargo::rustc-link-lib=rt");
        println!("cargo::rustc-cfg=boost");
    }
}

/// A program for Windows, where mingw is installed; Wine runs it.
fn wine() {
    const SOURCE: &str = "benches/rivals/linux/wine.c";
    println!("cargo::rerun-if-changed={SOURCE}");
    let program = PathBuf::from(std::env::var("OUT_DIR").expect("Cargo sets it")).join("rival.exe");
    let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
    compiler.args(["-O2", "-o"]).arg(&program).arg(SOURCE);
    if compiler.output().is_ok_and(|output| output.status.success()) {
        println!("cargo::rustc-env=MAPVIEW_BENCH_WINE_RIVAL={}", program.display());
    }
}

/// A plain program in C that reverses a file, where there is a C compiler.
fn reverse() {
    const SOURCE: &str = "benches/rivals/linux/reverse.c";
    println!("cargo::rerun-if-changed={SOURCE}");
    let program = PathBuf::from(std::env::var("OUT_DIR").expect("Cargo sets it")).join("reverse");
    let Ok(compiler) = cc::Build::new().opt_level(3).try_get_compiler() else { return };
    let mut compiler = compiler.to_command();
    compiler.arg("-O3").arg("-o").arg(&program).arg(SOURCE);
    if compiler.output().is_ok_and(|output| output.status.success()) {
        println!("cargo::rustc-env=MAPVIEW_BENCH_REVERSE_RIVAL={}", program.display());
    }
}
