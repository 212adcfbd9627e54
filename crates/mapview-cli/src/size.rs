//! Sizes as people write and read them.

const SUFFIXES: [(char, u32); 4] = [('K', 10), ('M', 20), ('G', 30), ('T', 40)];

/// Reads `4096`, `0x1000`, `64K`, `64M`, `64MiB`, `1G`, `2T`; the letters are powers of 1024.
pub fn parse(text: &str) -> Result<u64, String> {
    let number = |digits: &str| match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    let plain = text.strip_suffix("iB").unwrap_or(text);
    let last = plain.chars().next_back().unwrap_or(' ').to_ascii_uppercase();
    let shift = SUFFIXES.iter().find(|&&(suffix, _)| suffix == last).map(|&(_, shift)| shift);
    let (digits, shift) = match shift {
        Some(shift) => (&plain[..plain.len() - 1], shift),
        None => (text, 0),
    };
    let bytes =
        number(digits).map_err(|_| "a size is a number like 4096, 0x1000, 64K, 64M or 1G")?;
    bytes.checked_mul(1 << shift).ok_or_else(|| "the size is too large".into())
}

/// Like [`parse`], without nothing.
pub fn parse_some(text: &str) -> Result<u64, String> {
    match parse(text)? {
        0 => Err("the size must be above 0".into()),
        size => Ok(size),
    }
}

/// A size for a table: `4096` is `4K`; what is no whole number gets one decimal.
pub fn human(bytes: u64) -> String {
    let fitting = SUFFIXES.iter().rev().find(|&&(_, shift)| bytes >> shift != 0);
    match fitting {
        None => bytes.to_string(),
        Some(&(suffix, shift)) if bytes.is_multiple_of(1 << shift) => {
            format!("{}{suffix}", bytes >> shift)
        }
        Some(&(suffix, shift)) => format!("{:.1}{suffix}", bytes as f64 / (1u64 << shift) as f64),
    }
}

/// A number in at most six characters: `12`, `1.25k`, `310M`.
pub fn amount(number: f64) -> String {
    let steps = [(1e9, "G"), (1e6, "M"), (1e3, "k")];
    let (number, letter) = steps
        .iter()
        .find(|(step, _)| number >= *step)
        .map_or((number, ""), |(step, letter)| (number / step, *letter));
    match number {
        _ if number.fract() == 0.0 || number >= 100.0 => format!("{number:.0}{letter}"),
        _ if number >= 10.0 => format!("{number:.1}{letter}"),
        _ => format!("{number:.2}{letter}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_size() {
        let rows =
            [("0", 0), ("4096", 4096), ("0x1000", 4096), ("64K", 64 << 10), ("64m", 64 << 20)];
        for (text, bytes) in rows {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        assert_eq!(parse("1GiB"), Ok(1 << 30));
        assert_eq!(parse("2T"), Ok(2 << 40));
        for bad in ["", "K", "-1", "1.5M", "64X", "5iB", "1 K", "0x", "16777216T", "é", "64é"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse_some("0").is_err());
    }

    #[test]
    fn every_way_to_show_one() {
        let rows = [(0, "0"), (1023, "1023"), (4096, "4K"), (67_108_864, "64M"), (1536, "1.5K")];
        for (bytes, text) in rows {
            assert_eq!(human(bytes), text);
        }
        assert_eq!(human(u64::MAX), "16777216.0T");
    }

    #[test]
    fn amounts_are_short() {
        let rows = [(0.0, "0"), (0.5, "0.50"), (12.0, "12"), (1250.0, "1.25k"), (31e7, "310M")];
        for (number, text) in rows {
            assert_eq!(amount(number), text);
        }
    }
}
