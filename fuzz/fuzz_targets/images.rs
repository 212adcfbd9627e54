//! Any bytes as an executable or library: looked at and mapped, or an error. `cargo +nightly fuzz run images`
#![no_main]

use mapview::Image;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("image");
    std::fs::write(&path, bytes).unwrap();
    let Ok(image) = Image::open(&path) else { return };
    let _ = (image.exports(), image.imports(), image.relocations());
    let mut page = [0; 4096];
    let _ = image.read(image.size() / 2, &mut page);
    if image.size() > 1 << 24 {
        return;
    }
    let Ok(view) = image.map() else { return };
    for section in view.image().sections().to_vec() {
        let _ = view.read(section.address, &mut page[..section.len.min(4096) as usize]);
    }
    view.pages().unwrap();
});
