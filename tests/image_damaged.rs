//! Executables that are not what they say: each is refused with a clear error, and none ends the program.

#[path = "support/pe.rs"]
mod pe;
mod support;

use std::fs;
use std::path::PathBuf;

use mapview::{ErrorKind, ExportTarget, Image, Mapping, Result};
use proptest::prelude::*;
use support::code;

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join("small.dll");
        let _ = fs::remove_file(&path); // another file each time, as a build makes
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Everything there is to do with an image.
    fn use_all(&self, bytes: &[u8]) -> Result<()> {
        let image = Image::open(self.file(bytes))?;
        let asked = (image.exports(), image.imports(), image.relocations());
        let mut page = [0; 4096];
        for address in (0..image.size()).step_by(4096).take(64) {
            let _ = image.read(address, &mut page);
        }
        let _ = (image.symbol("answer"), image.section_at(0x2000));
        if image.size() > 1 << 24 {
            return asked.0.map(drop);
        }
        let view = image.map()?;
        for section in view.image().sections().to_vec() {
            let len = section.len.min(4096) as usize;
            let _ = view.read(section.address, &mut page[..len]);
            let _ = view.write(section.address, &page[..len.min(8)]);
        }
        view.pages().map(drop)
    }
}

#[test]
fn the_small_library_is_a_good_one() {
    let files = Files::new();
    let image = Image::open(files.file(&pe::library())).unwrap();
    assert_eq!((image.preferred_base(), image.size()), (pe::BASE, 0x6000));
    assert_eq!(image.symbol("answer").unwrap(), Some(0x1000));
    let exports = image.exports().unwrap();
    assert_eq!((exports[0].ordinal, &exports[0].target), (1, &ExportTarget::Address(0x1000)));
    assert_eq!(image.relocations().unwrap()[0].address, 0x2008);
    assert!(image.is_library() && image.can_move());
    let view = image.map().unwrap();
    let mut bytes = [0; 8];
    view.read(0x2008, &mut bytes).unwrap();
    assert_eq!(u64::from_le_bytes(bytes), view.base() as u64 + 0x1000);
    view.read(0x1200, &mut bytes).unwrap();
    assert_eq!(bytes, [0; 8], "nothing of the next section of the file");
}

/// A place in the file, the bytes to put there, and what the message says.
type Damage = (usize, &'static [u8], &'static str);

const DAMAGES: &[Damage] = &[
    (0, b"ZM", "magic"),
    (0x3c, &[0xFF, 0xFF, 0xFF, 0x7F], "offset"),
    (0x40, b"NE", "magic"),
    (0x44, &[0x34, 0x12], "machine 0x1234"),
    (0x44, &[0x4c, 0x01], "the other width"),
    (0x46, &[97, 0], "97 sections are more than 96"),
    (pe::OPTIONAL, &[0x07, 0x01], "unknown magic number 0x107"),
    (pe::OPTIONAL + 16, &[0, 0, 1, 0], "entry point 0x10000 is outside"),
    (pe::OPTIONAL + 24, &[1], "no multiple of 65536"),
    (pe::OPTIONAL + 32, &[0, 0x30], "cannot be"),
    (pe::OPTIONAL + 36, &[0, 0x20], "cannot be"),
    (pe::OPTIONAL + 56, &[0, 0, 0, 0], "an image of 0 bytes"),
    (pe::OPTIONAL + 56, &[0, 0, 0, 0xFF], "an image of 4278190080 bytes"),
    (pe::OPTIONAL + 56, &[0, 0x70], "its sections end at 0x6000"),
    (pe::OPTIONAL + 60, &[0, 0, 1, 0], "the headers are 65536 bytes"),
    (pe::SECTIONS + 12, &[0, 0x20], "section .text is at 0x2000 instead of 0x1000"),
    (pe::SECTIONS + 8, &[0, 0x20], "section .data is at 0x2000 instead of 0x3000"),
    (pe::SECTIONS + 8, &[0xFF, 0xFF, 0xFF, 0xFF], "section .text does not end"),
    (pe::SECTIONS + 20, &[0, 0, 1, 0], "section .text reaches behind the end of the file"),
];

#[test]
fn damaged_headers_are_refused_and_the_message_says_what_is_wrong() {
    let files = Files::new();
    for (place, bytes, why) in DAMAGES {
        let mut library = pe::library();
        library[*place..place + bytes.len()].copy_from_slice(bytes);
        let error = Image::open(files.file(&library)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadExeFormat, "{place:#x}: {error}");
        assert!(error.to_string().contains(why), "{place:#x}: {error}");
        assert!(error.object().unwrap().contains("small.dll"), "{error}");
    }
    assert_eq!(code(Image::open(files.file(b""))), 193);
    assert_eq!(code(Image::open(files.0.path().join("missing.dll"))), 2);
    assert_eq!(code(Image::open(files.file(b"\x7fELF and no more"))), 193);
}

#[test]
fn sections_that_share_pages_are_not_for_processes() {
    let mut library = pe::library();
    library[pe::OPTIONAL + 32..pe::OPTIONAL + 36].copy_from_slice(&0x200_u32.to_le_bytes());
    assert_eq!(code(Image::open(Files::new().file(&library))), 50);
}

#[test]
fn damaged_relocations_are_refused_before_anything_is_mapped() {
    let files = Files::new();
    let changed = |place: usize, bytes: &[u8]| {
        let mut library = pe::library();
        library[place..place + bytes.len()].copy_from_slice(bytes);
        Mapping::image(files.file(&library)).map(drop)
    };
    assert_eq!(code(changed(0xC08, &[0x08, 0x50])), 193, "of an unknown type");
    assert_eq!(code(changed(0xC00, &[0, 0x60])), 193, "outside of the image");
    assert_eq!(code(changed(0xC04, &[0xFF])), 193, "a block that is longer than the table");
    assert_eq!(code(changed(0xC00, &[0, 0x30])), 50, "in the shared section");
}

#[test]
fn every_truncation_is_refused_or_usable() {
    let (files, library) = (Files::new(), pe::library());
    for len in (0..library.len()).step_by(61) {
        let refused = files.use_all(&library[..len]);
        assert!(refused.is_err() || len >= 0xE00, "{len:#x}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damage_anywhere_is_an_error_or_harmless(
        damage in prop::collection::vec((0..0xE00_usize, any::<u8>()), 1..12),
        len in 0..0x1600_usize,
    ) {
        let mut library = pe::library();
        for (place, byte) in damage {
            library[place] = byte;
        }
        if len < 0x1000 {
            library.truncate(len.max(0x200));
        }
        let _ = Files::new().use_all(&library); // whatever it says, this process goes on
    }

    #[test]
    fn damaged_headers_are_an_error_or_harmless(
        damage in prop::collection::vec((0x3c..pe::SECTIONS + 200, prop_oneof![Just(0), Just(0xFF), Just(0x80), any::<u8>()]), 1..4),
    ) {
        let mut library = pe::library();
        for (place, byte) in damage {
            library[place] = byte;
        }
        let _ = Files::new().use_all(&library);
    }
}
