//! Looks into another process, and leaves a message in memory that it allocates there. Without an argument it starts one.
//!
//! cargo run --example other_process -- PID

use std::process::{Child, Command, Stdio};

use mapview::{MemoryState, Process, Protect};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some("wait") {
        std::io::stdin().read_line(&mut String::new())?; // until the other one has looked
        return Ok(());
    }
    let mut child: Option<Child> = None;
    let pid = match argument {
        Some(pid) => pid.parse()?,
        None => {
            let mut again = Command::new(std::env::current_exe()?);
            child.insert(again.arg("wait").stdin(Stdio::piped()).spawn()?).id()
        }
    };
    let process = Process::open(pid)?;
    println!("process {pid} is {}", process.exe()?.display());

    let (mut committed, mut code) = (0, 0);
    for range in process.memory_map()?.filter(|range| range.state == MemoryState::Committed) {
        committed += range.len;
        if range.protect.is_some_and(Protect::executable) {
            code += range.len;
        }
    }
    println!("{} KiB are committed, {} KiB of them can be executed", committed >> 10, code >> 10);

    let place = process.allocate(None, 4096, Protect::READ_WRITE)?;
    process.write(place, b"somebody was here")?;
    let mut message = [0; 17];
    process.read(place, &mut message)?;
    println!("at {place:#x} there: {}", String::from_utf8_lossy(&message));
    process.protect(place, 4096, Protect::READ_ONLY)?;
    println!("now: {}", process.write(place, b"and again").unwrap_err());
    process.release(place)?;

    if let Some(mut child) = child {
        drop(child.stdin.take());
        child.wait()?;
    }
    Ok(())
}
