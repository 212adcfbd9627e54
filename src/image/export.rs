//! `Export`: what a library offers to others.

/// Something that a library offers to others, by name or number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Export {
    /// The number by which it can be imported.
    pub ordinal: u32,
    /// The name; `None` if it has only a number. What is no UTF-8 is replaced.
    pub name: Option<String>,
    /// Where it is.
    pub target: ExportTarget,
}

/// Where an [`Export`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportTarget {
    /// In this image, so many bytes from its base.
    Address(u32),
    /// In another library: `library.name` or `library.#number`.
    Forward(String),
}
