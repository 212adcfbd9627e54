//! `SEC_IMAGE`: programs and libraries, mapped as the loader maps them.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;

use mapview::memory::{self, Map};
use mapview::{Image, ImageFormat, ImageView, MappingOptions, Protect, Protection};

use crate::code::{Code, Result};
use crate::file::image::hold;
use crate::thread::{self, Held};

use super::{Section, BAD_EXE_FORMAT};

/// What a section has besides the file.
#[derive(Debug)]
pub(crate) struct Program {
    /// Held open by the section and all views: see [`hold`].
    file: File,
    /// Made with `SEC_IMAGE_NO_EXECUTE`.
    plain: bool,
}

impl Section {
    /// # Errors
    /// 193 if the file is no program or library of Windows, 8 if `size` is more than it has.
    pub(super) fn of_image(file: &File, plain: bool, size: u64) -> Result<Section> {
        Section::of_held_image(hold(file)?, plain, size)
    }

    /// Of a file that is held, perhaps by another process before.
    pub(crate) fn of_held_image(file: File, plain: bool, size: u64) -> Result<Section> {
        if file.metadata().is_ok_and(|told| told.len() == 0) {
            return Err(BAD_EXE_FORMAT);
        }
        let program = Program { file, plain };
        if size > u64::from(program.open()?.size()) {
            return Err(Code::NOT_ENOUGH_MEMORY);
        }
        let mut options = MappingOptions::new();
        let mapping = options.file(&program.file).protection(Protection::WriteCopy).create()?;
        Ok(Section { mapping, name_of_file: None, program: Some(program) })
    }
}

impl Program {
    fn open(&self) -> Result<Image> {
        let file = self.file.try_clone().map_err(|_| Code::NOT_ENOUGH_MEMORY)?;
        let image = Image::from_file(file)?;
        match image.format() {
            ImageFormat::Pe => Ok(image),
            ImageFormat::Elf => Err(BAD_EXE_FORMAT),
        }
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// Maps all of it: what is asked for besides address and size has no effect on images.
    ///
    /// # Errors
    /// 5 for more than there is; 50 for a part that does not begin at the start, for placeholders and limits of addresses.
    pub(super) fn map(&self, wanted: &Map) -> Result<*mut u8> {
        let image = self.open()?;
        if wanted.size > image.size() as usize {
            return Err(Code::ACCESS_DENIED);
        }
        if wanted.offset != 0 || wanted.replace || wanted.lowest | wanted.highest != 0 {
            return Err(Code::NOT_SUPPORTED);
        }
        let view = match wanted.address {
            0 => image.map()?,
            base => image.map_at(base)?,
        };
        if self.plain {
            forbid_execution(&view)?;
        }
        let base = view.as_ptr();
        let mut views = lock();
        views.insert(base.addr(), view);
        COUNT.store(views.len(), Ordering::Relaxed);
        Ok(base)
    }
}

fn forbid_execution(view: &ImageView) -> Result<()> {
    for section in view.image().sections() {
        let without = match section.protect {
            Protect::EXECUTE | Protect::EXECUTE_READ => Protect::READ_ONLY,
            Protect::EXECUTE_WRITE_COPY => Protect::WRITE_COPY,
            Protect::EXECUTE_READ_WRITE => Protect::READ_WRITE,
            _ => continue,
        };
        // SAFETY: pages of a view that nobody knows yet.
        unsafe {
            memory::protect(view.base() + section.address as usize, section.len as usize, without)?
        };
    }
    Ok(())
}

/// The views of images by the address where they begin.
static VIEWS: Mutex<BTreeMap<usize, ImageView>> = Mutex::new(BTreeMap::new());
/// How many there are: mostly none, and then nobody has to look.
static COUNT: AtomicUsize = AtomicUsize::new(0);

fn lock() -> Held<'static, BTreeMap<usize, ImageView>> {
    thread::lock(&VIEWS)
}

/// The image view with this address, which whoever drops it unmaps.
pub(super) fn take(address: usize) -> Option<ImageView> {
    if COUNT.load(Ordering::Relaxed) == 0 {
        return None;
    }
    let base = memory::query(address).ok()?.allocation_base;
    let mut views = lock();
    let view = views.remove(&base)?;
    COUNT.store(views.len(), Ordering::Relaxed);
    Some(view)
}
