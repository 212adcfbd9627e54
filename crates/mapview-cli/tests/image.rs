//! `image`: what is told about a small library, before and after it is mapped, and about what is none.

mod common;
#[allow(dead_code)]
#[path = "../../../tests/support/pe.rs"]
mod pe;

use common::{code, words, Home};

fn home() -> Home {
    let home = Home::new();
    std::fs::write(home.path("small.dll"), pe::library()).unwrap();
    home
}

fn image(home: &Home, args: &[&str]) -> std::process::Output {
    home.command(&["image"]).args(args).current_dir(home.path("")).output().unwrap()
}

fn json(output: std::process::Output) -> serde_json::Value {
    assert_eq!((code(&output), words(&output)), (0, String::new()));
    common::json(&output.stdout)
}

fn ok(home: &Home, args: &[&str]) -> String {
    let output = image(home, args);
    assert_eq!((code(&output), words(&output)), (0, String::new()));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_table_names_every_section_with_its_protection() {
    let text = ok(&home(), &["small.dll"]);
    assert!(
        text.contains("library for x86-64 (pe), 24K in memory, linked for 0x180000000"),
        "{text}"
    );
    assert!(
        text.contains(
            "starts at 0x1000; exports 1, imports 0 of 0 libraries, 1 addresses in 1 pages"
        ),
        "{text}"
    );
    for (section, protection) in [
        (".text", "execute-read"),
        (".data", "copy-on-write"),
        (".common", "read-write, shared"),
        (".edata", "read-only"),
        (".reloc", "read-only, discardable"),
    ] {
        let row = text.lines().find(|line| line.starts_with(section)).unwrap();
        assert!(row.ends_with(protection), "{row}");
    }
}

#[test]
fn exports_and_imports_are_listed_when_wanted() {
    let home = home();
    let text = ok(&home, &["small.dll", "--exports", "--imports"]);
    let row = text.lines().find(|line| line.contains("answer")).unwrap();
    assert!(row.trim_start().starts_with("0 ") || row.trim_start().starts_with("1 "), "{row}");
    assert!(row.ends_with("0x1000"), "{row}");
    assert!(text.contains("\nIMPORTS\n"));
    let told = json(image(&home, &["small.dll", "--exports", "--json"]));
    assert_eq!(
        (&told["exports"][0]["name"], &told["exports"][0]["address"]),
        (&"answer".into(), &0x1000.into())
    );
    assert_eq!(json(image(&home, &["small.dll", "--json"]))["exports"], 1);
}

#[test]
fn the_map_tells_shared_relocated_and_written_pages_before_and_after() {
    let home = home();
    // Wine 8 adjusts addresses of images that it puts where it likes, and counts pages in its own way.
    if cfg!(windows) {
        assert!(ok(&home, &["small.dll", "--map"]).contains("mapped at 0x"));
        return;
    }
    let told = json(image(&home, &["small.dll", "--base", "0x345600000", "--json"]));
    let map = &told["map"];
    assert_eq!((&map["base"], &map["relocated"]), (&0x3_4560_0000_u64.into(), &true.into()));
    let owner = |when: &str, at: u64| {
        let runs = map[when].as_array().unwrap();
        let run = runs.iter().find(|run| {
            let start = run["address"].as_u64().unwrap();
            (start..start + run["len"].as_u64().unwrap()).contains(&at)
        });
        run.unwrap()["owner"].as_str().unwrap().to_owned()
    };
    assert_eq!(owner("read", 0), "header");
    assert_eq!(owner("read", 0x1000), "everybody");
    assert_eq!(owner("read", 0x2000), "relocated");
    assert_eq!(owner("written", 0x3000), "common");
    let text = ok(&home, &["small.dll", "--map"]);
    assert!(text.contains("every page read") && text.contains("and written where it can be"));
    // At its own place nothing is adjusted, and data is its own once it was written.
    if text.contains("where it was linked for") {
        assert!(text.contains("W 4K own, because written"), "{text}");
    }
}

#[test]
fn what_is_no_image_or_cannot_be_mapped_is_refused_with_the_reason() {
    let home = home();
    std::fs::write(home.path("text"), "no image").unwrap();
    let mut bytes = pe::library();
    bytes.truncate(0x900);
    std::fs::write(home.path("short.dll"), bytes).unwrap();
    for (args, wanted, says) in [
        (&["missing.dll"][..], 3, "missing.dll"),
        (&["text"], 1, "text"),
        (&["short.dll"], 1, "behind the end of the file"),
        (&["small.dll", "--base", "0x345601000"], 1, "65536"),
        (&["small.dll", "--base", "nowhere"], 2, "nowhere"),
        (&[], 2, "FILE"),
    ] {
        let output = image(&home, args);
        assert!(output.stdout.is_empty());
        assert!(words(&output).contains(says), "{args:?}: {}", words(&output));
        assert_eq!(code(&output), wanted, "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_of_linux_is_told_about_and_not_mapped() {
    let home = home();
    let own = std::env::current_exe().unwrap();
    let own = own.to_str().unwrap();
    let told = json(image(&home, &[own, "--json"]));
    assert_eq!((&told["format"], &told["path"]), (&"elf".into(), &own.into()));
    assert!(told["sections"].as_array().unwrap().len() > 2 && told["map"].is_null());
    let output = image(&home, &[own, "--map"]);
    assert_eq!(code(&output), 2);
    assert!(words(&output).contains("dynamic linker"));
}
