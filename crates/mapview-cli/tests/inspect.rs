//! `mapview inspect`: where the pages of real files, mappings and processes are.

mod common;

use std::io::{BufRead, BufReader};

#[cfg(target_os = "linux")]
use common::peer::Peer;
use common::{code, json, text, words, Home};
use serde_json::Value;

const PAGE: u64 = 4096;
const PLACES: [&str; 5] = ["present", "cached", "swapped", "on_disk", "not_allocated"];

fn inspected(home: &Home, args: &[&str]) -> Value {
    let args: Vec<&str> = ["inspect", "--json"].iter().chain(args).copied().collect();
    let report = json(&home.ok(&args));
    if !report["runs"].is_null() {
        assert_eq!(sum(&report), report["size"], "{report}");
        assert_gapless(&report);
    }
    for range in report["ranges"].as_array().unwrap() {
        let told = range["runs"].as_array().unwrap().is_empty();
        assert!(told || sum(range) == range["len"].as_u64().unwrap(), "{range}");
        assert_gapless(range);
    }
    report
}

/// All places of the totals together, in bytes.
fn sum(report: &Value) -> u64 {
    PLACES.iter().map(|place| total(report, place)).sum()
}

fn total(report: &Value, what: &str) -> u64 {
    report["totals"][what].as_u64().unwrap_or_else(|| panic!("{what} in {report}"))
}

/// The runs follow each other and add up to the totals.
fn assert_gapless(report: &Value) {
    let mut at = 0;
    let mut places = [0; 5];
    for run in report["runs"].as_array().unwrap() {
        assert_eq!(run["offset"], at, "{report}");
        let len = run["len"].as_u64().unwrap();
        places[PLACES.iter().position(|place| run["place"] == *place).unwrap()] += len;
        at += len;
    }
    assert_eq!(places, PLACES.map(|place| total(report, place)), "{report}");
}

fn plain(output: Vec<u8>) -> String {
    let text = String::from_utf8(output).unwrap();
    assert!(!text.contains('\x1b'), "colours are for terminals: {text:?}");
    text
}

