//! `cargo xtask install`: the C interface for C and C++ programs: headers, libraries, pkg-config and CMake files.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{cargo, root, run, target_dir};

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The number of the binary interface, which the soname carries (`crates/mapview-win32/build.rs`).
const INTERFACE: u32 = 0;

/// What a program that links the static library links besides.
const BESIDES_STATIC: &str = "-lpthread -ldl -lm -lgcc_s -lc";

/// Where things go: below `prefix`, which lies below `stage` while a package is made.
struct Place {
    prefix: PathBuf,
    stage: PathBuf,
}

impl Place {
    /// The directory below the prefix, made now.
    fn directory(&self, below: &str) -> io::Result<PathBuf> {
        let inside = self.prefix.strip_prefix("/").unwrap_or(&self.prefix);
        let whole = match self.stage.as_os_str().is_empty() {
            true => self.prefix.join(below),
            false => self.stage.join(inside).join(below),
        };
        fs::create_dir_all(&whole)?;
        Ok(whole)
    }
}

/// Builds and installs to the prefix; `DESTDIR` is put before it, but does not get into any file.
pub fn install(prefix: &str) -> Result<(), String> {
    let prefix = std::path::absolute(prefix).map_err(|error| format!("{prefix}: {error}"))?;
    let stage = std::env::var_os("DESTDIR").map_or_else(PathBuf::new, PathBuf::from);
    run(&mut cargo("build --release -p mapview-win32"))?;
    let place = Place { prefix, stage };
    let all = [headers, libraries, pkg_config, cmake];
    let shown = |error| format!("installing to {}: {error}", place.prefix.display());
    all.iter().try_for_each(|part| part(&place)).map_err(shown)?;
    explain(&place.prefix);
    Ok(())
}

fn source(path: &str) -> PathBuf {
    root().join("crates/mapview-win32").join(path)
}

fn headers(place: &Place) -> io::Result<()> {
    let include = place.directory("include/mapview")?;
    for entry in fs::read_dir(source("include/mapview"))? {
        let entry = entry?;
        replace(&include.join(entry.file_name()), |to| fs::copy(entry.path(), to).map(drop))?;
    }
    let spellings = fs::read_to_string(source("include/spellings"))?;
    for name in spellings.lines().filter(|line| !line.starts_with('#')) {
        replace(&include.join(name), |link| symlink(name.to_lowercase(), link))?;
    }
    Ok(())
}

fn libraries(place: &Place) -> io::Result<()> {
    let lib = place.directory("lib")?;
    let built = target_dir().join("release");
    let shared = format!("libmapview-win32.so.{VERSION}");
    let soname = format!("libmapview-win32.so.{INTERFACE}");
    for (from, to) in
        [("libmapview_win32.so", shared.as_str()), ("libmapview_win32.a", "libmapview-win32.a")]
    {
        replace(&lib.join(to), |to| fs::copy(built.join(from), to).map(drop))?;
    }
    replace(&lib.join(&soname), |link| symlink(&shared, link))?;
    replace(&lib.join("libmapview-win32.so"), |link| symlink(&soname, link))?;
    replace(&lib.join("libmapview-main.a"), |to| fs::copy(main_archive()?, to).map(drop))
}

/// `main` for programs that have `wmain` or `WinMain`, in an archive, from which the linker takes it only when nothing else
/// has it.
fn main_archive() -> io::Result<PathBuf> {
    let (object, archive) =
        (target_dir().join("release/main.o"), target_dir().join("release/libmapview-main.a"));
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-fPIC", "-w", "-c"]).arg(source("start/main.c")).arg("-o").arg(&object);
    run(&mut cc).map_err(io::Error::other)?;
    let _ = fs::remove_file(&archive);
    run(Command::new("ar").arg("rcs").arg(&archive).arg(&object)).map_err(io::Error::other)?;
    Ok(archive)
}

/// Makes what is to be at the path anew: a running program may still have mapped what was there.
fn replace(path: &Path, make: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => make(path),
    }
}

fn pkg_config(place: &Place) -> io::Result<()> {
    let text = fs::read_to_string(source("package/mapview-win32.pc.in"))?;
    let to = place.directory("lib/pkgconfig")?.join("mapview-win32.pc");
    fs::write(to, filled_in(&text, &place.prefix))
}

fn cmake(place: &Place) -> io::Result<()> {
    let directory = place.directory("lib/cmake/mapview-win32")?;
    for name in ["mapview-win32-config.cmake", "mapview-win32-config-version.cmake"] {
        let text = fs::read_to_string(source("package").join(format!("{name}.in")))?;
        fs::write(directory.join(name), filled_in(&text, &place.prefix))?;
    }
    Ok(())
}

fn filled_in(text: &str, prefix: &Path) -> String {
    text.replace("@prefix@", &prefix.display().to_string())
        .replace("@version@", VERSION)
        .replace("@besides_static@", BESIDES_STATIC)
}

fn explain(prefix: &Path) {
    let prefix = prefix.display();
    println!(
        "\
Installed mapview-win32 {VERSION} to {prefix}:
  include/mapview/              windows.h and the headers it is made of
  lib/libmapview-win32.so       the shared library (soname libmapview-win32.so.{INTERFACE}), and the static one
  lib/libmapview-main.a         main for programs that have wmain, WinMain or wWinMain
  lib/pkgconfig, lib/cmake      for pkg-config and CMake

With pkg-config:
  export PKG_CONFIG_PATH={prefix}/lib/pkgconfig
  gcc program.c $(pkg-config --cflags --libs mapview-win32) -Wl,-rpath,{prefix}/lib
With CMake (-DCMAKE_PREFIX_PATH={prefix}):
  find_package(mapview-win32 REQUIRED)
  target_link_libraries(program mapview::win32)
For sources that write L\"text\" or wchar_t add -fshort-wchar; docs/win32.md has the rest."
    );
}
