//! Any UTF-16 units as a name: a name that leads back to itself, or an error. `cargo +nightly fuzz run names`
#![no_main]

use mapview::Name;

libfuzzer_sys::fuzz_target!(|units: Vec<u16>| {
    if let Ok(name) = Name::from_utf16(&units) {
        assert!(!name.units().is_empty());
        assert!(!name.units().contains(&u16::from(b'\\')));
        assert!(units.ends_with(name.units()));
        let _ = name.to_string();
    }
});
