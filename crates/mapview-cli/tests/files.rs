//! `sum`, `find`, `scan` and `copy`: compared with what other tools and plain code say about the same files.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use common::{code, json, noise, text, words, Home};

/// What a tool of the system prints, if it has the tool.
fn tool(program: &str, args: &[&str], directory: &Path) -> Option<String> {
    let output = Command::new(program).args(args).current_dir(directory).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

fn ok(home: &Home, args: &[&str]) -> String {
    String::from_utf8(home.ok(args)).unwrap()
}

/// The program, run where the files are.
fn here(home: &Home, args: &[&str]) -> std::process::Output {
    home.command(args).current_dir(home.path("")).output().unwrap()
}

#[test]
fn sums_are_printed_as_sha256sum_does_and_checked() {
    let home = Home::new();
    let sizes = [0, 1, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 7];
    let names: Vec<String> = sizes.iter().map(|size| format!("file {size}")).collect();
    for (name, size) in names.iter().zip(sizes) {
        home.file(name, size);
    }
    let mut args = vec!["sum", "--quiet", "--memory", "256K", "--threads", "3"];
    args.extend(names.iter().map(String::as_str));
    let output = here(&home, &args);
    assert_eq!((code(&output), words(&output)), (0, String::new()));
    let sums = String::from_utf8(output.stdout).unwrap();
    let plain: Vec<&str> = names.iter().map(String::as_str).collect();
    if let Some(theirs) = tool("sha256sum", &plain, &home.path("")) {
        assert_eq!(sums, theirs);
    }
    fs::write(home.path("sums"), &sums).unwrap();
    let checked = here(&home, &["sum", "--check", "--quiet", "sums"]);
    let expected: String = names.iter().map(|name| format!("{name}: OK\n")).collect();
    assert_eq!(String::from_utf8(checked.stdout).unwrap(), expected);

    fs::write(home.path(&names[3]), b"other").unwrap();
    fs::remove_file(home.path(&names[5])).unwrap();
    let checked = here(&home, &["sum", "--check", "sums"]);
    assert_eq!(code(&checked), 3, "the missing one counts first");
    let told = String::from_utf8(checked.stdout).unwrap();
    assert!(told.contains(&format!("{}: FAILED\n", names[3])), "{told}");
    assert!(told.contains(&format!("{}: FAILED open or read\n", names[5])), "{told}");
    home.file(&names[5], sizes[5]);
    let checked = here(&home, &["sum", "--check", "sums"]);
    assert_eq!(code(&checked), 6);
    assert!(words(&checked).contains("1 checksums do not match"), "{}", words(&checked));
}

#[test]
fn every_algorithm_sums_alike_through_any_windows() {
    let home = Home::new();
    let file = home.file("data", 312_345);
    for algorithm in ["sha256", "blake3", "crc32", "xxh3"] {
        let sum = |memory: &str| {
            let line =
                home.ok(&["sum", "--json", "-a", algorithm, "--memory", memory, text(&file)]);
            json(&line)
        };
        let answer = sum("64M");
        assert_eq!(answer["bytes"], 312_345);
        assert_eq!(answer["algorithm"], algorithm);
        assert_eq!(answer["sum"], sum("128K")["sum"]);
        let list = home.path("list");
        fs::write(&list, ok(&home, &["sum", "-a", algorithm, text(&file)])).unwrap();
        home.ok(&["sum", "-a", algorithm, "--check", text(&list)]);
    }
}

#[test]
fn what_cannot_be_summed_is_told_and_the_others_are_summed() {
    let home = Home::new();
    let (good, missing) = (home.file("good", 10), home.path("missing"));
    let output = home.run(&["sum", text(&missing), text(&good)]);
    assert_eq!(code(&output), 3);
    assert!(words(&output).contains("missing"), "{}", words(&output));
    assert!(String::from_utf8(output.stdout).unwrap().contains("good"));
    let list = home.path("list");
    fs::write(&list, "no such line\n").unwrap();
    home.fails(1, &["sum", "--check", text(&list)]);
    home.fails(2, &["sum"]);
    home.fails(2, &["sum", "--threads", "0", text(&good)]);
    home.fails(1, &["sum", "--memory", "1", text(&good)]);
    if cfg!(target_os = "linux") {
        let told = home.fails(1, &["sum", "/proc/self/status"]);
        assert!(told.contains("no length"), "{told}");
    }
}

#[test]
fn found_is_every_occurrence_also_across_windows_and_pieces() {
    let home = Home::new();
    let mut bytes = noise(2_000_000);
    bytes.iter_mut().for_each(|byte| *byte &= 0x7F);
    let places = [0, 65_530, 131_069, 262_140, 524_280, 1_048_570, 1_999_993];
    for place in places {
        bytes[place..place + 7].copy_from_slice(b"\xE9Needle");
    }
    let file = home.path("data");
    fs::write(&file, &bytes).unwrap();
    let expected: String = places.iter().map(|place| format!("{}\n", place + 1)).collect();
    for memory in ["600K", "64M"] {
        for threads in ["1", "3"] {
            let common = ["--memory", memory, "--threads", threads, "-q"];
            let find = |args: &[&str]| {
                let all: Vec<&str> = ["find"]
                    .iter()
                    .chain(args)
                    .chain(&common)
                    .copied()
                    .chain([text(&file)])
                    .collect();
                home.run(&all)
            };
            assert_eq!(String::from_utf8(find(&["Needle"]).stdout).unwrap(), expected);
            let by_hex = find(&["--hex", "4e 65 65 64 6C65"]);
            assert_eq!(String::from_utf8(by_hex.stdout).unwrap(), expected);
            let ignoring = find(&["-i", "nEEDLE"]);
            assert_eq!(String::from_utf8(ignoring.stdout).unwrap(), expected);
            assert_eq!(find(&["--count", "Needle"]).stdout, b"7\n");
            let none = find(&["needle"]);
            assert_eq!((code(&none), none.stdout.len()), (6, 0));
        }
    }
    if let Some(theirs) = tool("grep", &["-abo", "Needle", "data"], &home.path("")) {
        let theirs: String =
            theirs.lines().map(|line| format!("{}\n", line.split(':').next().unwrap())).collect();
        assert_eq!(theirs, expected);
    }
}

#[test]
fn occurrences_may_overlap_and_files_are_named() {
    let home = Home::new();
    let (one, two) = (home.path("one"), home.path("two"));
    fs::write(&one, vec![b'a'; 100_000]).unwrap();
    fs::write(&two, b"").unwrap();
    let counted =
        ok(&home, &["find", "--count", "--memory", "128K", "aaa", text(&one), text(&two)]);
    assert_eq!(counted, format!("{}:99998\n{}:0\n", text(&one), text(&two)));
    let lines = ok(&home, &["find", "--json", "--count", "aaa", text(&one)]);
    assert_eq!(json(lines.as_bytes())["count"], 99_998);
    let long = "b".repeat(70_000);
    home.fails(6, &["find", &long, text(&one)]);
    home.fails(1, &["find", "--memory", "128K", &long, text(&one)]);
    for bad in ["", "4", "4x", "zz"] {
        home.fails(2, &["find", "--hex", bad, text(&one)]);
    }
    home.fails(2, &["find", "", text(&one)]);
    home.fails(3, &["find", "x", text(&home.path("missing"))]);
}

#[test]
fn a_scan_counts_what_is_there() {
    let home = Home::new();
    let mut bytes = noise(1_000_003);
    bytes[300_000..400_000].fill(0);
    let file = home.path("data");
    fs::write(&file, &bytes).unwrap();
    let mut padded = bytes.clone();
    padded.resize(bytes.len().next_multiple_of(8), 0);
    let words = padded.chunks(8).map(|word| u64::from_le_bytes(word.try_into().unwrap()));
    let sum = words.fold(0, u64::wrapping_add);
    let mut values = [0; 256];
    bytes.iter().for_each(|&byte| values[usize::from(byte)] += 1);
    for (memory, threads) in [("64M", "1"), ("512K", "2"), ("256K", "1")] {
        let line =
            home.ok(&["scan", "--json", "--memory", memory, "--threads", threads, text(&file)]);
        let answer = json(&line);
        assert_eq!(answer["bytes"], 1_000_003);
        assert_eq!(answer["sum"], sum);
        let of = |value: u8| values[usize::from(value)];
        assert_eq!(answer["zero_bytes"], of(0));
        assert_eq!(answer["lines"], of(b'\n'));
        for value in 0..=255_u8 {
            assert_eq!(answer["values"][usize::from(value)], of(value));
        }
        let entropy = answer["entropy"].as_f64().unwrap();
        assert!((7.0..8.0).contains(&entropy), "{entropy}");
    }
    let empty = home.file("empty", 0);
    let told = ok(&home, &["scan", text(&file), text(&empty)]);
    assert!(told.contains("256 of 256") && told.contains("0 of 256, entropy 0.000"), "{told}");
}

const HOLES: u64 = 40 << 20;

#[test]
fn a_copy_is_the_same_and_keeps_holes() {
    let home = Home::new();
    for size in [0, 1, 65_536, 1_000_001] {
        let (from, to) = (home.file("from", size), home.path("to"));
        home.ok(&["copy", "--memory", "128K", text(&from), text(&to)]);
        assert_eq!(fs::read(&from).unwrap(), fs::read(&to).unwrap(), "{size}");
    }
    let (from, to) = (home.path("holes"), home.path("copied"));
    let file = fs::File::create(&from).unwrap();
    file.set_len(HOLES).unwrap();
    for (at, byte) in [(5_u64, 1_u8), (20 << 20, 2), (HOLES - 1, 3)] {
        use std::io::{Seek, SeekFrom, Write};
        (&file).seek(SeekFrom::Start(at)).unwrap();
        (&file).write_all(&[byte]).unwrap();
    }
    drop(file);
    let answer = json(&home.ok(&["copy", "--json", text(&from), text(&to)]));
    assert_eq!(answer["bytes"], HOLES);
    assert!(answer["written"].as_u64().unwrap() <= 3 * 65_536, "{answer}");
    if cfg!(target_os = "linux") {
        let space = |path: &Path| {
            let stat = tool("stat", &["-c", "%b", text(path)], &home.path("")).unwrap();
            stat.trim().parse::<u64>().unwrap() * 512
        };
        assert!(space(&to) <= 1 << 20, "{}", space(&to));
    }
    assert!(fs::read(&from).unwrap() == fs::read(&to).unwrap());
    assert_eq!(home.files(), ["copied", "from", "holes", "to"], "nothing else is left");
}

#[test]
fn a_copy_onto_itself_or_a_directory_is_refused() {
    let home = Home::new();
    let file = home.file("data", 1000);
    let before = fs::read(&file).unwrap();
    let told = home.fails(2, &["copy", text(&file), text(&file)]);
    assert!(told.contains("itself"), "{told}");
    let link = home.path("link");
    fs::hard_link(&file, &link).unwrap();
    home.fails(2, &["copy", text(&file), text(&link)]);
    home.fails(2, &["copy", text(&file), text(&home.path(""))]);
    home.fails(3, &["copy", text(&home.path("missing")), text(&home.path("to"))]);
    home.fails(3, &["copy", text(&file), text(&home.path("no/such/place"))]);
    assert_eq!(fs::read(&file).unwrap(), before);
    assert_eq!(home.files(), ["data", "link"]);
}

#[test]
fn a_failed_copy_leaves_the_target_and_nothing_else() {
    let home = Home::new();
    let (from, to) = (home.file("from", 100_000), home.file("to", 10));
    let before = fs::read(&to).unwrap();
    home.fails(1, &["copy", "--memory", "1", text(&from), text(&to)]);
    assert_eq!(fs::read(&to).unwrap(), before);
    assert_eq!(home.files(), ["from", "to"]);
    home.ok(&["copy", text(&from), text(&to)]);
    assert_eq!(fs::read(&to).unwrap(), fs::read(&from).unwrap());
}

#[test]
fn killed_at_any_moment_the_target_is_what_it_was_or_the_copy() {
    let home = Home::new();
    let (from, to) = (home.file("from", 3_000_000), home.file("to", 1000));
    let (old, new) = (fs::read(&to).unwrap(), fs::read(&from).unwrap());
    let args = ["copy", "--memory", "128K", text(&from), text(&to)];
    let begin = Instant::now();
    home.ok(&args);
    let whole = begin.elapsed();
    for kill in 0..10 {
        fs::write(&to, &old).unwrap();
        let mut child = home.command(&args).spawn().unwrap();
        std::thread::sleep(whole * kill / 10); // a point to kill at, not a wait for anything
        child.kill().unwrap();
        let ended = child.wait().unwrap().success();
        let now = fs::read(&to).unwrap();
        assert!(now == old && !ended || now == new, "kill {kill}: {} bytes", now.len());
    }
    home.ok(&args);
    assert!(fs::read(&to).unwrap() == new);
    assert_eq!(home.files(), ["from", "to"], "the last run cleans up behind the killed ones");
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_leaves_the_target_and_nothing_else() {
    let home = Home::new();
    let (from, to) = (home.path("from"), home.file("to", 1000));
    fs::write(&from, vec![7; 64 << 20]).unwrap();
    let before = fs::read(&to).unwrap();
    let mut child = home.command(&["copy", text(&from), text(&to)]).spawn().unwrap();
    while !home.path(".to.mapview-tmp").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it began");
        std::thread::yield_now();
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 130, "{}", words(&output));
    assert!(fs::read(&to).unwrap() == before);
    assert_eq!(home.files(), ["from", "to"]);
}
