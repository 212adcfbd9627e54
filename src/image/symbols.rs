//! Exports and imports.

use object::pe::{ImageNtHeaders32, ImageNtHeaders64};
use object::read::pe::{self, ImageNtHeaders};
use object::{LittleEndian as LE, ReadRef};

use super::headers::{broken, tables};
use super::{Export, ExportTarget, Import, ImportedSymbol};
use crate::Result;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(super) fn exports<'data, R: ReadRef<'data>>(data: R, is_64: bool) -> Result<Vec<Export>> {
    match is_64 {
        true => exports_of::<ImageNtHeaders64, R>(data),
        false => exports_of::<ImageNtHeaders32, R>(data),
    }
}

fn exports_of<'data, Pe: ImageNtHeaders, R: ReadRef<'data>>(data: R) -> Result<Vec<Export>> {
    let tables = tables::<Pe, R>(data)?;
    let table = tables.directories.export_table(data, &tables.sections).map_err(broken)?;
    let Some(table) = table else { return Ok(Vec::new()) };
    let exports = table.exports().map_err(broken)?;
    // The table has a place for every number between the lowest and the highest; free ones lead nowhere.
    let used = exports.into_iter().filter(|e| !matches!(e.target, pe::ExportTarget::Address(0)));
    let owned = used.map(|export| Export {
        ordinal: export.ordinal.0.into(),
        name: export.name.map(text),
        target: match export.target {
            pe::ExportTarget::Address(address) => ExportTarget::Address(address),
            pe::ExportTarget::ForwardByOrdinal(library, ordinal) => {
                ExportTarget::Forward(format!("{}.#{ordinal}", text(library)))
            }
            pe::ExportTarget::ForwardByName(library, name) => {
                ExportTarget::Forward(format!("{}.{}", text(library), text(name)))
            }
        },
    });
    Ok(owned.collect())
}

pub(super) fn imports<'data, R: ReadRef<'data>>(data: R, is_64: bool) -> Result<Vec<Import>> {
    match is_64 {
        true => imports_of::<ImageNtHeaders64, R>(data),
        false => imports_of::<ImageNtHeaders32, R>(data),
    }
}

fn imports_of<'data, Pe: ImageNtHeaders, R: ReadRef<'data>>(data: R) -> Result<Vec<Import>> {
    let tables = tables::<Pe, R>(data)?;
    let table = tables.directories.import_table(data, &tables.sections).map_err(broken)?;
    let Some(table) = table else { return Ok(Vec::new()) };
    let mut imports = Vec::new();
    let mut descriptors = table.descriptors().map_err(broken)?;
    while let Some(descriptor) = descriptors.next().map_err(broken)? {
        let library = text(table.name(descriptor.name.get(LE)).map_err(broken)?);
        // The second list is overwritten with addresses when the image is loaded; old linkers write only that.
        let names = match descriptor.original_first_thunk.get(LE) {
            0 => descriptor.first_thunk.get(LE),
            names => names,
        };
        let mut symbols = Vec::new();
        let mut thunks = table.thunks(names).map_err(broken)?;
        while let Some(thunk) = thunks.next::<Pe>().map_err(broken)? {
            symbols.push(match table.import::<Pe>(thunk).map_err(broken)? {
                pe::Import::Ordinal(ordinal) => ImportedSymbol::Ordinal(ordinal),
                pe::Import::Name(_, name) => ImportedSymbol::Name(text(name)),
            });
        }
        imports.push(Import { library, symbols });
    }
    Ok(imports)
}
