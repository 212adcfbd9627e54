//! Counts the words of a file of any size through mapped windows. `cargo run --example word_count [FILE]`
//!
//! Only one window is mapped at a time, so a file larger than the memory or the address space is no trouble.

use std::error::Error;
use std::path::PathBuf;

use mapview::{MappingOptions, Protection, View};

const WINDOW: u64 = 1 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let own_source = PathBuf::from(file!());
    let path = std::env::args_os().nth(1).map_or(own_source, PathBuf::from);

    let file = MappingOptions::new().path(&path).protection(Protection::ReadOnly).create()?;
    let mut buffer = vec![0; WINDOW as usize];
    let (mut lines, mut words, mut in_word) = (0_u64, 0_u64, false);

    for start in (0..file.size()).step_by(WINDOW as usize) {
        let length = WINDOW.min(file.size() - start) as usize;
        let window = View::options().offset(start).len(length).map(&file)?;
        // Others may change the file at any moment, so it is copied out, at the speed of memcpy, before it is looked at.
        let bytes = &mut buffer[..length];
        window.copy_out(0, bytes)?;
        for byte in bytes {
            lines += u64::from(*byte == b'\n');
            let space = byte.is_ascii_whitespace();
            words += u64::from(in_word && space);
            in_word = !space;
        }
    }
    words += u64::from(in_word);
    println!("{lines} lines, {words} words, {} bytes: {}", file.size(), path.display());
    Ok(())
}
