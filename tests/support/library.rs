//! The library of tests/images as a file: built by mingw-w64, or found where whoever runs the tests under Wine built it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// How the library is linked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    /// With relocations, packed as tightly in the file as mingw-w64 does by itself.
    Plain,
    /// In whole pages in the file.
    InPages,
}

impl Linked {
    fn name(self) -> &'static str {
        match self {
            Linked::Plain => "plain",
            Linked::InPages => "in-pages",
        }
    }

    fn options(self) -> &'static [&'static str] {
        match self {
            Linked::Plain => &[],
            Linked::InPages => &["-Wl,--file-alignment,4096"],
        }
    }
}

/// Where the libraries are if they need not be built.
pub const BUILT: &str = "MAPVIEW_TEST_LIBRARIES";

/// The library, a file of this test's own in `directory`.
pub fn library(directory: &Path, linked: Linked) -> PathBuf {
    let file = format!("{}.dll", linked.name());
    let path = directory.join(&file);
    if let Some(built) = std::env::var_os(BUILT) {
        std::fs::copy(Path::new(&built).join(file), &path).expect("it was built before");
        return path;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images/counter.c");
    let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
    compiler.args(["-shared", "-nostdlib", "-O1", "-Wl,--entry,entry", "-o"]).arg(&path);
    let built = compiler.arg(source).args(linked.options()).status();
    assert!(built.expect("mingw-w64 is installed").success());
    path
}

/// Says in the headers that the relocations were left out.
pub fn fix(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let headers = u32::from_le_bytes(bytes[0x3c..0x40].try_into().unwrap()) as usize;
    bytes[headers + 22] |= 1; // IMAGE_FILE_RELOCS_STRIPPED, in the characteristics
    std::fs::write(path, bytes).unwrap();
}
