//! What scenarios print: lines `what: value`, and rows `!expected|what: value` where Wine 8 is no oracle.

use libtest_mimic::Failed;

/// Every row says what it should.
pub fn check_rows(text: &str) -> Result<(), Failed> {
    let mut wrong = String::new();
    for line in text.lines() {
        let Some((expected, rest)) = row(line) else { continue };
        if !rest.ends_with(&format!(": {expected}")) {
            wrong += &format!("  {rest}\n  but Windows: {expected}\n");
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("rows of the contract do not hold:\n{wrong}").into())
}

/// The transcript with rows reduced to what they are about.
pub fn without_rows(text: &str) -> String {
    let mut lines = String::new();
    for line in text.lines() {
        match row(line) {
            Some((expected, rest)) => {
                let what = rest.rsplit_once(": ").map_or(rest, |(what, _)| what);
                lines += &format!("!{expected}|{what}\n");
            }
            None => lines += &format!("{line}\n"),
        }
    }
    lines
}

fn row(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('!').and_then(|row| row.split_once('|'))
}

/// Both said the same; or the lines around the first difference.
pub fn compare(one: (&str, &str), other: (&str, &str)) -> Result<(), Failed> {
    let (ours, theirs): (Vec<&str>, Vec<&str>) =
        (one.1.lines().collect(), other.1.lines().collect());
    let mut differences = String::new();
    for index in 0..ours.len().max(theirs.len()) {
        let (our, their) = (ours.get(index), theirs.get(index));
        if our != their {
            let (our, their) = (our.unwrap_or(&"(nothing)"), their.unwrap_or(&"(nothing)"));
            differences +=
                &format!("line {}\n  {}: {our}\n  {}: {their}\n", index + 1, one.0, other.0);
        }
    }
    if differences.is_empty() && !ours.is_empty() {
        return Ok(());
    }
    Err(format!("the transcripts differ, or are empty:\n{differences}").into())
}
