//! The text form of security descriptors.

use crate::code::{Code, Result};

const INVALID_ACL: Code = Code(1336);
const INVALID_SID: Code = Code(1337);

/// The parts in the bytes that Windows has for them. What a system list says, audits and integrity levels, is checked and
/// left out: there is nothing here that would follow it.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub owner: Option<Vec<u8>>,
    pub group: Option<Vec<u8>>,
    pub dacl: Option<Vec<u8>>,
}

/// Names of users and groups: the authority, and the numbers below it.
const NAMES: [(&str, u8, &[u32]); 15] = [
    ("WD", 1, &[0]),
    ("CO", 3, &[0]),
    ("CG", 3, &[1]),
    ("OW", 3, &[4]),
    ("NU", 5, &[2]),
    ("IU", 5, &[4]),
    ("SU", 5, &[6]),
    ("AN", 5, &[7]),
    ("AU", 5, &[11]),
    ("SY", 5, &[18]),
    ("LS", 5, &[19]),
    ("NS", 5, &[20]),
    ("BA", 5, &[32, 544]),
    ("BU", 5, &[32, 545]),
    ("BG", 5, &[32, 546]),
];
/// Integrity levels.
const LEVELS: [&str; 4] = ["LW", "ME", "HI", "SI"];

const RIGHTS: [(&str, u32); 20] = [
    ("GA", 0x1000_0000),
    ("GX", 0x2000_0000),
    ("GW", 0x4000_0000),
    ("GR", 0x8000_0000),
    ("SD", 0x1_0000),
    ("RC", 0x2_0000),
    ("WD", 0x4_0000),
    ("WO", 0x8_0000),
    ("FA", 0x1F_01FF),
    ("FR", 0x12_0089),
    ("FW", 0x12_0116),
    ("FX", 0x12_00A0),
    ("KA", 0xF_003F),
    ("KR", 0x2_0019),
    ("KW", 0x2_0006),
    ("KX", 0x2_0019),
    ("CC", 0x1),
    ("DC", 0x2),
    ("LC", 0x4),
    ("SW", 0x8),
];

pub(super) fn parse(text: &str) -> Result<Parsed> {
    let mut parsed = Parsed::default();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (mark, behind) = rest.split_once(':').ok_or(Code::INVALID_PARAMETER)?;
        // Up to the mark of the next part: a letter before a colon that is in no entry.
        let end = next_part(behind);
        let (part, next) = behind.split_at(end);
        match mark {
            "O" => parsed.owner = Some(sid(part)?),
            "G" => parsed.group = Some(sid(part)?),
            "D" => parsed.dacl = Some(list(part)?),
            "S" => drop(entries(part, true)?),
            _ => return Err(Code::INVALID_PARAMETER),
        }
        rest = next;
    }
    Ok(parsed)
}

fn next_part(text: &str) -> usize {
    let mut depth = 0;
    for (at, char) in text.char_indices() {
        match char {
            '(' => depth += 1,
            ')' => depth -= 1,
            ':' if depth == 0 && at > 0 => return at - 1,
            _ => {}
        }
    }
    text.len()
}

/// A list in bytes.
fn list(text: &str) -> Result<Vec<u8>> {
    let entries = entries(text, false)?;
    if text.starts_with("NO_ACCESS_CONTROL") {
        return Ok(allow_everything());
    }
    let len = 8 + entries.iter().map(Vec::len).sum::<usize>();
    let len = u16::try_from(len).map_err(|_| INVALID_ACL)?;
    let mut bytes = vec![2, 0];
    bytes.extend(len.to_le_bytes());
    bytes.extend((entries.len() as u16).to_le_bytes());
    bytes.extend([0, 0]);
    entries.into_iter().for_each(|entry| bytes.extend(entry));
    Ok(bytes)
}

/// What stands for no list at all, so that the block need not have a second form.
fn allow_everything() -> Vec<u8> {
    let entry = entry("A;;GA;;;WD", false).unwrap_or_default();
    let mut bytes = vec![2, 0, (8 + entry.len()) as u8, 0, 1, 0, 0, 0];
    bytes.extend(entry);
    bytes
}

