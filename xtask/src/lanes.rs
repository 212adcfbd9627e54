//! The lanes, in order of cost.

use std::process::Command;

use crate::command::{cargo, run, run_tests, target_dir};
use crate::needs::{
    Need, CLANG, CLIPPY, CMAKE, CPP, MINGW, MINGW_CPP, MIRI, PKG_CONFIG, RUSTFMT, WINDOWS_RUST,
    WINE,
};
use crate::{readme, wine};

/// One thing that CI runs.
pub struct Lane {
    pub name: &'static str,
    pub about: &'static str,
    pub needs: &'static [Need],
    /// The number of tests that passed, 0 where nothing is counted; or what went wrong.
    pub run: fn() -> Result<u64, String>,
    /// Whether it is about the Linux port, or about seeing to Windows from Linux.
    linux_only: bool,
    /// Whether it runs only when it is named: it needs a toolchain of another day than the project's.
    pub on_request: bool,
}

/// Every lane that makes sense on this system.
pub fn all() -> Vec<Lane> {
    let everywhere = |name, about, needs, run| Lane {
        name,
        about,
        needs,
        run,
        linux_only: false,
        on_request: false,
    };
    let on_linux =
        |name, about, needs, run| Lane { linux_only: true, ..everywhere(name, about, needs, run) };
    let mut lanes = vec![
        everywhere("fmt", "formatting", &[RUSTFMT], fmt),
        everywhere("clippy", "lints, all targets", &[CLIPPY], clippy),
        everywhere("tidy", "the rules of the house", &[], tidy),
        everywhere("docs", "documentation without warnings, and its examples", &[], docs),
        everywhere("test", "unit and integration tests", &[], test),
        everywhere("loom", "every interleaving of the state machines", &[], loom),
        Lane {
            on_request: true,
            ..everywhere("miri", "the state machines under Miri; only when named", &[MIRI], miri)
        },
        Lane {
            on_request: true,
            ..on_linux(
                "tsan",
                "channels between threads under ThreadSanitizer; only when named",
                &[MIRI],
                tsan,
            )
        },
        on_linux(
            "in-record",
            "the tests with memory in the record, as if /proc were closed",
            &[],
            in_record,
        ),
        on_linux("readme", "the commands of README.md", &[PKG_CONFIG], readme::run_commands),
        on_linux(
            "c",
            "the C interface installed and used with pkg-config and CMake, its headers and its tests",
            &[CLANG, CMAKE, CPP, MINGW, MINGW_CPP, PKG_CONFIG],
            c_interface,
        ),
        on_linux(
            "oracle",
            "the C scenarios, here and under Wine, and with sanitizers",
            &[MINGW, MINGW_CPP, WINE],
            wine::run_oracle,
        ),
        on_linux(
            "images",
            "libraries for Windows as mappings: built here, and all that Debian has",
            &[MINGW, WINE],
            images,
        ),
        Lane {
            on_request: true,
            ..on_linux(
                "channel-bench",
                "the benchmark of channels: lints and a short run; only when named",
                &[CLIPPY, CPP],
                channel_bench,
            )
        },
        on_linux("windows-clippy", "lints for Windows", &[CLIPPY, WINDOWS_RUST], windows_clippy),
        on_linux(
            "windows",
            "the tests and the program, cross-built and run under Wine",
            &[WINDOWS_RUST, MINGW, WINE],
            wine::run_tests,
        ),
    ];
    lanes.retain(|lane| cfg!(target_os = "linux") || !lane.linux_only);
    lanes
}

fn fmt() -> Result<u64, String> {
    run(&mut cargo("fmt --all --check")).map(|()| 0)
}

fn clippy() -> Result<u64, String> {
    run(&mut cargo("clippy --workspace --all-targets -- -D warnings")).map(|()| 0)
}

fn tidy() -> Result<u64, String> {
    run_tests(&mut cargo("test -p mapview --test tidy"))
}

fn docs() -> Result<u64, String> {
    run(cargo("doc -p mapview -p mapview-channel --no-deps").env("RUSTDOCFLAGS", "-D warnings"))?;
    run_tests(&mut cargo("test -p mapview -p mapview-channel --doc"))
}

fn test() -> Result<u64, String> {
    // The C interface has lanes of its own: its tests need more compilers.
    let packages = "test --no-fail-fast --workspace --exclude mapview-win32";
    run_tests(cargo(packages).args(["--features", "mapview-channel/postcard"]).args([
        "--lib",
        "--bins",
        "--tests",
        "--examples",
    ]))
}

fn loom() -> Result<u64, String> {
    run_tests(&mut with_cfg("loom", "test -p mapview -p mapview-channel --release --test loom*"))
}

/// What makes system calls cannot run there, and needs another judge.
fn miri() -> Result<u64, String> {
    let miri = |tests: &str| {
        let mut command = Command::new("cargo"); // not the one of this toolchain
        command.args("+nightly miri test".split(' ')).args(tests.split(' '));
        run_tests(command.env("CARGO_TARGET_DIR", target_dir().join("miri")))
    };
    Ok(miri("-p mapview --lib state::")? + miri("-p mapview-channel --test machines")?)
}

/// Everything is compiled anew, the standard library too, so that all of it is seen.
fn tsan() -> Result<u64, String> {
    let mut command = Command::new("cargo"); // not the one of this toolchain
    let tests = "+nightly test -Zbuild-std --target x86_64-unknown-linux-gnu -p mapview-channel --test tsan --test machines";
    command.args(tests.split(' ')).env("RUSTFLAGS", "-Zsanitizer=thread");
    run_tests(command.env("CARGO_TARGET_DIR", target_dir().join("tsan")))
}

fn in_record() -> Result<u64, String> {
    run_tests(&mut with_cfg(
        "mapview_force_in_record",
        "test --no-fail-fast -p mapview -p mapview-channel --lib --tests",
    ))
}

fn images() -> Result<u64, String> {
    let tests = "test -p mapview --test image --test image_files -- --include-ignored";
    run_tests(&mut cargo(tests))
}

/// A package on its own, because its rivals take longer to build than all of the project.
#[cfg(target_os = "linux")]
fn channel_bench() -> Result<u64, String> {
    let package = "crates/mapview-channel-bench/Cargo.toml";
    run(&mut cargo(&format!("clippy --manifest-path {package} --all-targets -- -D warnings")))?;
    run(&mut cargo(&format!("bench --manifest-path {package} -- --short"))).map(|()| 0)
}

#[cfg(not(target_os = "linux"))]
fn channel_bench() -> Result<u64, String> {
    Err("the benchmark of channels needs Linux".to_owned())
}

fn windows_clippy() -> Result<u64, String> {
    let mut command = cargo("clippy --workspace --all-targets --target");
    run(command.arg(crate::needs::WINDOWS_TARGET).args(["--", "-D", "warnings"])).map(|()| 0)
}

#[cfg(target_os = "linux")]
fn c_interface() -> Result<u64, String> {
    crate::c_interface::check()
}

#[cfg(not(target_os = "linux"))]
fn c_interface() -> Result<u64, String> {
    Err("the C interface is for Linux: Windows has its own".to_owned())
}

/// Cargo with a `--cfg`, in a target directory of its own, so that the others need not be built again.
fn with_cfg(cfg: &str, arguments: &str) -> Command {
    let mut command = cargo(arguments);
    command
        .env("RUSTFLAGS", format!("--cfg {cfg}"))
        .env("CARGO_TARGET_DIR", target_dir().join(cfg));
    command
}
