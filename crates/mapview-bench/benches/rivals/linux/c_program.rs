//! One program in C for Windows, `c_program.c`: compiled against our `windows.h` it runs here as it is; compiled by mingw it
//! runs under Wine. Both are compiled when they are measured, because the library has to be there.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::peer::Peer;
use super::wine::{self, Wine};
use crate::measure::Effort;
use crate::spread::by_rounds;
use crate::table::Row;

const ROUNDS: usize = 15;

/// An operation: its word in `c_program.c`, how many the clock is looked at for, and how often, here and under Wine.
struct Operation {
    name: &'static str,
    word: &'static str,
    here: [usize; 2],
    wine: [usize; 2],
}

const OPERATIONS: [Operation; 7] = [
    Operation {
        name: "C: CreateFileMapping + MapViewOfFile + write + unmap + close, a new name",
        word: "create",
        here: [1, 500],
        wine: [1, 100],
    },
    Operation {
        name: "C: OpenFileMapping + MapViewOfFile + write + unmap + close, held already",
        word: "open",
        here: [4, 500],
        wine: [1, 100],
    },
    Operation {
        name: "C: CreateFileMapping + MapViewOfFile + write + unmap + close, of a file",
        word: "file",
        here: [2, 500],
        wine: [1, 100],
    },
    Operation {
        name: "C: WaitForSingleObject + ReleaseMutex",
        word: "mutex",
        here: [64, 2000],
        wine: [4, 200],
    },
    Operation {
        name: "C: SetEvent + WaitForMultipleObjects for any of 8, the last",
        word: "many",
        here: [64, 1000],
        wine: [4, 100],
    },
    Operation {
        name: "C: SetEvent of 8 + WaitForMultipleObjects for all",
        word: "all",
        here: [16, 1000],
        wine: [2, 50],
    },
    Operation {
        name: "C: hand-over, SetEvent + WaitForSingleObject, a processor each",
        word: "ask",
        here: [1, 2000],
        wine: [1, 200],
    },
];

/// The program twice, on a processor each.
struct Pair {
    asker: Peer,
    server: Peer,
}

pub fn rows(effort: &Effort) -> Vec<Row> {
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let native = match compile_native(place.path()) {
        Ok(program) => program,
        Err(why) => {
            eprintln!("  left out: the C program could not be built for this system: {why}");
            return Vec::new();
        }
    };
    let prefix = format!("bench-c-{}", std::process::id());
    let mut here = Pair::start(|cpu| {
        let mut command = Command::new(&native);
        command.arg(&prefix).env("LD_LIBRARY_PATH", place.path());
        wine::pin(&mut command, cpu);
        command
    });
    let wine = compile_for_wine(place.path()).and_then(|program| {
        Wine::start_alone().ok_or("Wine is not installed".to_owned()).map(|wine| (wine, program))
    });
    let mut wine = wine.inspect_err(|why| eprintln!("  without Wine: {why}")).ok();
    let mut there = wine
        .as_mut()
        .map(|(wine, program)| Pair::start(|cpu| wine.start_program(program, &[&prefix], cpu)));
    let row = |operation| compare(effort, operation, &mut here, there.as_mut());
    OPERATIONS.iter().map(row).collect()
}

fn compare(
    effort: &Effort,
    operation: &Operation,
    here: &mut Pair,
    there: Option<&mut Pair>,
) -> Row {
    let mut sides = vec![(here, operation.here)];
    sides.extend(there.map(|there| (there, operation.wine)));
    let figures = by_rounds(effort.repetitions(ROUNDS), sides.len(), |index| {
        let (pair, [count, times]) = &mut sides[index];
        pair.measure(operation.word, *count, effort.repetitions(*times))
    });
    let wine = figures.get(1).copied();
    let row = Row::of_spreads(operation.name, figures[0], "the same source under Wine", wine);
    match wine {
        Some(wine) => {
            row.note(format!("Wine takes {:.1} times as long", wine.p50 / figures[0].p50))
        }
        None => row,
    }
}

impl Pair {
    fn start(command: impl Fn(usize) -> Command) -> Pair {
        Pair { asker: Peer::spawn(command(0)), server: Peer::spawn(command(1)) }
    }

    fn measure(&mut self, word: &str, count: usize, times: usize) -> Vec<f64> {
        if word == "ask" {
            self.server.tell(&format!("serve {count} {times}"));
            assert_eq!(self.server.hear(), "ready");
        }
        self.asker.tell(&format!("{word} {count} {times}"));
        let answer = self.asker.hear();
        let samples: Vec<f64> =
            answer.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        assert!(!samples.is_empty(), "the C program failed at {word:?}");
        samples
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/rivals/linux/c_program.c")
}

/// Against the library that Cargo built beside this program, under the names that it has once installed.
fn compile_native(place: &Path) -> Result<PathBuf, String> {
    let program = std::env::current_exe().expect("this program has a path");
    let library = program.with_file_name("libmapview_win32.so");
    for name in ["libmapview-win32.so", "libmapview-win32.so.0"] {
        let linked = std::os::unix::fs::symlink(&library, place.join(name));
        linked.map_err(|error| error.to_string())?;
    }
    let headers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mapview-win32/include/mapview");
    let mut compiler = Command::new("gcc");
    compiler.arg("-I").arg(headers);
    let program = place.join("c-program");
    compile(compiler, &program, &["-L", &place.to_string_lossy(), "-lmapview-win32", "-pthread"])
}

fn compile_for_wine(place: &Path) -> Result<PathBuf, String> {
    let compiler = Command::new("x86_64-w64-mingw32-gcc");
    compile(compiler, &place.join("c-program.exe"), &["-D__USE_MINGW_ANSI_STDIO=1", "-static"])
}

fn compile(mut compiler: Command, program: &Path, more: &[&str]) -> Result<PathBuf, String> {
    compiler.args(["-std=gnu11", "-O2", "-o"]).arg(program).arg(source()).args(more);
    let name = compiler.get_program().to_string_lossy().into_owned();
    let output = compiler.output().map_err(|error| format!("{name}: {error}"))?;
    match output.status.success() {
        true => Ok(program.to_owned()),
        false => Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}
