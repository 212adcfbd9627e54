//! A process to be looked into: what it is told to do.

use crate::support::{is_child, quote_bytes, serve, Line};

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "registers.rs"]
mod registers;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "restless.rs"]
pub mod restless;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "strange.rs"]
pub mod strange;

pub const TEXT: &[u8; 16] = b"hello, stranger!";
static PLACE: [u8; 16] = *TEXT;

/// Obeys until told to exit.
pub fn target() {
    if is_child() {
        serve(|line| match line.verb.as_str() {
            "reach" => {
                let process = mapview::Process::open(line.number(0) as u32)?;
                process.allocate(None, 1, mapview::Protect::READ_WRITE)?;
                Ok(String::new())
            }
            _ => Ok(obey(line)),
        });
    }
}

fn obey(line: &Line) -> String {
    let number = |index| line.number(index) as usize;
    match line.verb.as_str() {
        // Where a text stands that is read-only.
        "text" => PLACE.as_ptr().addr().to_string(),
        // What it sees at an address.
        "peek" => {
            let from = std::ptr::with_exposed_provenance::<u8>(number(0));
            // SAFETY: the test names memory that is there.
            let bytes = (0..number(1)).map(|at| unsafe { from.add(at).read_volatile() });
            quote_bytes(&bytes.collect::<Vec<u8>>())
        }
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        "threads" => {
            for _ in 0..number(1) {
                let kind = line.text(0);
                std::thread::spawn(move || forever(&kind));
            }
            String::new()
        }
        // A process that has no thread besides one of this kind, or that is strange.
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        "alone" => {
            let kind = line.text(0);
            let pid = restless::alone(|| match kind.as_str() {
                "strict" => strange::be_strict(),
                "filter" => strange::filter_mmap(line.number(1) as u32),
                "heap" => strange::compute_on_the_heap(),
                kind => forever(kind),
            });
            pid.to_string()
        }
        // Where the number of rounds stands that a process has done.
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        "counter" => restless::DONE.as_ptr().addr().to_string(),
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        "not_dumpable" => {
            // SAFETY: takes numbers only.
            assert_eq!(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0) }, 0);
            String::new()
        }
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        "exec" => {
            use std::os::unix::process::CommandExt;
            panic!("{}", std::process::Command::new("sleep").arg("1000").exec());
        }
        // Counts signals of this number.
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        "count_signals" => {
            extern "C" fn count(_: i32) {
                restless::tick();
            }
            // SAFETY: the handler does one atomic addition.
            unsafe { libc::signal(number(0) as i32, count as extern "C" fn(i32) as usize) };
            String::new()
        }
        verb => panic!("{verb}"),
    }
}

/// Rounds of a kind; the process ends when one is disturbed.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn forever(kind: &str) {
    while std::panic::catch_unwind(|| restless::count_round(kind)).is_ok() {}
    std::process::abort();
}
