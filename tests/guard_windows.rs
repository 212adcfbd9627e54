//! The guard where exceptions take the place of signals. Windows.
#![cfg(all(windows, target_arch = "x86_64"))]

mod support;

use std::ffi::c_void;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use mapview::{Guard, MappingOptions, View, ViewAccess};
use support::{code, is_child, World};

const PAGE: usize = 4096;

/// How a process ends that saw what it should.
const FINE: i32 = 40;

extern "system" {
    fn AddVectoredExceptionHandler(
        first: u32,
        handler: extern "system" fn(*const *const u32) -> i32,
    ) -> *mut c_void;
    fn VirtualProtect(address: *mut c_void, len: usize, protection: u32, old: *mut u32) -> i32;
}

fn map(file: &File) -> View {
    let mapping = MappingOptions::new().file(file).create().unwrap();
    View::options().access(ViewAccess::ReadWrite).guarded(true).map(&mapping).unwrap()
}

fn file() -> File {
    let file = tempfile::tempfile().unwrap();
    file.set_len(16 * PAGE as u64).unwrap();
    file
}

/// Gives the second page of a view this protection.
fn protect(view: &View, protection: u32) {
    let (page, mut old) = (view.as_ptr().wrapping_add(PAGE), 0);
    // SAFETY: a page of the view, to which no reference exists.
    assert_ne!(unsafe { VirtualProtect(page.cast(), PAGE, protection, &mut old) }, 0);
}

#[test]
fn guarded_copies_are_copies() {
    let view = map(&file());
    assert!(view.is_guarded() && Guard::is_installed());
    for len in (0..300).chain([1000, 9000]) {
        let bytes: Vec<u8> = (0..len).map(|at| (at * 7 + len) as u8).collect();
        view.fill(0, 10_000, 0xAA).unwrap();
        view.copy_in(33, &bytes).unwrap();
        assert_eq!(view.to_vec(33, len).unwrap(), bytes);
        assert_eq!(view.read::<[u8; 33]>(0).unwrap(), [0xAA; 33]);
        assert_eq!(view.read::<u64>(33 + len).unwrap(), 0xAAAA_AAAA_AAAA_AAAA);
    }
}

#[test]
fn pages_of_another_protection_end_a_copy_with_an_error() {
    const PAGE_NOACCESS: u32 = 1;
    const PAGE_READONLY: u32 = 2;
    const PAGE_READWRITE: u32 = 4;
    let view = map(&file());
    view.fill(0, 3 * PAGE, 7).unwrap();
    protect(&view, PAGE_NOACCESS);
    for len in [1, 8, 16, 100, 1000, PAGE + 1] {
        let mut bytes = vec![0; PAGE + len];
        let error = view.copy_out(0, &mut bytes).unwrap_err();
        assert_eq!(error.win32_code(), 998);
        assert!(error.to_string().contains("offset 4096"), "{error}");
        assert_eq!(code(view.fill(PAGE, len, 1)), 998);
        view.copy_out(0, &mut bytes[..PAGE]).unwrap();
        assert!(bytes[..PAGE].iter().all(|&byte| byte == 7));
    }
    protect(&view, PAGE_READONLY);
    assert_eq!(view.to_vec(PAGE, 3).unwrap(), [7; 3]);
    assert_eq!(code(view.copy_in(PAGE - 8, &[1; 16])), 998);
    protect(&view, PAGE_READWRITE);
    view.copy_in(PAGE - 8, &[1; 16]).unwrap();
    assert!(!view.is_damaged());
    view.repair().unwrap();
}

#[test]
#[ignore = "not a test: the body of a process that touches what it may not"]
fn touch_in_place() {
    if !is_child() {
        return;
    }
    let view = map(&file());
    protect(&view, 1);
    // SAFETY: the handler ends the process; with it no debugger has to. The guard's own was there first.
    unsafe {
        AddVectoredExceptionHandler(0, end_well_if_forbidden);
        view.as_ptr().add(PAGE).read_volatile();
    }
}

/// `pointers` leads to the exception's record, which starts with its code.
extern "system" fn end_well_if_forbidden(pointers: *const *const u32) -> i32 {
    // SAFETY: the system passes them.
    let code = unsafe { **pointers };
    std::process::exit(if code == 0xC000_0005 { FINE } else { 1 });
}

#[test]
fn access_in_place_raises_the_exception_as_ever() {
    let output = World::new().command("touch_in_place").output().unwrap();
    assert_eq!(output.status.code(), Some(FINE));
}

/// Windows refuses to truncate a mapped file. Wine cannot keep the system below it from doing so.
#[test]
fn a_file_that_is_truncated_from_below_ends_a_copy_with_an_error() {
    let directory = Path::new(r"Z:\tmp");
    if !Path::new(r"Z:\usr\bin\truncate").exists() {
        eprintln!("skipped: this is not Wine, so there is nobody to truncate the file");
        return;
    }
    let file = tempfile::NamedTempFile::new_in(directory).unwrap();
    file.as_file().set_len(16 * PAGE as u64).unwrap();
    let view = map(file.as_file());
    view.fill(0, 16 * PAGE, 7).unwrap();
    assert_eq!(code(mapview::set_file_len(file.as_file(), 10)), 1224);

    let name = file.path().file_name().unwrap().to_str().unwrap();
    let set_len = |len: usize| {
        let mut truncate = Command::new("start"); // Wine's, which can start programs of the system below
        truncate.args(["/unix", "/usr/bin/truncate", "-s", &len.to_string()]);
        assert!(truncate.arg(format!("/tmp/{name}")).status().unwrap().success());
        let begin = Instant::now();
        while file.as_file().metadata().unwrap().len() != len as u64 {
            assert!(begin.elapsed() < Duration::from_secs(30), "nobody truncated the file");
            std::thread::yield_now();
        }
    };
    set_len(2 * PAGE);
    for len in [1, 8, 100, 1000, 3 * PAGE] {
        // Wine 8 takes a missing page for a forbidden one; Windows would say 999.
        assert_eq!(code(view.to_vec(3 * PAGE, len)), 998);
        assert_eq!(code(view.fill(3 * PAGE, len, 1)), 998);
    }
    assert_eq!(view.to_vec(PAGE, 3).unwrap(), [7; 3]);
    set_len(16 * PAGE);
    assert_eq!(view.to_vec(3 * PAGE, 3).unwrap(), [0; 3]);
    view.copy_in(3 * PAGE, &[9; 3]).unwrap();
}
