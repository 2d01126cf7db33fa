//! Unpacks every entry once, to know that it can be unpacked as it says; what is small is kept, so as not to do it again.
//!
//! The declared sizes passed their limits before. They are counted here while unpacking and not believed, so an entry
//! that lies is noticed at the first byte too many (PKG-14, PKG-20).

use flate2::{Decompress, FlushDecompress, Status};
use hostler_contract::{Code, Finding, Place, Refused, codes};

use super::central::{CheckedHeader, Method};
use crate::source::CHUNK;

const HINT: &str = "make the package again; it was damaged or made to mislead";

/// The content of an entry.
#[derive(Debug)]
pub(super) struct Content {
    /// Its size in bytes.
    pub(super) size: u64,
    /// All of it, where there was room.
    pub(super) kept: Option<Vec<u8>>,
}

/// Unpacks the content `packed` of the entry `checked`, and keeps it if it declares that it fits into `room` bytes.
pub(super) fn verify(file: &str, checked: &CheckedHeader<'_>, packed: &[u8], room: usize) -> Result<Content, Refused> {
    let declared = usize::try_from(checked.header.size).ok();
    let mut count = Count {
        file,
        checked,
        size: 0,
        crc: crc32fast::Hasher::new(),
        kept: declared.filter(|size| *size <= room).map(Vec::with_capacity),
    };
    match checked.method {
        Method::Stored => packed.chunks(CHUNK).try_for_each(|chunk| count.add(chunk))?,
        Method::Deflate => inflate(packed, &mut count)?,
    }
    count.finish()
}

fn inflate(packed: &[u8], count: &mut Count<'_>) -> Result<(), Refused> {
    let mut decoder = Decompress::new(false);
    let mut chunk = vec![0; CHUNK];
    loop {
        let (read, wrote) = (decoder.total_in(), decoder.total_out());
        let input = usize::try_from(read)
            .ok()
            .and_then(|at| packed.get(at..))
            .unwrap_or_default();
        let status = decoder
            .decompress(input, &mut chunk, FlushDecompress::None)
            .map_err(|_| count.refuse(codes::PKG_FORMAT, "its content is not deflate data"))?;
        let new = usize::try_from(decoder.total_out() - wrote).unwrap_or(usize::MAX);
        count.add(chunk.get(..new).unwrap_or_default())?;
        if status == Status::StreamEnd {
            break;
        }
        if new == 0 && decoder.total_in() == read {
            return Err(count.refuse(codes::PKG_FORMAT, "its content is cut off"));
        }
    }
    if decoder.total_in() == packed.len() as u64 {
        Ok(())
    } else {
        Err(count.refuse(codes::PKG_INCONSISTENT, "its content ends before its packed size"))
    }
}

/// What came out of an entry so far.
struct Count<'a> {
    file: &'a str,
    checked: &'a CheckedHeader<'a>,
    size: u64,
    crc: crc32fast::Hasher,
    kept: Option<Vec<u8>>,
}

impl Count<'_> {
    fn add(&mut self, chunk: &[u8]) -> Result<(), Refused> {
        self.size += chunk.len() as u64;
        self.crc.update(chunk);
        let declared = u64::from(self.checked.header.size);
        if self.size > declared {
            return Err(self.refuse(
                codes::PKG_SIZE_LIE,
                format!("it declares {declared} bytes and unpacks to more"),
            ));
        }
        // No more than it declared, for which there was room.
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(chunk);
        }
        Ok(())
    }

    fn finish(self) -> Result<Content, Refused> {
        let declared = self.checked.header.size;
        if self.size != u64::from(declared) {
            return Err(self.refuse(
                codes::PKG_SIZE_LIE,
                format!("it declares {declared} bytes and unpacks to {}", self.size),
            ));
        }
        if self.crc.clone().finalize() != self.checked.header.crc {
            return Err(self.refuse(codes::PKG_CRC, "its content does not match its checksum"));
        }
        Ok(Content {
            size: self.size,
            kept: self.kept,
        })
    }

    fn refuse(&self, code: Code, what: impl AsRef<str>) -> Refused {
        let place = Place::Entry(self.checked.header.label());
        Finding::refusal(code, self.file, place, what, HINT).into()
    }
}
