//! `mapview reverse`: every size, every way, and every way it can be refused.

mod common;

use std::fs;

use common::{json, sha, text, Home};

const SIZES: [usize; 13] =
    [0, 1, 2, 3, 4095, 4096, 4097, 8191, 65_535, 65_536, 65_537, 131_073, 1_000_003];

fn reversed(len: usize) -> Vec<u8> {
    let mut bytes = common::noise(len);
    bytes.reverse();
    bytes
}

#[test]
fn every_size_by_every_way_and_back_again() {
    let home = Home::new();
    for len in SIZES {
        for way in [&[] as &[&str], &["--in-place"]] {
            // Windows of a few pages, of no whole pages, and larger than the file.
            for window in ["64K", "5001", "64M"] {
                let file = home.file("data", len);
                let before = sha(&file);
                let args = [&["reverse", "--window", window, text(&file)], way].concat();
                home.ok(&args);
                assert!(fs::read(&file).unwrap() == reversed(len), "{len} {way:?} {window}");
                home.ok(&args);
                assert_eq!(sha(&file), before, "{len} {way:?} {window}");
                assert_eq!(home.files(), ["data"], "nothing is left beside the file");
            }
        }
    }
}

#[test]
fn tiny_windows_meet_in_the_middle() {
    let home = Home::new();
    for window in ["1", "2", "3", "7"] {
        let file = home.file("data", 23);
        home.ok(&["reverse", text(&file), "--in-place", "--window", window]);
        home.ok(&["reverse", text(&file), "--window", window]);
        assert_eq!(fs::read(&file).unwrap(), common::noise(23), "{window}");
    }
}

#[test]
fn the_result_can_go_elsewhere() {
    let home = Home::new();
    let file = home.file("data", 65_537);
    let out = home.path("out");
    let args = ["reverse", text(&file), "-o", text(&out), "--json"];
    let said = json(&home.ok(&args));
    assert_eq!((&said["bytes"], &said["in_place"]), (&65_537.into(), &false.into()));
    assert!(fs::read(&out).unwrap() == reversed(65_537));
    assert!(fs::read(&file).unwrap() == common::noise(65_537));
    fs::write(&out, b"something older").unwrap();
    home.ok(&args);
    assert!(fs::read(&out).unwrap() == reversed(65_537));
    assert_eq!(home.files(), ["data", "out"]);
}

#[test]
fn the_output_cannot_be_the_file_by_another_name() {
    let home = Home::new();
    let file = home.file("data", 5000);
    let linked = home.path("hard link");
    fs::hard_link(&file, &linked).unwrap();
    for out in [&file, &linked, &file.parent().unwrap().join("./data")] {
        let error = home.fails(2, &["reverse", text(&file), "-o", text(out)]);
        assert!(error.contains("leave -o away"), "{error}");
    }
    assert!(fs::read(&file).unwrap() == common::noise(5000));
}

#[test]
fn what_cannot_be_reversed_is_refused_and_stays() {
    let home = Home::new();
    let file = home.file("data", 5000);
    let missing = home.path("missing").join("out");
    home.fails(1, &["reverse", text(file.parent().unwrap())]);
    home.fails(3, &["reverse", text(&file), "-o", text(&missing)]);
    home.fails(1, &["reverse", text(&file), "-o", text(file.parent().unwrap())]);

    let mut permissions = fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions.clone()).unwrap();
    for way in [&[] as &[&str], &["--in-place"]] {
        let error = home.fails(1, &[&["reverse", text(&file)], way].concat());
        assert!(error.contains("read-only"), "{error}");
    }
    let out = home.path("out");
    home.ok(&["reverse", text(&file), "-o", text(&out)]);
    assert!(fs::read(&out).unwrap() == reversed(5000));
    assert!(fs::read(&file).unwrap() == common::noise(5000));
    for path in [&file, &out] {
        // Else Windows could not remove them.
        let mut permissions = fs::metadata(path).unwrap().permissions();
        #[allow(clippy::permissions_set_readonly_false)] // in a directory that goes away now
        permissions.set_readonly(false);
        fs::set_permissions(path, permissions).unwrap();
    }
}

#[test]
fn a_file_that_somebody_has_mapped_is_not_changed() {
    let home = Home::new();
    let file = home.file("data", 5000);
    let (_holder, _) = home.hold(&[&home.name("mapped"), "--file", text(&file)]);
    home.fails(4, &["reverse", text(&file)]);
    home.fails(4, &["reverse", text(&file), "--in-place"]);
    assert!(fs::read(&file).unwrap() == common::noise(5000));
    assert_eq!(home.files(), ["data"]);
}

#[test]
fn a_stale_temporary_file_is_used_up() {
    let home = Home::new();
    let file = home.file("data", 5000);
    for way in [&[] as &[&str], &["--in-place"]] {
        fs::write(home.path(".data.mapview-tmp"), b"left by a killed run").unwrap();
        home.ok(&[&["reverse", text(&file)], way].concat());
        assert_eq!(home.files(), ["data"]);
    }
    assert!(fs::read(&file).unwrap() == common::noise(5000));
}

#[test]
#[cfg(unix)]
fn links_are_followed_and_permissions_kept() {
    use std::os::unix::fs::{symlink, PermissionsExt};
    use std::path::Path;
    let home = Home::new();
    let file = home.file("data", 5000);
    let link = home.path("link");
    symlink("data", &link).unwrap();
    fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    for way in [&[] as &[&str], &["--in-place"]] {
        home.ok(&[&["reverse", text(&link)], way].concat());
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(mode(&file), 0o640);
    }
    assert!(fs::read(&file).unwrap() == common::noise(5000), "reversed twice");

    let out = home.path("out");
    home.ok(&["reverse", text(&link), "-o", text(&out)]);
    assert_eq!(mode(&out), 0o640, "what was secret stays secret");
    fs::set_permissions(&out, PermissionsExt::from_mode(0o604)).unwrap();
    home.ok(&["reverse", text(&link), "-o", text(&out)]);
    assert_eq!(mode(&out), 0o604, "an output that exists keeps its own");
    assert_eq!(home.files(), ["data", "link", "out"]);
}
