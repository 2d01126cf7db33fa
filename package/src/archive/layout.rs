//! Local headers, and how entries lie in the file.
//!
//! A reader that goes by the directory and one that goes from the first byte to the last must find the same entries,
//! so each local header says what the directory says, and entries follow one another without a gap or an overlap
//! (PKG-17, PKG-24, PKG-25).

use std::ops::Range;

use hostler_contract::{Finding, Place, Refused, codes};

use super::{
    central::{CheckedHeader, MAX_NEEDED, Method, flag},
    end_record::EndRecord,
    extra,
    fields::Fields,
};
use crate::PackageLimits;

const SIGNATURE: u32 = 0x0403_4b50;
const DESCRIPTOR_SIGNATURE: u32 = 0x0807_4b50;
const HINT: &str = "make the package with `hostler pack`";

/// Finds the packed content of each header, in the order of `headers`.
pub(super) fn read(
    file: &str,
    bytes: &[u8],
    end: &EndRecord,
    headers: &[CheckedHeader<'_>],
    limits: &PackageLimits,
) -> Result<Vec<Range<usize>>, Refused> {
    let mut by_offset: Vec<(usize, &CheckedHeader<'_>)> = headers.iter().enumerate().collect();
    by_offset.sort_by_key(|(_, checked)| checked.header.offset);
    let mut contents = vec![0..0; headers.len()];
    let mut expected = 0;
    let mut rest = by_offset.iter().peekable();
    while let Some((index, checked)) = rest.next() {
        let next = match rest.peek() {
            Some((_, next)) => to_usize(next.header.offset),
            None => end.directory.start,
        };
        let local = Local { file, bytes, checked };
        let content = local.read(expected, next, limits)?;
        expected = next;
        if let Some(slot) = contents.get_mut(*index) {
            *slot = content;
        }
    }
    if expected != end.directory.start {
        let what = "there are bytes before the directory that no entry has";
        return Err(Finding::refusal(codes::PKG_FORMAT, file, Place::Whole, what, HINT).into());
    }
    Ok(contents)
}

/// One entry where it lies.
struct Local<'a> {
    file: &'a str,
    bytes: &'a [u8],
    checked: &'a CheckedHeader<'a>,
}

impl Local<'_> {
    /// Checks the entry, which must start at `expected` and end at `next`; gives the range of its packed content.
    fn read(&self, expected: usize, next: usize, limits: &PackageLimits) -> Result<Range<usize>, Refused> {
        let header = &self.checked.header;
        let start = to_usize(header.offset);
        if start > expected {
            return Err(self.refuse(
                codes::PKG_FORMAT,
                format!("there are {} bytes before it that no entry has", start - expected),
            ));
        }
        if start < expected {
            return Err(self.refuse(codes::PKG_OVERLAP, "it starts inside another entry"));
        }
        let mut fields = Fields::at(self.bytes, start);
        let Some(local) = LocalHeader::read(&mut fields) else {
            return Err(self.refuse(codes::PKG_FORMAT, format!("there is no entry at byte {start}")));
        };
        self.compare(&local)?;
        extra::check_local(local.extra, local.raw_name, &header.label(), limits, self.file)?;
        let content = start + local.length()..start + local.length() + to_usize(header.packed);
        if content.end > next {
            return Err(self.refuse(codes::PKG_OVERLAP, "its content reaches into what follows it"));
        }
        let gap = self.bytes.get(content.end..next).unwrap_or_default();
        self.check_descriptor(gap)?;
        Ok(content)
    }

    /// Refuses a local header that says anything else than the directory.
    fn compare(&self, local: &LocalHeader<'_>) -> Result<(), Refused> {
        let header = &self.checked.header;
        let sizes = (local.crc, local.packed, local.size);
        let same_sizes = sizes == (header.crc, header.packed, header.size)
            || (header.flags & flag::DESCRIPTOR != 0 && sizes == (0, 0, 0));
        if local.needed > MAX_NEEDED {
            let what = format!("it asks for version {} of the format", local.needed);
            return Err(self.refuse(codes::PKG_FORMAT, what));
        }
        let differs = if local.raw_name != header.raw_name {
            "name"
        } else if local.flags != header.flags {
            "flags"
        } else if local.method != header.method {
            "packing method"
        } else if !same_sizes {
            "checksum or sizes"
        } else {
            return Ok(());
        };
        Err(self.refuse(
            codes::PKG_INCONSISTENT,
            format!("its {differs} in the directory and before its content differ"),
        ))
    }

    /// Checks what stands between the content and the next entry: nothing, or a data descriptor that agrees.
    fn check_descriptor(&self, gap: &[u8]) -> Result<(), Refused> {
        let header = &self.checked.header;
        if header.flags & flag::DESCRIPTOR == 0 {
            return if gap.is_empty() {
                Ok(())
            } else {
                Err(self.refuse(
                    codes::PKG_FORMAT,
                    format!("there are {} bytes after it that no entry has", gap.len()),
                ))
            };
        }
        // Stored content has no end of its own, so whoever reads from the front would have to guess.
        if self.checked.method == Method::Stored && header.size != 0 {
            return Err(self.refuse(
                codes::PKG_FORMAT,
                "it is stored, and its size stands only after its content",
            ));
        }
        match descriptor(gap) {
            Some(values) if values == (header.crc, header.packed, header.size) => Ok(()),
            Some(_) => Err(self.refuse(
                codes::PKG_INCONSISTENT,
                "the checksum or sizes after its content differ from those in the directory",
            )),
            None => Err(self.refuse(
                codes::PKG_FORMAT,
                "what follows its content is not the checksum and sizes that it announces",
            )),
        }
    }

    fn refuse(&self, code: hostler_contract::Code, what: impl AsRef<str>) -> Refused {
        let place = Place::Entry(self.checked.header.label());
        Finding::refusal(code, self.file, place, what, HINT).into()
    }
}

/// A local header, as it stands in the file.
struct LocalHeader<'a> {
    needed: u16,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
    raw_name: &'a [u8],
    extra: &'a [u8],
}

impl<'a> LocalHeader<'a> {
    /// Length of the fields before the name, in bytes.
    const FIXED: usize = 30;

    fn read(fields: &mut Fields<'a>) -> Option<Self> {
        if fields.u32()? != SIGNATURE {
            return None;
        }
        let needed = fields.u16()?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        let _time = fields.u32()?;
        let (crc, packed, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let (name, extra) = (fields.u16()?, fields.u16()?);
        Some(Self {
            needed,
            flags,
            method,
            crc,
            packed,
            size,
            raw_name: fields.take(usize::from(name))?,
            extra: fields.take(usize::from(extra))?,
        })
    }

    fn length(&self) -> usize {
        Self::FIXED + self.raw_name.len() + self.extra.len()
    }
}

/// The checksum and sizes in a data descriptor: twelve bytes, or sixteen with a signature.
fn descriptor(gap: &[u8]) -> Option<(u32, u32, u32)> {
    let mut fields = Fields::at(gap, 0);
    match gap.len() {
        12 => {}
        16 if fields.u32()? == DESCRIPTOR_SIGNATURE => {}
        _ => return None,
    }
    Some((fields.u32()?, fields.u32()?, fields.u32()?))
}

/// Offsets in a slice always fit; a number that does not is past its end.
fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
