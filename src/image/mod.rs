//! Executables and libraries: what a file in the Portable Executable format says, and mapping it as an image.

mod elf;
mod export;
mod file;
mod headers;
mod import;
mod laid;
mod pages;
mod relocations;
mod section;
mod symbols;
mod view;

pub use export::{Export, ExportTarget};
pub use file::Image;
pub use headers::{ImageFormat, Machine};
pub use import::{Import, ImportedSymbol};
pub use pages::{ImagePages, PageOwner};
pub use relocations::{Relocation, RelocationKind};
pub use section::ImageSection;
pub use view::ImageView;
