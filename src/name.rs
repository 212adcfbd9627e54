//! Names of objects: which namespace, which text, and every way a name can be wrong.

use std::fmt;

use crate::{Error, ErrorKind, Result};

/// The longest name in UTF-16 units, prefix included (the limit of the NT object manager).
const MAX_UNITS: usize = 32_766;

/// Which of the two namespaces a name lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Namespace {
    /// `Local\`, also what a name without prefix means: one login session on Windows, one user on Linux.
    Local,
    /// `Global\`: the whole machine.
    Global,
}

/// A valid name of an object: any UTF-16 text without backslash and NUL, in one of two namespaces.
///
/// Names are compared unit by unit: case matters, and no Unicode normalisation takes place. All kinds of objects share
/// one namespace. Follows [Kernel object namespaces](https://learn.microsoft.com/windows/win32/termserv/kernel-object-namespaces).
///
/// ```
/// use mapview::{Name, Namespace};
/// let name = Name::new(r"Global\frames")?;
/// assert_eq!(name.namespace(), Namespace::Global);
/// assert_eq!(Name::new(r"Local\x")?, Name::new("x")?);
/// assert_eq!(Name::new(r"local\x").unwrap_err().win32_code(), 3); // the prefix is case-sensitive
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name {
    namespace: Namespace,
    text: Box<[u16]>,
}

impl Name {
    /// Checks a name given as text.
    ///
    /// # Errors
    /// The kinds of [`Name::from_utf16`].
    pub fn new(name: &str) -> Result<Name> {
        Name::from_utf16(&name.encode_utf16().collect::<Vec<u16>>())
    }

    /// Checks a name given in UTF-16 units, which need not be well-formed. At most 32 766 units.
    ///
    /// # Errors
    /// * [`ErrorKind::WrongKind`]: empty, or `Local`, `Global`, `Session` alone, which name the namespaces themselves.
    /// * [`ErrorKind::InvalidName`]: nothing after the prefix, a NUL, or too long.
    /// * [`ErrorKind::PathNotFound`]: a backslash that is not part of a prefix; prefixes are case-sensitive.
    /// * [`ErrorKind::BadPathName`]: a leading backslash.
    ///
    /// # Platform notes
    /// `Session\0\` is `Global\` and `Session\1\` is `Local\` on Linux, where there are no other sessions.
    pub fn from_utf16(units: &[u16]) -> Result<Name> {
        parse(units).map_err(|error| error.about(DisplayUnits(units)))
    }

    /// The namespace.
    pub fn namespace(&self) -> Namespace {
        self.namespace
    }

    /// The text after the prefix, in UTF-16 units; never empty.
    pub fn units(&self) -> &[u16] {
        &self.text
    }

