//! The lines of sha256sum: a checksum, two spaces, a name. A name with a backslash or a line break is escaped, and then the
//! line begins with a backslash.

use std::path::PathBuf;

/// One file and what its checksum is said to be.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    pub sum: String,
    pub path: PathBuf,
}

pub fn format(sum: &str, name: &str) -> String {
    let escaped = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    let mark = if escaped == name { "" } else { "\\" };
    format!("{mark}{sum}  {escaped}\n")
}

/// `None` for what is no such line.
pub fn parse(line: &str, digits: usize) -> Option<Line> {
    let (line, escaped) = match line.strip_prefix('\\') {
        Some(rest) => (rest, true),
        None => (line, false),
    };
    let (sum, rest) = line.split_at_checked(digits)?;
    let name = rest.strip_prefix("  ").or_else(|| rest.strip_prefix(" *"))?;
    let whole = sum.bytes().all(|digit| digit.is_ascii_hexdigit()) && !name.is_empty();
    let name = if escaped { unescape(name)? } else { name.to_string() };
    whole.then(|| Line { sum: sum.to_ascii_lowercase(), path: name.into() })
}

fn unescape(name: &str) -> Option<String> {
    let mut plain = String::with_capacity(name.len());
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_formatted_is_parsed() {
        for name in ["a", "a b", " a", "*a", "ä\\n", "line\nbreak\r", "\\"] {
            let line = format("00ff", name);
            let parsed = parse(line.strip_suffix('\n').unwrap(), 4).unwrap();
            assert_eq!(parsed, Line { sum: "00ff".into(), path: name.into() });
        }
        assert_eq!(parse("00FF *a", 4).unwrap().sum, "00ff");
        for bad in
            ["", "00ff", "00ff  ", "00ff a", "00fg  a", "00ff0  a", "\\00ff  a\\x", "é0ff  a"]
        {
            assert_eq!(parse(bad, 4), None, "{bad}");
        }
    }
}
