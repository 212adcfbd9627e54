//! `Import`: what an image needs of another library.

/// What an image needs of one other library.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Import {
    /// The name of the library; what is no UTF-8 is replaced.
    pub library: String,
    /// What it needs of it, in the order of the file.
    pub symbols: Vec<ImportedSymbol>,
}

/// What is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportedSymbol {
    /// By name; what is no UTF-8 is replaced.
    Name(String),
    /// By number.
    Ordinal(u16),
}