    /// This name with `suffix` behind it, in the same namespace.
    pub(crate) fn with_suffix(&self, suffix: &str) -> Result<Name> {
        let prefix = if self.namespace == Namespace::Global { r"Global\" } else { r"Local\" };
        let units = prefix.encode_utf16().chain(self.text.iter().copied());
        Name::from_utf16(&units.chain(suffix.encode_utf16()).collect::<Vec<u16>>())
    }

    /// The name of `units` in `namespace`, when they come from a record: no prefix is looked for.
    #[allow(dead_code)] // only the port that keeps records reads names back
    pub(crate) fn from_parts(namespace: Namespace, units: &[u16]) -> Result<Name> {
        let wrong = units.is_empty()
            || units.len() > MAX_UNITS
            || units.iter().any(|&unit| unit == BACKSLASH || unit == 0);
        if wrong {
            return Err(Error::new(ErrorKind::InvalidData, "the record holds no valid name"));
        }
        Ok(Name { namespace, text: units.into() })
    }
}

const BACKSLASH: u16 = b'\\' as u16;

fn parse(units: &[u16]) -> Result<Name> {
    let bad = |kind, why: &'static str| Err(Error::new(kind, why));
    if units.is_empty() {
        return bad(ErrorKind::WrongKind, "an empty name opens nothing");
    }
    if units.len() > MAX_UNITS {
        return bad(ErrorKind::InvalidName, "a name has at most 32766 UTF-16 units");
    }
    if units.contains(&0) {
        return bad(ErrorKind::InvalidName, "a name cannot contain NUL");
    }
    if units[0] == BACKSLASH {
        return bad(ErrorKind::BadPathName, "a name cannot start with a backslash");
    }
    // `Local\` and `Global\` are links inside each namespace, so they may be repeated and the last one counts.
    let mut namespace = Namespace::Local;
    let mut rest = units;
    let mut prefixed = false;
    while let Some((next, tail)) = split_prefix(rest) {
        (namespace, rest, prefixed) = (next, tail, true);
    }
    if rest.is_empty() && prefixed {
        return bad(ErrorKind::InvalidName, "nothing follows the prefix");
    }
    if ["Local", "Global", "Session"].iter().any(|link| is(rest, link)) {
        return bad(ErrorKind::WrongKind, "this is a namespace, not an object");
    }
    if rest.contains(&BACKSLASH) {
        return bad(
            ErrorKind::PathNotFound,
            r"the only prefixes are Local\ and Global\, and a name contains no other backslash",
        );
    }
    Ok(Name { namespace, text: rest.into() })
}

fn split_prefix(units: &[u16]) -> Option<(Namespace, &[u16])> {
    const PREFIXES: [(&str, Namespace); 4] = [
        (r"Local\", Namespace::Local),
        (r"Global\", Namespace::Global),
        (r"Session\0\", Namespace::Global),
        (r"Session\1\", Namespace::Local),
    ];
    PREFIXES.iter().find_map(|&(prefix, namespace)| {
        let head = units.get(..prefix.len())?;
        is(head, prefix).then(|| (namespace, &units[prefix.len()..]))
    })
}

fn is(units: &[u16], text: &str) -> bool {
    units.iter().copied().eq(text.encode_utf16())
}

struct DisplayUnits<'a>(&'a [u16]);

impl fmt::Display for DisplayUnits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 200;
        let text = String::from_utf16_lossy(&self.0[..self.0.len().min(SHOWN)]);
        f.write_str(&text)?;
        f.write_str(if self.0.len() > SHOWN { "..." } else { "" })
    }
}

impl fmt::Display for Name {
    /// The name as it can be passed in again: `Global\x`, or `x` for the local namespace. Long names are cut.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.namespace == Namespace::Global { r"Global\" } else { "" };
        write!(f, "{prefix}{}", DisplayUnits(&self.text))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({:?})", self.to_string())
    }
}

/// What the name argument of an object may be: text, UTF-16 units, or a [`Name`] already checked.
pub trait ToName {
    /// The name, or `None` for the empty name, which makes an unnamed object when creating.
    ///
    /// # Errors
    /// The kinds of [`Name::from_utf16`].
    fn to_name(&self) -> Result<Option<Name>>;
}

impl ToName for str {
    fn to_name(&self) -> Result<Option<Name>> {
        (!self.is_empty()).then(|| Name::new(self)).transpose()
    }
}

impl ToName for String {
    fn to_name(&self) -> Result<Option<Name>> {
        self.as_str().to_name()
    }
}

impl ToName for [u16] {
    fn to_name(&self) -> Result<Option<Name>> {
        (!self.is_empty()).then(|| Name::from_utf16(self)).transpose()
    }
}

impl ToName for Name {
    fn to_name(&self) -> Result<Option<Name>> {
        Ok(Some(self.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(name: &str) -> u32 {
        Name::new(name).err().map_or(0, |error| error.win32_code())
    }

    #[test]
    fn every_bad_form_has_its_own_code() {
        let rows = [
            ("", 6),
            (r"local\x", 3),
            (r"LOCAL\x", 3),
            (r"a\b", 3),
            (r"Local\a\b", 3),
            (r"x\", 3),
            (r"NS1\x", 3),
            (r"Session\7\x", 3),
            (r"\x", 161),
            (r"Local\", 123),
            (r"Global\Local\", 123),
            ("Local", 6),
            ("Global", 6),
            (r"Local\Global", 6),
            ("nul\0inside", 123),
        ];
        for (name, want) in rows {
            assert_eq!(code(name), want, "{name:?}");
        }
        assert_eq!(code(&"x".repeat(32_767)), 123);
    }

    #[test]
    fn everything_but_a_backslash_is_legal() {
        for name in
            ["/", "a/b", "..", ".", "a:b*?\"<>|", " ", "\x01\x1b", "共享内存", &"x".repeat(32_766)]
        {
            assert_eq!(code(name), 0, "{name:?}");
        }
        assert!(Name::from_utf16(&[0xD800]).is_ok(), "a lone surrogate is a legal unit");
    }

    #[test]
    fn prefixes_resolve_and_the_last_one_counts() {
        assert_eq!(Name::new(r"Local\Local\x").unwrap(), Name::new("x").unwrap());
        assert_eq!(Name::new(r"Local\Global\x").unwrap(), Name::new(r"Global\x").unwrap());
        assert_eq!(Name::new(r"Global\Local\x").unwrap(), Name::new("x").unwrap());
        assert_ne!(Name::new(r"Global\x").unwrap(), Name::new("x").unwrap());
        assert_ne!(Name::new("X").unwrap(), Name::new("x").unwrap());
        assert_eq!(Name::new(r"Session\0\x").unwrap(), Name::new(r"Global\x").unwrap());
    }

    #[test]
    fn a_suffix_keeps_the_namespace_and_counts_for_the_length() {
        let name = Name::new(r"Global\x").unwrap();
        assert_eq!(name.with_suffix(".lock").unwrap(), Name::new(r"Global\x.lock").unwrap());
        let long = Name::new(&"x".repeat(32_760)).unwrap();
        assert_eq!(long.with_suffix(".lock").unwrap_err().win32_code(), 123);
    }
}