fn entries(text: &str, system: bool) -> Result<Vec<Vec<u8>>> {
    let start = text.find('(').unwrap_or(text.len());
    let (flags, mut rest) = text.split_at(start);
    if !matches!(flags, "" | "P" | "AR" | "AI" | "PAR" | "PAI" | "ARAI" | "NO_ACCESS_CONTROL") {
        return Err(INVALID_ACL);
    }
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let inner = rest.strip_prefix('(').ok_or(INVALID_ACL)?;
        let (one, behind) = inner.split_once(')').ok_or(INVALID_ACL)?;
        entries.push(entry(one, system)?);
        rest = behind;
    }
    Ok(entries)
}

fn entry(text: &str, system: bool) -> Result<Vec<u8>> {
    let fields: Vec<&str> = text.split(';').map(str::trim).collect();
    let &[kind, flags, rights, object, inherited, who] = fields.as_slice() else {
        return Err(INVALID_ACL);
    };
    if !object.is_empty() || !inherited.is_empty() {
        return Err(Code::NOT_SUPPORTED); // objects of a directory service
    }
    if system {
        let known = LEVELS.contains(&who) || sid(who).is_ok();
        return if known { Ok(Vec::new()) } else { Err(INVALID_SID) };
    }
    let kind = match kind {
        "A" => 0,
        "D" => 1,
        _ => return Err(INVALID_ACL),
    };
    let who = sid(who)?;
    let mut bytes = vec![kind, entry_flags(flags)?];
    bytes.extend((8 + who.len() as u16).to_le_bytes());
    bytes.extend(mask(rights)?.to_le_bytes());
    bytes.extend(who);
    Ok(bytes)
}

fn entry_flags(text: &str) -> Result<u8> {
    const FLAGS: [(&str, u8); 5] = [("OI", 1), ("CI", 2), ("NP", 4), ("IO", 8), ("ID", 16)];
    pairs(text)?.into_iter().try_fold(0, |flags, pair| {
        let flag = FLAGS.iter().find(|(name, _)| *name == pair);
        flag.map(|(_, flag)| flags | flag).ok_or(INVALID_ACL)
    })
}

fn mask(text: &str) -> Result<u32> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u32::from_str_radix(digits, 16).map_err(|_| INVALID_ACL);
    }
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return text.parse().map_err(|_| INVALID_ACL);
    }
    pairs(text)?.into_iter().try_fold(0, |mask, pair| {
        let right = RIGHTS.iter().find(|(name, _)| *name == pair);
        right.map(|(_, right)| mask | right).ok_or(INVALID_ACL)
    })
}

/// A text of two-letter words.
fn pairs(text: &str) -> Result<Vec<&str>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return Err(INVALID_ACL);
    }
    Ok((0..text.len()).step_by(2).map(|at| &text[at..at + 2]).collect())
}

/// A user or group in bytes.
fn sid(text: &str) -> Result<Vec<u8>> {
    let text = text.trim();
    let (authority, numbers) = match NAMES.iter().find(|(name, ..)| *name == text) {
        Some((_, authority, numbers)) => (u64::from(*authority), numbers.to_vec()),
        None => {
            let inner = text.strip_prefix("S-1-").ok_or(INVALID_SID)?;
            let mut words = inner.split('-');
            let authority = words.next().and_then(|word| word.parse().ok()).ok_or(INVALID_SID)?;
            let numbers = words.map(|word| word.parse().map_err(|_| INVALID_SID));
            (authority, numbers.collect::<Result<Vec<u32>>>()?)
        }
    };
    if numbers.is_empty() || numbers.len() > 15 || authority >= 1 << 48 {
        return Err(INVALID_SID);
    }
    let mut bytes = vec![1, numbers.len() as u8];
    bytes.extend(&authority.to_be_bytes()[2..]);
    numbers.into_iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    Ok(bytes)
}
