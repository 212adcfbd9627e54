//! Edits a file in a copy-on-write view: try, look, and only then decide. `cargo run --example what_if`
//!
//! The view costs nothing until it is written, and then one page for each page written, however large the file is.

use std::error::Error;
use std::fs;

use mapview::{MappingOptions, View, ViewAccess};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("mapview-what-if-{}", std::process::id()));
    fs::write(&path, "price=100 amount=3")?;
    let result = try_prices(&path);
    fs::remove_file(&path)?;
    result
}

fn try_prices(path: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let file = MappingOptions::new().path(path).create()?;
    let draft = View::options().access(ViewAccess::CopyOnWrite).map(&file)?;

    draft.copy_in(6, b"250")?;
    println!("draft: {}", text(&draft)?);
    println!("file:  {}", fs::read_to_string(path)?);
    assert_eq!(text(&draft)?, "price=250 amount=3");
    assert_eq!(fs::read_to_string(path)?, "price=100 amount=3");

    // Accepted: one copy from the draft into a view that writes through.
    let real = View::options().access(ViewAccess::ReadWrite).map(&file)?;
    real.copy_in(0, &draft.to_vec(0, draft.len())?)?;
    real.flush()?;
    println!("file:  {}", fs::read_to_string(path)?);
    assert_eq!(fs::read_to_string(path)?, "price=250 amount=3");
    Ok(())
}

fn text(view: &View) -> Result<String, Box<dyn Error>> {
    Ok(String::from_utf8(view.to_vec(0, view.len())?)?)
}
