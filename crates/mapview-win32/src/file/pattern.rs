//! Names with `*` and `?`, as Windows has matched them since DOS. Case does not matter, unlike in paths: a pattern finds, and
//! what it found has its own case.

/// Whether a pattern stands for many names, and not for one.
pub(super) fn is_pattern(name: &[u8]) -> bool {
    name.iter().any(|byte| matches!(byte, b'*' | b'?'))
}

pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
    let (pattern, mut name) = (lower(pattern), lower(name));
    if name.iter().all(|char| *char == '.') {
        name.clear(); // the folder itself and the one above have no name that counts, and so no extension
    }
    // "*.*" has always meant all files, and "*." those without an extension.
    match pattern.strip_suffix(&['.', '*']) {
        Some(before) if !before.is_empty() && fits(before, &name) && !name.contains(&'.') => true,
        _ if pattern.last() == Some(&'.') => {
            !name.contains(&'.') && fits(&pattern[..pattern.len() - 1], &name)
        }
        _ => fits(&pattern, &name),
    }
}

fn fits(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut of) = (0, 0);
    // Where the last star stands, and where in the name what follows it was tried.
    let mut star: Option<(usize, usize)> = None;
    loop {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, of));
                at += 1;
                continue;
            }
            // One character, or none before a dot or at the end.
            Some('?') if name.get(of).is_none_or(|next| *next == '.') => {
                at += 1;
                continue;
            }
            Some(wanted) if name.get(of).is_some_and(|next| *wanted == '?' || wanted == next) => {
                (at, of) = (at + 1, of + 1);
                continue;
            }
            None if of == name.len() => return true,
            _ => {}
        }
        match star {
            Some((before, tried)) if tried < name.len() => {
                star = Some((before, tried + 1));
                (at, of) = (before + 1, tried + 1);
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_of_dos() {
        for (pattern, name) in [
            ("*", "a.b"),
            ("*.*", "a"),
            ("*.*", "a.b.c"),
            ("*.txt", "A.TXT"),
            ("a?c", "abc"),
            ("a??", "a"),
            ("a?.t", "a.t"),
            ("*b*d", "abcbd"),
            ("*.", "a"),
            ("a.*", "a"),
            ("ä*", "Äx"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.txt", "a.txtx"),
            ("a?c", "ac"),
            ("*.", "a.b"),
            ("b*", "ab"),
            ("?", "ab"),
            ("", "a"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
