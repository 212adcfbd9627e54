//! What lanes need besides Rust itself, how to see whether it is there, and how to get it.

use std::process::Command;

use crate::command::{run, succeeds};

/// Something a lane needs.
pub struct Need {
    what: &'static str,
    present: fn() -> bool,
    source: Source,
}

/// Where a need comes from.
enum Source {
    /// Debian packages.
    Packages(&'static [&'static str]),
    /// Arguments to rustup.
    Rustup(&'static [&'static str]),
}

pub const WINDOWS_TARGET: &str = "x86_64-pc-windows-gnu";

pub const RUSTFMT: Need = Need {
    what: "rustfmt",
    present: || succeeds("cargo", &["fmt", "--version"]),
    source: Source::Rustup(&["component", "add", "rustfmt"]),
};

pub const CLIPPY: Need = Need {
    what: "clippy",
    present: || succeeds("cargo", &["clippy", "--version"]),
    source: Source::Rustup(&["component", "add", "clippy"]),
};

pub const WINDOWS_RUST: Need = Need {
    what: "Rust's standard library for Windows",
    present: has_windows_target,
    source: Source::Rustup(&["target", "add", WINDOWS_TARGET]),
};

pub const MINGW: Need = Need {
    what: "the mingw-w64 compiler",
    present: || succeeds("x86_64-w64-mingw32-gcc", &["--version"]),
    source: Source::Packages(&["gcc-mingw-w64-x86-64"]),
};

pub const MINGW_CPP: Need = Need {
    what: "the mingw-w64 compiler for C++",
    present: || succeeds("x86_64-w64-mingw32-g++", &["--version"]),
    source: Source::Packages(&["g++-mingw-w64-x86-64"]),
};

pub const CPP: Need = Need {
    what: "a C++ compiler",
    present: || succeeds("g++", &["--version"]),
    source: Source::Packages(&["g++"]),
};

pub const CLANG: Need = Need {
    what: "clang",
    present: || succeeds("clang", &["--version"]) && succeeds("clang++", &["--version"]),
    source: Source::Packages(&["clang"]),
};

pub const CMAKE: Need = Need {
    what: "CMake",
    present: || succeeds("cmake", &["--version"]),
    source: Source::Packages(&["cmake", "make"]),
};

pub const PKG_CONFIG: Need = Need {
    what: "pkg-config",
    present: || succeeds("pkg-config", &["--version"]),
    source: Source::Packages(&["pkgconf"]),
};

pub const WINE: Need = Need {
    what: "Wine",
    present: || succeeds("wine", &["--version"]) && succeeds("wineserver", &["--version"]),
    source: Source::Packages(&["wine", "wine64"]),
};

pub const MIRI: Need = Need {
    what: "Miri, with a nightly Rust",
    present: || succeeds("cargo", &["+nightly", "miri", "--version"]),
    source: Source::Rustup(&[
        "toolchain",
        "install",
        "nightly",
        "--profile",
        "minimal",
        "--component",
        "miri",
        "--component",
        "rust-src",
    ]),
};

fn has_windows_target() -> bool {
    let arguments = ["--print", "target-libdir", "--target", WINDOWS_TARGET];
    let output = Command::new("rustc").args(arguments).output();
    output.is_ok_and(|output| {
        let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success() && std::path::Path::new(&path).is_dir()
    })
}

impl Need {
    fn install(&self) -> Result<(), String> {
        match self.source {
            Source::Rustup(arguments) => run(Command::new("rustup").args(arguments)),
            Source::Packages(packages) => {
                run(apt_get().arg("update"))?;
                run(apt_get().args(["install", "-y", "--no-install-recommends"]).args(packages))
            }
        }
    }

    fn how_to_get_it(&self) -> String {
        match self.source {
            Source::Rustup(arguments) => format!("rustup {}", arguments.join(" ")),
            Source::Packages(packages) => format!("apt-get install {}", packages.join(" ")),
        }
    }
}

fn apt_get() -> Command {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
    if !is_root {
        command.args(["-n", "apt-get"]);
    }
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Sees to it that all `needs` are there; `install` says whether by installing them. The error says how to get what is
/// missing.
pub fn ensure(needs: &[Need], install: bool) -> Result<(), String> {
    let mut missing = Vec::new();
    for need in needs.iter().filter(|need| !(need.present)()) {
        let installed = if install { need.install() } else { Err("missing".to_owned()) };
        match installed {
            Ok(()) if (need.present)() => {}
            Ok(()) => missing.push(format!("{} is still missing after installing it", need.what)),
            Err(why) => {
                missing.push(format!(
                    "{}: {why}; get it with `{}`",
                    need.what,
                    need.how_to_get_it()
                ));
            }
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(missing.join("; "))
}
