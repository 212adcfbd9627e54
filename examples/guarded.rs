//! Reads a file that another program truncates meanwhile: an error, and the program lives. `cargo run --example guarded`

use std::error::Error;
use std::fs::{self, File};

use mapview::{ErrorKind, MappingOptions, View};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("mapview-guarded-{}", std::process::id()));
    fs::write(&path, "a line of a log\n".repeat(10_000))?;
    let result = read_while_it_shrinks(&path);
    fs::remove_file(&path)?;
    result
}

fn read_while_it_shrinks(path: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let log = MappingOptions::new().path(path).create()?;
    let view = View::options().guarded(true).map(&log)?;
    println!("{} lines", count_lines(&view)?);

    // A log is rotated: somebody who knows nothing of the mapping truncates the file. Windows does not let him.
    let truncated = File::options().write(true).open(path)?.set_len(50_000).is_ok();
    match count_lines(&view) {
        Err(error) if error.kind() == ErrorKind::InPageError => println!("{error}"),
        Err(error) => return Err(error.into()),
        Ok(lines) => assert!(!truncated, "{lines} lines of what is not there"),
    }

    fs::write(path, "a line of a log\n".repeat(10_000))?; // the same view, as soon as the bytes are there again
    println!("{} lines", count_lines(&view)?);
    Ok(())
}

fn count_lines(view: &View) -> mapview::Result<usize> {
    let mut buffer = [0; 10_000];
    let mut lines = 0;
    for offset in (0..view.len()).step_by(buffer.len()) {
        let part = &mut buffer[..(view.len() - offset).min(10_000)];
        view.copy_out(offset, part)?;
        lines += part.iter().filter(|&&byte| byte == b'\n').count();
    }
    Ok(lines)
}
