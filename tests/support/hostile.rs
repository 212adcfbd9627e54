//! What a user of the library may do while a record holds what a hostile process wrote. Shared with `fuzz/`.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use mapview::{Mapping, Mutex};

/// What a file of the namespace holds: its first bytes, where everything of interest is, and its length.
#[derive(Clone)]
pub struct Contents {
    pub head: Vec<u8>,
    pub len: u64,
}

impl Contents {
    pub fn of(file: &Path) -> Contents {
        const INTERESTING: u64 = 16 << 10;
        let mut head = Vec::new();
        let file = File::open(file).unwrap();
        let len = file.metadata().unwrap().len();
        file.take(INTERESTING).read_to_end(&mut head).unwrap();
        Contents { head, len }
    }

    /// Puts the contents into a file in place, as a process that may write it could.
    pub fn put(&self, file: &Path) {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(false).open(file).unwrap();
        file.write_all(&self.head[..self.head.len().min(self.len as usize)]).unwrap();
        file.set_len(self.len).unwrap();
    }
}

/// Uses the objects with these names in every way. Each call may fail, with an error; nothing else may happen.
pub fn use_everything(names: &[String]) {
    let _ = mapview::objects();
    for name in names {
        let opened = [Mapping::open(name), Mapping::open_read_only(name)];
        opened.into_iter().chain([Mapping::create(name, 4096)]).flatten().for_each(use_mapping);
        [Mutex::open(name), Mutex::create(name)].into_iter().flatten().for_each(use_mutex);
    }
    let _ = mapview::objects();
}

fn use_mapping(mapping: Mapping) {
    let (_, _, _) = (mapping.size(), mapping.access(), mapping.raw());
    if let Ok(view) = mapping.view() {
        let _ = view.read::<u8>(0);
        let _ = view.read::<u8>(view.len() - 1); // behind the memory, if a size was believed
        let _ = view.write(0, &1_u8);
        let _ = view.flush();
    }
    let _ = mapping.try_clone().map(|clone| clone.close());
}

fn use_mutex(mutex: Mutex) {
    let _ = mutex.try_lock();
    let _ = mutex.unlock();
    let _ = mutex.try_clone().map(|clone| clone.close());
}
