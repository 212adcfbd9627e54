//! What is told about an image.

use std::collections::BTreeSet;

use mapview::{Export, ExportTarget, Image, ImageFormat, ImagePages, ImageSection, Import};
use mapview::{ImportedSymbol, Machine, PageOwner};
use serde::{Serialize, Serializer};

#[derive(Serialize)]
pub struct Report {
    pub path: String,
    pub format: &'static str,
    pub machine: &'static str,
    pub library: bool,
    pub preferred_base: u64,
    pub size: u32,
    pub headers: u32,
    pub entry_point: Option<u32>,
    #[serde(serialize_with = "sections")]
    pub sections: Vec<ImageSection>,
    pub relocations: usize,
    pub relocated_pages: usize,
    #[serde(serialize_with = "exports")]
    pub exports: Listed<Export>,
    #[serde(serialize_with = "imports")]
    pub imports: Listed<Import>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map: Option<Mapped>,
}

/// All of them, and whether they are to be listed.
pub struct Listed<T> {
    pub all: Vec<T>,
    pub listed: bool,
}

/// An image as it was mapped.
#[derive(Serialize)]
pub struct Mapped {
    pub base: usize,
    pub relocated: bool,
    /// Whose pages are when all were read.
    #[serde(serialize_with = "pages")]
    pub read: Vec<ImagePages>,
    /// And when those were written that can be.
    #[serde(serialize_with = "pages")]
    pub written: Vec<ImagePages>,
}

impl Report {
    pub fn new(image: &Image, exports: bool, imports: bool) -> mapview::Result<Report> {
        let relocations = image.relocations()?;
        let relocated: BTreeSet<u32> =
            relocations.iter().map(|relocation| relocation.address / super::PAGE as u32).collect();
        Ok(Report {
            path: image.path().to_string_lossy().into_owned(),
            format: match image.format() {
                ImageFormat::Pe => "pe",
                ImageFormat::Elf => "elf",
            },
            machine: match image.machine() {
                Machine::X86 => "x86",
                Machine::X64 => "x86-64",
                Machine::Arm => "arm",
                Machine::Arm64 => "arm64",
                _ => "other",
            },
            library: image.is_library(),
            preferred_base: image.preferred_base(),
            size: image.size(),
            headers: image.headers_len(),
            entry_point: image.entry_point(),
            sections: image.sections().to_vec(),
            relocations: relocations.len(),
            relocated_pages: relocated.len(),
            exports: Listed { all: image.exports()?, listed: exports },
            imports: Listed { all: image.imports()?, listed: imports },
            map: None,
        })
    }

    /// How many symbols it needs of others.
    pub fn imported(&self) -> usize {
        self.imports.all.iter().map(|import| import.symbols.len()).sum()
    }
}

/// A word for whose a page is.
pub fn owner(owner: PageOwner) -> &'static str {
    match owner {
        PageOwner::Untouched => "untouched",
        PageOwner::Everybody => "everybody",
        PageOwner::Common => "common",
        PageOwner::Header => "header",
        PageOwner::Relocated => "relocated",
        PageOwner::Written => "written",
    }
}

/// What is imported, as text.
pub fn symbol(symbol: &ImportedSymbol) -> String {
    match symbol {
        ImportedSymbol::Name(name) => name.clone(),
        ImportedSymbol::Ordinal(number) => format!("#{number}"),
    }
}

fn sections<S: Serializer>(all: &[ImageSection], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(all.iter().map(|section| {
        serde_json::json!({
            "name": section.name, "address": section.address, "len": section.len,
            "file_offset": section.file_offset, "file_len": section.file_len,
            "protection": section.protect.to_string(), "shared": section.shared,
            "discardable": section.discardable,
        })
    }))
}

fn exports<S: Serializer>(exports: &Listed<Export>, serializer: S) -> Result<S::Ok, S::Error> {
    if !exports.listed {
        return exports.all.len().serialize(serializer);
    }
    serializer.collect_seq(exports.all.iter().map(|export| {
        let (address, forward) = match &export.target {
            ExportTarget::Address(address) => (Some(address), None),
            ExportTarget::Forward(to) => (None, Some(to)),
        };
        serde_json::json!({
            "ordinal": export.ordinal, "name": export.name, "address": address, "forward": forward,
        })
    }))
}

fn imports<S: Serializer>(imports: &Listed<Import>, serializer: S) -> Result<S::Ok, S::Error> {
    if !imports.listed {
        let all = imports.all.iter().map(|import| import.symbols.len()).sum::<usize>();
        return all.serialize(serializer);
    }
    serializer.collect_seq(imports.all.iter().map(|import| {
        let symbols: Vec<String> = import.symbols.iter().map(symbol).collect();
        serde_json::json!({ "library": import.library, "symbols": symbols })
    }))
}

fn pages<S: Serializer>(pages: &[ImagePages], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(pages.iter().map(|run| {
        serde_json::json!({ "address": run.address, "len": run.len, "owner": owner(run.owner) })
    }))
}