#[test]
fn a_files_pages_add_up_to_its_size() {
    let home = Home::new();
    for len in [0, 1, 4096, 10_000, 1 << 20] {
        let file = home.file(&format!("of-{len}"), len);
        let report = inspected(&home, &[text(&file)]);
        assert_eq!((&report["kind"], &report["size"]), (&"file".into(), &len.into()));
        assert_eq!(report["name"], text(&file));
        if cfg!(target_os = "linux") {
            assert_eq!(total(&report, "not_allocated"), 0, "{report}");
        }
        assert!(plain(home.ok(&["inspect", text(&file)])).contains("file `"));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_hole_is_nothing_and_a_hundred_gib_of_it_are_no_matter() {
    use std::os::unix::fs::FileExt;
    let home = Home::new();
    let path = home.path("sparse");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(100 << 30).unwrap();
    for gib in [0, 30, 99] {
        file.write_all_at(&[7; 4096], gib << 30).unwrap();
    }
    let report = inspected(&home, &[text(&path)]);
    assert_eq!(total(&report, "not_allocated"), (100 << 30) - 3 * PAGE, "{report}");
    assert_eq!(report["runs"].as_array().unwrap().len(), 6, "{report}");

    for width in ["40", "80", "200"] {
        let said = plain(home.ok(&["inspect", text(&path), "--width", width]));
        let (map, _) = said.split_once("\n\n").unwrap().1.split_once("\n\n").unwrap();
        let rows: Vec<&str> = map.lines().skip(1).collect();
        assert!((1..=16).contains(&rows.len()), "{said}");
        let width: usize = width.parse().unwrap();
        assert!(rows.iter().all(|row| row.chars().count() <= width), "{said}");
        let islands = rows.iter().flat_map(|row| row.chars()).filter(|&cell| "▒-d".contains(cell));
        assert_eq!(islands.count(), 3, "each page is seen: {said}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_dropped_from_memory_is_on_disk() {
    let home = Home::new();
    let path = home.file("dropped", 40_960);
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.sync_all().unwrap();
    let report = inspected(&home, &[text(&path)]);
    assert_eq!(total(&report, "cached") + total(&report, "on_disk"), 40_960, "{report}");

    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    let report = inspected(&home, &[text(&path)]);
    let tmpfs = rustix::fs::fstatfs(&file).unwrap().f_type == 0x0102_1994;
    let place = if tmpfs { "cached" } else { "on_disk" };
    assert_eq!(total(&report, place), 40_960, "{report}");
    let said = plain(home.ok(&["inspect", text(&path)]));
    assert!(said.contains(if tmpfs { "▓▓▓▓▓▓▓▓▓▓" } else { "==========" }), "{said}");
}

#[test]
#[cfg(target_os = "linux")]
fn every_process_that_maps_a_file_is_found_with_its_pages() {
    let home = Home::new();
    let path = home.file("mapped", 20 * 4096);
    let mut one = Peer::start(&home, "shared", &path);
    let mut two = Peer::start(&home, "copy-on-write", &path);
    one.read(0, 20);
    two.read(0, 20);
    two.write(2, 3);

    let report = inspected(&home, &[text(&path)]);
    let mut views = report["ranges"].as_array().unwrap().iter();
    let of = |peer: &Peer| {
        let found = views.clone().find(|view| view["pid"] == peer.pid());
        found.unwrap_or_else(|| panic!("{} is missing in {report}", peer.pid()))
    };
    let (first, second) = (of(&one), of(&two));
    assert_eq!(
        (&first["protection"], &first["process"]),
        (&"read-write".into(), &"mapview".into())
    );
    assert_eq!(second["protection"], "copy-on-write");
    assert_eq!((&first["offset"], &first["len"]), (&0.into(), &(20 * PAGE).into()));
    assert_eq!((total(first, "present"), total(first, "private")), (20 * PAGE, 0));
    assert_eq!((total(second, "present"), total(second, "private")), (20 * PAGE, 3 * PAGE));
    // The copies are not the file's: those pages only the first has.
    assert_eq!((total(&report, "present"), total(&report, "shared")), (20 * PAGE, 17 * PAGE));
    assert_eq!(report["runs"][0]["processes"], 2);
    assert!(
        views.all(|view| [one.pid(), two.pid()].contains(&(view["pid"].as_u64().unwrap() as u32)))
    );

    let said = plain(home.ok(&["inspect", text(&path)]));
    assert!(
        said.lines().any(|line| line.contains(&two.pid().to_string()) && line.contains('P')),
        "{said}"
    );

    drop((one, two));
    let report = inspected(&home, &[text(&path)]);
    assert_eq!((&report["ranges"], total(&report, "present")), (&serde_json::json!([]), 0));
}

#[test]
fn a_mapping_is_found_by_its_name() {
    let home = Home::new();
    let name = home.name("frames");
    let (holder, _) = home.hold(&[&name, "--size", "64M", "--reserve"]);
    assert_eq!(code(&home.feed(&["put", &name, "--offset", "1M"], &[7; 10 * 4096])), 0);
    let report = inspected(&home, &[&name]);
    assert_eq!((&report["kind"], &report["size"]), (&"mapping".into(), &(64 << 20).into()));
    if cfg!(target_os = "linux") {
        assert_eq!(total(&report, "cached"), 10 * PAGE, "{report}");
        assert_eq!(
            report["holders"],
            serde_json::json!([{"pid": holder.0.id(), "process": "mapview"}])
        );
    }
    let said = plain(home.ok(&["inspect", &name]));
    assert!(said.contains(&format!("mapping `{name}`: 64M")), "{said}");

    holder.kill();
    let error = home.fails(3, &["inspect", &name]);
    assert!(error.contains("neither a mapping nor a file"), "{error}");
}

#[test]
fn the_ranges_of_a_process() {
    let home = Home::new();
    let mut memory = vec![0_u8; 8 << 20];
    memory.iter_mut().step_by(4096).for_each(|byte| *byte = 1);
    let pid = std::process::id().to_string();
    let (from, to) = (memory.as_ptr().addr() as u64, memory.as_ptr().addr() as u64 + (8 << 20));

    let report = inspected(&home, &["--pid", &pid]);
    assert_eq!((&report["kind"], &report["pid"]), (&"process".into(), &std::process::id().into()));
    assert!(report["runs"].is_null() && report["holders"].is_null(), "{report}");
    let ranges = report["ranges"].as_array().unwrap();
    let ends: Vec<(u64, u64)> = ranges
        .iter()
        .map(|range| (range["address"].as_u64().unwrap(), range["len"].as_u64().unwrap()))
        .collect();
    assert!(ends.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0), "in order");
    assert!(ends.iter().any(|&(address, len)| address <= from && from < address + len));
    let code = common::Home::new as fn() -> Home as usize as u64;
    let range = ranges.iter().zip(&ends).find(|(_, &(at, len))| at <= code && code < at + len);
    let (range, _) = range.expect("our own code is there");
    assert_eq!(range["protection"], "execute-read");
    assert!(range["file"].as_str().unwrap().contains("inspect"), "{range}");

    let (address, length) = ((from + PAGE) / PAGE * PAGE, to - from - 2 * PAGE);
    let args = ["--pid", &pid, "--address", &address.to_string(), "--length", &length.to_string()];
    let part = inspected(&home, &args);
    assert_eq!(part["size"], length.next_multiple_of(PAGE), "{part}");
    // Wine 8 shows no process the pages of another.
    let hidden = part["hidden"].to_string().contains("the pages: ");
    assert!(!hidden || cfg!(windows), "{part}");
    if !hidden {
        assert_eq!(sum(&part), length.next_multiple_of(PAGE), "{part}");
        assert_eq!(total(&part, "present"), sum(&part), "all of it was touched: {part}");
    }
    let said = plain(home.ok(&["inspect", "--pid", &pid]));
    assert!(said.starts_with(&format!("process {pid} `")) && said.contains("ADDRESS"), "{said}");
    assert_eq!(memory[4096], 1);
}

#[test]
fn the_picture_is_well_formed_whatever_the_name() {
    let home = Home::new();
    // What Windows permits in a name, and what it does not.
    let names =
        if cfg!(windows) { &["a & 'b'"][..] } else { &["a & 'b'", "<x>\"\u{1b}[31m&amp;\u{7}"] };
    for name in names {
        let (file, picture) = (home.file(name, 300_000), home.path("map.svg"));
        home.ok(&["inspect", text(&file), "--svg", text(&picture)]);
        let svg = std::fs::read_to_string(&picture).unwrap();
        let document =
            roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
        let texts: String = document.descendants().filter_map(|node| node.text()).collect();
        assert!(
            texts.contains("a & 'b'") || texts.contains("<x>\"\\u{1b}[31m&amp;\\u{7}"),
            "{texts}"
        );
        assert!(texts.contains("one square is one page"), "{texts}");
        let drawn = document.descendants().filter(|node| node.has_tag_name("rect")).count();
        assert!(drawn > 4, "{svg}");
    }
    home.fails(1, &["inspect", text(&home.file("f", 1)), "--svg", text(&home.path(""))]);
}

#[test]
fn names_from_elsewhere_give_no_orders_to_the_terminal() {
    let home = Home::new();
    let error = home.fails(3, &["inspect", "a\x1b[2Jb"]);
    assert!(error.contains("a\\u{1b}[2Jb") && !error.contains('\x1b'), "{error}");
    if cfg!(unix) {
        let file = home.file("a\x1b[2Jb", 5000);
        let said = plain(home.ok(&["inspect", text(&file)]));
        assert!(said.contains("a\\u{1b}[2Jb"), "{said}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_path_need_not_be_text() {
    use std::os::unix::ffi::OsStrExt;
    let home = Home::new();
    let path = home.path("").join(std::ffi::OsStr::from_bytes(b"a\xffb"));
    std::fs::write(&path, [1; 100]).unwrap();
    let said = plain(home.ok(&["inspect".as_ref(), path.as_os_str()]));
    assert!(said.contains("a\u{fffd}b") && said.contains("100 in memory"), "{said}");
}

#[test]
fn every_way_to_ask_wrongly_has_its_exit_code() {
    let home = Home::new();
    let file = home.file("f", 10);
    home.fails(2, &["inspect"]);
    home.fails(2, &["inspect", "x", "--pid", "1"]);
    home.fails(2, &["inspect", "x", "--address", "0x1000"]);
    home.fails(2, &["inspect", "--pid", "1", "--length", "4K"]);
    home.fails(2, &["inspect", text(&file), "--watch", "soon"]);
    home.fails(2, &["inspect", text(&file), "--watch", "--svg", "x"]);
    home.fails(3, &["inspect", &home.name("missing")]);
    home.fails(3, &["inspect", text(&home.path("missing"))]);
    home.fails(3, &["inspect", "--pid", "4194304"]);
    home.fails(3, &["inspect", "--pid", &std::process::id().to_string(), "--address", "0"]);
    home.fails(1, &["inspect", text(&home.path("namespace"))]);
    home.fails(3, &["inspect", "Local\\no\\such"]);
    let event = home.name("event");
    let mut waiting = home.command(&["wait", "--event", &event, "--json"]).spawn().unwrap();
    BufReader::new(waiting.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    let _waiting = common::Held(waiting);
    home.fails(1, &["inspect", &event]);
}

#[test]
fn a_reader_who_has_seen_enough_ends_it_quietly() {
    let home = Home::new();
    let file = home.file("f", 100_000);
    for more in [&[][..], &["--json"], &["--watch", "0.01"], &["--json", "--watch", "0.01"]] {
        let args: Vec<&str> = ["inspect", text(&file)].iter().chain(more).copied().collect();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = home.command(&args).stdout(writer).output().unwrap();
        assert_eq!((code(&output), words(&output).as_str()), (0, ""), "{more:?}");
    }
}
