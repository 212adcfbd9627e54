//! A small library in the format of Windows, put together byte by byte: what is tested of the format needs no compiler.

/// Where in the file things are that tests damage.
pub const OPTIONAL: usize = 0x40 + 4 + 20;
pub const SECTIONS: usize = OPTIONAL + 240;

pub const BASE: u64 = 0x1_8000_0000;

fn put(bytes: &mut [u8], at: usize, value: impl AsRef<[u8]>) {
    let value = value.as_ref();
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// Code, data that holds an address and is relocated, a shared section, exports and relocations; 64 bits.
pub fn library() -> Vec<u8> {
    let mut file = vec![0; 0x1600];
    put(&mut file, 0, b"MZ");
    put(&mut file, 0x3c, 0x40_u32.to_le_bytes());
    put(&mut file, 0x40, b"PE\0\0");
    let header = 0x44;
    put(&mut file, header, 0x8664_u16.to_le_bytes());
    put(&mut file, header + 2, 5_u16.to_le_bytes());
    put(&mut file, header + 16, 240_u16.to_le_bytes()); // bytes of the optional header
    put(&mut file, header + 18, 0x2022_u16.to_le_bytes()); // a library
    put(&mut file, OPTIONAL, 0x20b_u16.to_le_bytes());
    put(&mut file, OPTIONAL + 16, 0x1000_u32.to_le_bytes()); // the entry point
    put(&mut file, OPTIONAL + 24, BASE.to_le_bytes());
    put(&mut file, OPTIONAL + 32, 0x1000_u32.to_le_bytes());
    put(&mut file, OPTIONAL + 36, 0x200_u32.to_le_bytes());
    put(&mut file, OPTIONAL + 56, 0x6000_u32.to_le_bytes()); // the size of the image
    put(&mut file, OPTIONAL + 60, 0x400_u32.to_le_bytes()); // and of the headers
    put(&mut file, OPTIONAL + 108, 16_u32.to_le_bytes());
    put(&mut file, OPTIONAL + 112, directory(0x4000, 0x80)); // exports
    put(&mut file, OPTIONAL + 112 + 5 * 8, directory(0x5000, 12)); // relocations
    let sections: [(&[u8], u32, u32, u32); 5] = [
        (b".text", 0x1000, 0x400, 0x6000_0020),
        (b".data", 0x2000, 0x600, 0xC000_0040),
        (b".common", 0x3000, 0x800, 0xD000_0040),
        (b".edata", 0x4000, 0xA00, 0x4000_0040),
        (b".reloc", 0x5000, 0xC00, 0x4200_0040),
    ];
    for (index, (name, address, offset, flags)) in sections.into_iter().enumerate() {
        let at = SECTIONS + index * 40;
        put(&mut file, at, name);
        put(&mut file, at + 8, 0x200_u32.to_le_bytes()); // bytes in memory
        put(&mut file, at + 12, address.to_le_bytes());
        put(&mut file, at + 16, 0x200_u32.to_le_bytes()); // and in the file
        put(&mut file, at + 20, offset.to_le_bytes());
        put(&mut file, at + 36, flags.to_le_bytes());
    }
    put(&mut file, 0x400, [0xB8, 42, 0, 0, 0, 0xC3]); // mov eax, 42; ret
    put(&mut file, 0x608, (BASE + 0x1000).to_le_bytes()); // an address
    put(&mut file, 0x800, 7_u32.to_le_bytes());
    exports(&mut file[0xA00..0xC00]);
    put(&mut file, 0xC00, 0x2000_u32.to_le_bytes());
    put(&mut file, 0xC04, 12_u32.to_le_bytes());
    put(&mut file, 0xC08, 0xA008_u16.to_le_bytes()); // a 64-bit address at 0x2008
    file
}

fn directory(address: u32, len: u32) -> [u8; 8] {
    let mut bytes = [0; 8];
    put(&mut bytes, 0, address.to_le_bytes());
    put(&mut bytes, 4, len.to_le_bytes());
    bytes
}

/// One export, `answer`, at 0x1000.
fn exports(section: &mut [u8]) {
    put(section, 12, 0x4040_u32.to_le_bytes()); // the library's name
    put(section, 16, 1_u32.to_le_bytes());
    put(section, 20, 1_u32.to_le_bytes());
    put(section, 24, 1_u32.to_le_bytes());
    put(section, 28, 0x4028_u32.to_le_bytes()); // addresses
    put(section, 32, 0x402C_u32.to_le_bytes()); // names
    put(section, 36, 0x4030_u32.to_le_bytes()); // numbers of the names
    put(section, 0x28, 0x1000_u32.to_le_bytes());
    put(section, 0x2C, 0x4050_u32.to_le_bytes());
    put(section, 0x40, b"small.dll\0");
    put(section, 0x50, b"answer\0");
}
