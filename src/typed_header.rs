//! The first bytes of every mapping that holds a typed value: what it is, checked before anything else is believed.

use std::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::{Error, ErrorKind, Result};

const MAGIC: u64 = u64::from_ne_bytes(*b"mvtyped\0");
const VERSION: u32 = 1;
/// The longest schema in bytes.
const MAX_SCHEMA: usize = 64;

/// Where the header's parts and what follows lie. Each word that changes has a cache line of its own.
pub(crate) const MAGIC_AT: usize = 0;
pub(crate) const READY_AT: usize = 0x80;
pub(crate) const WORD_AT: usize = 0xC0;
pub(crate) const DATA_AT: usize = 0x100;

/// What lives in a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Shared = 1,
    Latest = 2,
    OnceInit = 3,
    Static = 4,
}

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable)]
#[repr(C)]
pub(crate) struct Header {
    pub(crate) magic: u64,
    version: u32,
    kind: u32,
    size: u64,
    align: u32,
    schema_len: u32,
    schema: [u8; MAX_SCHEMA],
    unused: [u8; 32],
}

const _: () = assert!(size_of::<Header>() == READY_AT);

impl Header {
    /// The header of a value of type `T`.
    pub(crate) fn new<T>(kind: Kind, schema: &str) -> Result<Header> {
        if schema.len() > MAX_SCHEMA {
            let why = format!("a schema has at most {MAX_SCHEMA} bytes, not {}", schema.len());
            return Err(Error::new(ErrorKind::InvalidParameter, why));
        }
        let mut bytes = [0; MAX_SCHEMA];
        bytes[..schema.len()].copy_from_slice(schema.as_bytes());
        Ok(Header {
            magic: MAGIC,
            version: VERSION,
            kind: kind as u32,
            size: size_of::<T>() as u64,
            align: align_of::<T>() as u32,
            schema_len: schema.len() as u32,
            schema: bytes,
            unused: [0; 32],
        })
    }

    /// The same header before it counts.
    pub(crate) fn without_magic(self) -> Header {
        Header { magic: 0, ..self }
    }

    /// Refuses what is no header of a typed value, or of another version.
    pub(crate) fn recognise(&self) -> Result<()> {
        if self.magic != MAGIC {
            return Err(foreign());
        }
        if self.version != VERSION {
            let why = format!("it is in format {}, this program knows {VERSION}", self.version);
            return Err(Error::new(ErrorKind::InvalidData, why));
        }
        Ok(())
    }

    /// Refuses a header that differs from the one wanted, naming both.
    pub(crate) fn expect(&self, wanted: &Header) -> Result<()> {
        let parts = |header: &Header| (header.kind, header.size, header.align, header.schema_len);
        if parts(self) == parts(wanted) && self.schema == wanted.schema {
            return Ok(());
        }
        let (found, wanted) = match self.kind == wanted.kind {
            true => (format!("holds {self}"), format!("{wanted}")),
            false => {
                (format!("is {} of {self}", self.kind()), format!("{} of {wanted}", wanted.kind()))
            }
        };
        Err(Error::new(ErrorKind::InvalidData, format!("it {found}, not {wanted}")))
    }

    fn kind(&self) -> &'static str {
        match self.kind {
            kind if kind == Kind::Shared as u32 => "a `Shared`",
            kind if kind == Kind::Latest as u32 => "a `Latest`",
            kind if kind == Kind::OnceInit as u32 => "a `OnceInit`",
            kind if kind == Kind::Static as u32 => "a `SharedStatic`",
            _ => "something unknown",
        }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = &self.schema[..MAX_SCHEMA.min(self.schema_len as usize)];
        let schema = String::from_utf8_lossy(schema);
        // Somebody else wrote it; a terminal must not obey it.
        let (schema, size, align) = (schema.escape_debug(), self.size, self.align);
        write!(f, "`{schema}` of {size} bytes aligned to {align}")
    }
}

/// The mapping was made by something else.
pub(crate) fn foreign() -> Error {
    Error::new(
        ErrorKind::InvalidData,
        "a mapping has this name, but it was not made to hold a typed value",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_names_both_sides() {
        let found = Header::new::<[u64; 3]>(Kind::Shared, "config v1").unwrap();
        let wanted = Header::new::<[u64; 4]>(Kind::Shared, "config v2").unwrap();
        assert!(found.expect(&found).is_ok());
        assert_eq!(
            found.expect(&wanted).unwrap_err().to_string(),
            "invalid data: it holds `config v1` of 24 bytes aligned to 8, \
             not `config v2` of 32 bytes aligned to 8"
        );
        let wanted = Header::new::<[u64; 3]>(Kind::Latest, "config v1").unwrap();
        assert!(found.expect(&wanted).unwrap_err().to_string().contains("is a `Shared` of"));
    }

    #[test]
    fn damaged_headers_are_refused_and_shown_without_harm() {
        let good = Header::new::<u64>(Kind::Latest, "x").unwrap();
        assert!(Header { magic: 1, ..good }.recognise().is_err());
        assert!(Header { version: 2, ..good }.recognise().is_err());
        let damaged = Header { schema_len: u32::MAX, schema: [0xFF; 64], kind: 77, ..good };
        assert!(damaged.expect(&good).unwrap_err().to_string().contains("something unknown"));
        let control = Header { schema_len: 1, schema: [0x1B; 64], ..good };
        assert!(!control.to_string().contains('\x1b'));
        assert!(Header::new::<u64>(Kind::Latest, &"x".repeat(65)).is_err());
    }
}
