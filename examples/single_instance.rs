//! A program of which one instance runs: another one hands it its arguments and leaves. `cargo run --example single_instance`
//!
//! There is no lock file to go stale: when the instance that runs ends, however it ends, the next one is it.

use std::error::Error;
use std::process::{id, Command};

use mapview::{shared_static, wait_any, Deadline, Event, Mutex, Reset, Shared};

#[derive(Clone, Copy, zerocopy::FromBytes, zerocopy::Immutable, zerocopy::IntoBytes)]
#[repr(C)]
struct Letter {
    len: u64,
    text: [u8; 1000],
}

shared_static! {
    static LETTER: Shared<Letter> = Letter { len: 0, text: [0; 1000] };
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = std::env::args().skip(1).collect::<Vec<String>>().join(" ");
    let running = Mutex::create("example.single_instance")?;
    let turn = Mutex::create("example.single_instance.turn")?; // one letter at a time
    let written = Event::create("example.single_instance.written", Reset::Auto)?;
    let taken = Event::create("example.single_instance.taken", Reset::Auto)?;
    loop {
        let got = wait_any(&[&running, &turn], Deadline::never())?.expect("no deadline");
        if got.index() == 0 {
            println!("process {}: the instance that runs, with `{arguments}`", id());
            return serve(&written, &taken);
        }
        LETTER.lock()?.sound()?.write(&arguments);
        written.set()?;
        let delivered = wait_any(&[&taken, &running], Deadline::never())?.expect("no deadline");
        if delivered.index() == 0 {
            println!("process {}: somebody runs already, and knows my arguments now", id());
            return Ok(turn.unlock()?);
        }
        running.unlock()?; // whoever had it ended before reading: try again
        turn.unlock()?;
    }
}

/// Starts two more instances, as people do, and takes what they hand over.
fn serve(written: &Event, taken: &Event) -> Result<(), Box<dyn Error>> {
    for file in ["first.txt", "second file.txt"] {
        let mut other = Command::new(std::env::current_exe()?).args(["open", file]).spawn()?;
        written.wait()?;
        let letter = *LETTER.lock()?.sound()?;
        println!("process {}: asked to `{}`", id(), letter.text());
        taken.set()?;
        other.wait()?;
    }
    Ok(())
}

impl Letter {
    fn write(&mut self, text: &str) {
        let bytes = &text.as_bytes()[..text.len().min(self.text.len())];
        self.text[..bytes.len()].copy_from_slice(bytes);
        self.len = bytes.len() as u64;
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.text[..self.text.len().min(self.len as usize)]).into()
    }
}
