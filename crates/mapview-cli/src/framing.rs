//! How messages follow each other in a stream of bytes.

use std::io::{self, Write};

/// How messages follow each other on stdin or stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Each ends with a newline, which is no part of it
    Lines,
    /// Each ends with a zero byte, which is no part of it
    Nul,
    /// Each comes after its length: four bytes, the lowest first; for messages of any bytes
    Framed,
    /// One after the other; on stdin, pieces of --chunk bytes
    Raw,
}

impl Format {
    /// Writes a message so that whoever knows the format finds its end.
    pub fn write(self, message: &[u8], to: &mut impl Write) -> io::Result<()> {
        if self == Format::Framed {
            let len = u32::try_from(message.len()).map_err(io::Error::other)?;
            to.write_all(&len.to_le_bytes())?;
        }
        to.write_all(message)?;
        match self {
            Format::Lines => to.write_all(b"\n"),
            Format::Nul => to.write_all(b"\0"),
            Format::Framed | Format::Raw => Ok(()),
        }
    }
}

/// Finds messages in bytes that come in pieces.
pub struct Splitter {
    format: Format,
    chunk: usize,
    longest: usize,
    /// What came of a message that is not whole yet; of framed ones with its length.
    rest: Vec<u8>,
}

impl Splitter {
    /// `chunk` counts for [`Format::Raw`] only; a message above `longest` bytes is an error before it is whole.
    pub fn new(format: Format, chunk: usize, longest: usize) -> Splitter {
        Splitter { format, chunk: chunk.min(longest), longest, rest: Vec::new() }
    }

    /// Hands every message that the bytes make whole to `found`.
    pub fn push(&mut self, bytes: &[u8], found: &mut impl FnMut(Vec<u8>)) -> Result<(), TooLong> {
        match self.format {
            Format::Lines => self.until(b'\n', bytes, found)?,
            Format::Nul => self.until(0, bytes, found)?,
            Format::Raw => {
                self.rest.extend_from_slice(bytes);
                while self.rest.len() >= self.chunk {
                    found(self.rest.drain(..self.chunk).collect());
                }
            }
            Format::Framed => {
                self.rest.extend_from_slice(bytes);
                let mut from = 0;
                while let Some((len, rest)) = self.rest[from..].split_first_chunk() {
                    let len = u32::from_le_bytes(*len) as usize;
                    if len > self.longest {
                        return Err(TooLong(len));
                    }
                    let Some(message) = rest.get(..len) else { break };
                    found(message.to_vec());
                    from += 4 + len;
                }
                self.rest.drain(..from);
            }
        }
        Ok(())
    }

    /// What is left at the end of the stream: a last message without its mark, or an error if the stream was cut off in one.
    pub fn finish(self) -> Result<Option<Vec<u8>>, CutOff> {
        match self.format {
            _ if self.rest.is_empty() => Ok(None),
            Format::Framed => Err(CutOff),
            Format::Lines | Format::Nul | Format::Raw => Ok(Some(self.rest)),
        }
    }

    fn until(
        &mut self,
        mark: u8,
        mut bytes: &[u8],
        found: &mut impl FnMut(Vec<u8>),
    ) -> Result<(), TooLong> {
        loop {
            let end = memchr::memchr(mark, bytes);
            self.rest.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
            if self.rest.len() > self.longest {
                return Err(TooLong(self.rest.len()));
            }
            let Some(end) = end else { return Ok(()) };
            found(std::mem::take(&mut self.rest));
            bytes = &bytes[end + 1..];
        }
    }
}

/// A message has, or begins with, so many bytes, which are too many.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLong(pub usize);

/// The stream ended in the midst of a message.
#[derive(Debug, PartialEq, Eq)]
pub struct CutOff;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(format: Format, chunk: usize, pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let (mut splitter, mut found) = (Splitter::new(format, chunk, 100), Vec::new());
        for piece in pieces {
            splitter.push(piece, &mut |message| found.push(message)).unwrap();
        }
        found.extend(splitter.finish().unwrap());
        found
    }

    #[test]
    fn each_format_finds_its_messages() {
        assert_eq!(split(Format::Lines, 1, &[b"a\n\nb", b"c\nd"]), [&b"a"[..], b"", b"bc", b"d"]);
        assert_eq!(split(Format::Lines, 1, &[b"a\r\n"]), [b"a\r"]);
        assert_eq!(split(Format::Nul, 1, &[b"a\n\0b\0"]), [&b"a\n"[..], b"b"]);
        assert_eq!(split(Format::Raw, 2, &[b"abc", b"de"]), [&b"ab"[..], b"cd", b"e"]);
        assert!(split(Format::Raw, 2, &[]).is_empty());
    }

    #[test]
    fn too_long_and_cut_off_are_errors() {
        for format in [Format::Lines, Format::Nul] {
            let mut splitter = Splitter::new(format, 1, 3);
            splitter.push(b"abc", &mut |_| panic!()).unwrap();
            assert_eq!(splitter.push(b"d", &mut |_| panic!()), Err(TooLong(4)));
        }
        let mut splitter = Splitter::new(Format::Framed, 1, 3);
        assert_eq!(splitter.push(&[4, 0, 0, 0], &mut |_| panic!()), Err(TooLong(4)));
        let mut splitter = Splitter::new(Format::Framed, 1, 3);
        splitter.push(&[3, 0, 0, 0, 7], &mut |_| panic!()).unwrap();
        assert_eq!(splitter.finish(), Err(CutOff));
    }

    proptest! {
        #[test]
        fn framed_messages_come_out_as_they_went_in(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..20),
            cut in 1_usize..40,
        ) {
            let mut stream = Vec::new();
            for message in &messages {
                Format::Framed.write(message, &mut stream).unwrap();
            }
            let pieces: Vec<&[u8]> = stream.chunks(cut).collect();
            prop_assert_eq!(split(Format::Framed, 1, &pieces), messages);
        }
    }
}
