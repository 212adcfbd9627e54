//! The checksums there are.

use sha2::{Digest, Sha256};

/// Which checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// As sha256sum
    Sha256,
    /// As b3sum; several times as fast
    Blake3,
    /// The CRC-32 of zip, gzip and PNG; against accidents only
    Crc32,
    /// XXH3, 64 bits, as xxhsum -H3; the fastest, against accidents only
    Xxh3,
}

/// A checksum in the making.
pub enum Hasher {
    Sha256(Sha256),
    Blake3(Box<blake3::Hasher>),
    Crc32(crc32fast::Hasher),
    Xxh3(Box<xxhash_rust::xxh3::Xxh3>),
}

impl Algorithm {
    pub fn hasher(self) -> Hasher {
        match self {
            Algorithm::Sha256 => Hasher::Sha256(Sha256::new()),
            Algorithm::Blake3 => Hasher::Blake3(Box::new(blake3::Hasher::new())),
            Algorithm::Crc32 => Hasher::Crc32(crc32fast::Hasher::new()),
            Algorithm::Xxh3 => Hasher::Xxh3(Box::new(xxhash_rust::xxh3::Xxh3::new())),
        }
    }

    /// How many hexadecimal digits it is written with.
    pub fn digits(self) -> usize {
        match self {
            Algorithm::Sha256 | Algorithm::Blake3 => 64,
            Algorithm::Xxh3 => 16,
            Algorithm::Crc32 => 8,
        }
    }
}

impl Hasher {
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Sha256(hasher) => hasher.update(bytes),
            Hasher::Blake3(hasher) => {
                hasher.update(bytes);
            }
            Hasher::Crc32(hasher) => hasher.update(bytes),
            Hasher::Xxh3(hasher) => hasher.update(bytes),
        }
    }

    /// The checksum in hexadecimal.
    pub fn finish(self) -> String {
        match self {
            Hasher::Sha256(hasher) => {
                hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
            }
            Hasher::Blake3(hasher) => hasher.finalize().to_hex().to_string(),
            Hasher::Crc32(hasher) => format!("{:08x}", hasher.finalize()),
            Hasher::Xxh3(hasher) => format!("{:016x}", hasher.digest()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn checksums_are_those_that_others_compute() {
        let known = [
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
            "352441c2",
            "78af5f94892f3950",
        ];
        for (algorithm, known) in Algorithm::value_variants().iter().zip(known) {
            let mut hasher = algorithm.hasher();
            hasher.update(b"a");
            hasher.update(b"bc");
            assert_eq!(hasher.finish(), known, "{algorithm:?}");
            assert_eq!(known.len(), algorithm.digits());
        }
    }
}
