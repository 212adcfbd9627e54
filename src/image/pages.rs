//! `ImagePages`: which pages of a mapped image are whose.

use std::collections::BTreeSet;

use super::headers::PAGE;
use super::ImageView;
use crate::{Place, Result};

/// Neighbouring pages of an [`ImageView`] that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImagePages {
    /// Bytes from the base of the image; a multiple of the page size.
    pub address: u32,
    /// Bytes, in whole pages; never zero.
    pub len: u32,
    /// Whose they are, and why.
    pub owner: PageOwner,
}

/// Whose a page of an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageOwner {
    /// Nobody touched it here yet.
    Untouched,
    /// In memory once for all processes that map the file.
    Everybody,
    /// Of a shared section: what one process writes, all see.
    Common,
    /// This process's alone, because the headers tell where the image lies.
    Header,
    /// This process's alone, because it holds addresses that were adjusted.
    Relocated,
    /// This process's alone, because it was written.
    Written,
}

impl ImageView {
    /// Which pages are in memory once for everybody, and which are this process's own and why. Only looks.
    ///
    /// ```no_run
    /// use mapview::{Mapping, PageOwner};
    /// let pages = Mapping::image("plugin.dll")?.pages()?;
    /// let relocated = pages.iter().filter(|run| run.owner == PageOwner::Relocated);
    /// println!("{} bytes are this process's because it was moved", relocated.map(|run| run.len).sum::<u32>());
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// The kinds of [`View::residency`](crate::View::residency) and of [`Image::relocations`](crate::Image::relocations).
    pub fn pages(&self) -> Result<Vec<ImagePages>> {
        let adjusted = match self.is_relocated() {
            true => self.adjusted()?,
            false => BTreeSet::new(),
        };
        let header = self.image().base_place().filter(|_| self.is_relocated());
        let header = header.map(|place| place.address / PAGE);
        let mut pages: Vec<ImagePages> = Vec::new();
        for run in self.residency()?.runs {
            let (first, last) = (run.offset as u32 / PAGE, (run.offset + run.len) as u32 / PAGE);
            for page in first..last {
                let address = page * PAGE;
                let shared = self.image().section_at(address).is_some_and(|section| section.shared);
                let owner = match run.place {
                    _ if run.private && adjusted.contains(&page) => PageOwner::Relocated,
                    _ if run.private && header == Some(page) => PageOwner::Header,
                    _ if run.private => PageOwner::Written,
                    Place::Present if shared => PageOwner::Common,
                    Place::Present => PageOwner::Everybody,
                    _ => PageOwner::Untouched,
                };
                match pages.last_mut() {
                    Some(last) if last.owner == owner => last.len += PAGE,
                    _ => pages.push(ImagePages { address, len: PAGE, owner }),
                }
            }
        }
        Ok(pages)
    }

    /// The numbers of the pages that hold addresses.
    fn adjusted(&self) -> Result<BTreeSet<u32>> {
        let mut pages = BTreeSet::new();
        for relocation in self.image().relocations()? {
            let last = relocation.address + relocation.kind.width() - 1;
            pages.extend([relocation.address / PAGE, last / PAGE]);
        }
        Ok(pages)
    }
}
