//! Statics of C programs that all running instances share (`mapview_shared.h`), in programs and in libraries.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const PROGRAM: &str = r#"
#include <mapview_shared.h>
#include <stdio.h>
typedef char Text[80];
MAPVIEW_SHARED(volatile int, instances, 23);
MAPVIEW_SHARED(Text, title, "none");
int neighbour = 5; /* next to them, and each instance's own */
int in_library(void);
int main(void)
{
    char line[80];
    while (fgets(line, sizeof line, stdin)) {
        if (line[0] != '\n')
            sscanf(line, "%79s", title);
        printf("%d %s %d %d\n", ++instances, title, ++neighbour, in_library());
        fflush(stdout);
    }
    return 0;
}
"#;

const LIBRARY: &str = r#"
#include <mapview_shared.h>
extern volatile int instances MAPVIEW_SHARED_ELSEWHERE(instances);
MAPVIEW_SHARED(int, calls, 100);
int in_library(void) { return ++calls; }
"#;

struct World {
    directory: tempfile::TempDir,
}

impl World {
    fn new() -> World {
        World { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Compiles sources, given as compiler, options and texts, to a file of this name.
    fn build(&self, name: &str, compiler: &[&str], sources: &[&str]) -> PathBuf {
        let library = std::env::current_exe().unwrap().with_file_name("libmapview_win32.so");
        for link in ["libmapview-win32.so", "libmapview-win32.so.0"] {
            let _ = std::os::unix::fs::symlink(&library, self.path(link));
        }
        let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/mapview");
        let mut command = Command::new(compiler[0]);
        command.args(&compiler[1..]).args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I"]);
        command.arg(include);
        for (index, source) in sources.iter().enumerate() {
            let file = self.path(&format!("{name}-{index}.c"));
            std::fs::write(&file, source).unwrap();
            command.arg(file);
        }
        let output = self.path(name);
        command.arg("-L").arg(self.directory.path()).arg("-lmapview-win32").arg("-o").arg(&output);
        if name == "program-with-library" {
            command.arg("-lcalls");
        }
        assert!(command.status().unwrap().success());
        output
    }

    fn start(&self, program: &Path) -> Instance {
        let mut command = Command::new(program);
        command
            .env("LD_LIBRARY_PATH", self.directory.path())
            .env("MAPVIEW_DIR", self.path("names"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Instance { child, input, output: BufReader::new(output) }
    }
}

struct Instance {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Instance {
    /// Sends a line and returns the answer.
    fn ask(&mut self, line: &str) -> String {
        writeln!(self.input, "{line}").unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        answer.trim().to_owned()
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn instances_share_them_from_the_first_to_the_last() {
    let world = World::new();
    std::fs::create_dir(world.path("names")).unwrap();
    for (name, compiler) in
        [("c", &["gcc", "-std=c99"][..]), ("cpp", &["g++", "-x", "c++", "-O2", "-std=c++11"])]
    {
        let program = world.build(name, compiler, &[PROGRAM, LIBRARY]);
        for _ in 0..2 {
            let (mut a, mut b) = (world.start(&program), world.start(&program));
            assert_eq!(a.ask("hello"), "24 hello 6 101", "{name}");
            assert_eq!(b.ask(""), "25 hello 6 102");
            a.kill();
            let mut c = world.start(&program);
            assert_eq!(c.ask(""), "26 hello 6 103", "kept while any runs");
            b.kill();
            c.kill();
        }
    }
}

#[test]
fn a_copy_is_another_program_and_a_link_is_not() {
    let world = World::new();
    std::fs::create_dir(world.path("names")).unwrap();
    let program = world.build("program", &["gcc"], &[PROGRAM, LIBRARY]);
    std::fs::copy(&program, world.path("copy")).unwrap();
    std::fs::hard_link(&program, world.path("link")).unwrap();
    let mut first = world.start(&program);
    assert_eq!(first.ask(""), "24 none 6 101");
    let (mut copy, mut link) = (world.start(&world.path("copy")), world.start(&world.path("link")));
    assert_eq!(copy.ask(""), "24 none 6 101");
    assert_eq!(link.ask(""), "25 none 6 102");
}

#[test]
fn a_library_shares_its_own_between_different_programs() {
    let world = World::new();
    std::fs::create_dir(world.path("names")).unwrap();
    let library =
        LIBRARY.replace("extern volatile int instances MAPVIEW_SHARED_ELSEWHERE(instances);", "");
    world.build("libcalls.so", &["gcc", "-shared", "-fPIC"], &[&library]);
    let program = world.build("program-with-library", &["gcc"], &[PROGRAM]);
    std::fs::copy(&program, world.path("copy")).unwrap();
    let (mut one, mut other) = (world.start(&program), world.start(&world.path("copy")));
    assert_eq!(one.ask(""), "24 none 6 101");
    assert_eq!(other.ask(""), "24 none 6 102", "the library is the same file");
}
