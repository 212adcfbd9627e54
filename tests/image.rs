//! Executables as mappings: a real library, mapped, called and shared.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use mapview::{Image, ImageView, Mapping, PageOwner, Protect};
use support::code;

/// The library of tests/images, built by mingw-w64 with these options besides.
fn library(directory: &Path, options: &[&str]) -> PathBuf {
    let path = directory.join("counter.dll");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images/counter.c");
    let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
    compiler.args(["-shared", "-nostdlib", "-O1", "-Wl,--entry,entry", "-o"]).arg(&path);
    let built = compiler.arg(source).args(options).status().expect("mingw-w64 is installed");
    assert!(built.success());
    path
}

fn call(view: &ImageView, name: &str) -> i32 {
    let function = view.symbol_address(name).unwrap().expect("it is exported");
    // SAFETY: a function of the library that takes nothing, returns a number and needs no imports.
    let function: extern "win64" fn() -> i32 = unsafe { std::mem::transmute(function) };
    function()
}

#[test]
fn a_library_is_called_and_its_shared_section_is_one_for_all() {
    let directory = tempfile::tempdir().unwrap();
    let path = library(directory.path(), &[]);
    let view = Mapping::image(&path).unwrap();
    let sections: Vec<_> = view.image().sections().iter().map(|s| (&*s.name, s.protect)).collect();
    println!("{sections:?} {:?}", view.pages().unwrap());
    assert_eq!(call(&view, "count_common"), 24);
    assert_eq!(call(&view, "count_own"), 6);
    let second = Mapping::image(&path).unwrap();
    assert!(second.is_relocated());
    assert_eq!(call(&second, "count_common"), 25);
    assert_eq!(call(&second, "count_own"), 6);
    println!("{:?}", second.pages().unwrap());
    for view in [&view, &second] {
        let text = view.symbol_address("get_text").unwrap().unwrap();
        // SAFETY: returns a pointer to the text in the library.
        let text: extern "win64" fn() -> *const std::ffi::c_char =
            unsafe { std::mem::transmute(text) };
        // SAFETY: the text ends with NUL and lives as long as the view.
        assert_eq!(unsafe { std::ffi::CStr::from_ptr(text()) }, c"from the library");
    }
    assert_eq!(code(Image::open(file!())), 193);
    let _ = (Protect::NO_ACCESS, PageOwner::Common);
}
