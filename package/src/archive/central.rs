//! The central directory: what the archive says about each entry, and the checks of one entry by itself.
//!
//! All entries are looked at before anything is refused, and everything is refused before any content is.

use hostler_contract::{Refused, codes};

use super::{EntryKind, end_record::EndRecord, extra, faults::Faults, fields::Fields, kind, name};
use crate::PackageLimits;

const SIGNATURE: u32 = 0x0201_4b50;

/// Highest version of the format that an entry may ask for: 4.5, which is zip64. Readers refuse what they do not
/// know, each from another version on.
pub(super) const MAX_NEEDED: u16 = 45;

/// Bits of the flags that say how an entry is written.
pub(super) mod flag {
    /// The content is encrypted.
    pub(crate) const ENCRYPTED: u16 = 1;
    /// Checksum and sizes follow the content.
    pub(crate) const DESCRIPTOR: u16 = 1 << 3;
    /// The content is encrypted with certificates.
    pub(crate) const STRONG: u16 = 1 << 6;
    /// The name is UTF-8.
    pub(crate) const UTF8: u16 = 1 << 11;
    /// The headers are masked, because the directory is encrypted.
    pub(crate) const MASKED: u16 = 1 << 13;
    /// What a package may have: options of the deflate method, and the two above that are not about encryption.
    pub(crate) const KNOWN: u16 = 0b110 | DESCRIPTOR | UTF8;
}

/// How an entry's content is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// As it is.
    Stored,
    /// With deflate.
    Deflate,
}

impl Method {
    /// The method's number in a header.
    pub(super) fn number(self) -> u16 {
        match self {
            Self::Stored => 0,
            Self::Deflate => 8,
        }
    }

    fn from_number(number: u16) -> Option<Self> {
        [Self::Stored, Self::Deflate].into_iter().find(|m| m.number() == number)
    }
}

/// One header of the central directory, as it stands there.
pub(super) struct Header<'a> {
    pub(super) raw_name: &'a [u8],
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u32,
    pub(super) size: u32,
    pub(super) offset: u32,
    made_by: u16,
    pub(super) needed: u16,
    attributes: u32,
    extra: &'a [u8],
    comment: &'a [u8],
    disk: u16,
}

impl<'a> Header<'a> {
    fn read(fields: &mut Fields<'a>) -> Option<Self> {
        if fields.u32()? != SIGNATURE {
            return None;
        }
        let made_by = fields.u16()?;
        let needed = fields.u16()?;
        let flags = fields.u16()?;
        let method = fields.u16()?;
        let _time = fields.u32()?;
        let (crc, packed, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
        let disk = fields.u16()?;
        let _internal = fields.u16()?;
        let (attributes, offset) = (fields.u32()?, fields.u32()?);
        Some(Self {
            raw_name: fields.take(usize::from(name))?,
            extra: fields.take(usize::from(extra))?,
            comment: fields.take(usize::from(comment))?,
            flags,
            method,
            crc,
            packed,
            size,
            offset,
            made_by,
            needed,
            attributes,
            disk,
        })
    }

    /// The name for people; what is not UTF-8 shows as `\xNN`.
    pub(super) fn label(&self) -> String {
        match std::str::from_utf8(self.raw_name) {
            Ok(name) => name.to_owned(),
            Err(_) => self.raw_name.escape_ascii().to_string(),
        }
    }
}

/// A header that passed all checks that need no other.
pub(super) struct CheckedHeader<'a> {
    pub(super) header: Header<'a>,
    /// The name without the `/` that ends a directory's.
    pub(super) name: &'a str,
    pub(super) kind: EntryKind,
    pub(super) method: Method,
}

/// Reads and checks the whole directory.
pub(super) fn read<'a>(
    file: &str,
    bytes: &'a [u8],
    end: &EndRecord,
    limits: &PackageLimits,
) -> Result<Vec<CheckedHeader<'a>>, Refused> {
    let mut faults = Faults::new(file);
    if end.entries > limits.entries {
        return Err(faults.whole(
            codes::PKG_ENTRIES,
            format!("the package has {} entries", end.entries),
            format!("a package has at most {} entries (pkg.entries)", limits.entries),
        ));
    }
    let mut fields = Fields::at(bytes.get(end.directory.clone()).unwrap_or_default(), 0);
    let mut headers = Vec::with_capacity(end.entries);
    for number in 1..=end.entries {
        let Some(header) = Header::read(&mut fields) else {
            return Err(faults.whole(
                codes::PKG_FORMAT,
                format!(
                    "the directory says it has {} entries, but entry {number} is not one",
                    end.entries
                ),
                "make the package with `hostler pack`",
            ));
        };
        headers.extend(check(header, limits, &mut faults));
    }
    if !fields.is_empty() {
        return Err(faults.whole(
            codes::PKG_INCONSISTENT,
            format!("the directory goes on after the {} entries it says it has", end.entries),
            "make the package with `hostler pack`",
        ));
    }
    super::tree::check(headers.iter().map(|h| (h.name, h.kind)), &mut faults);
    faults.settle()?;
    Ok(headers)
}

/// Checks one header; nothing if it has a fault.
fn check<'a>(header: Header<'a>, limits: &PackageLimits, faults: &mut Faults<'_>) -> Option<CheckedHeader<'a>> {
    let label = header.label();
    check_flags(&header, &label, faults);
    let method = Method::from_number(header.method);
    if method.is_none() {
        faults.entry(
            codes::PKG_METHOD,
            &label,
            format!("it is packed with method {}", header.method),
            "store it, or pack it with deflate",
        );
    }
    let kind = match kind::of(header.raw_name, header.made_by, header.attributes) {
        Ok(kind) => Some(kind),
        Err(fault) => {
            faults.entry(
                codes::PKG_TYPE,
                &label,
                fault,
                "pack regular files and directories only",
            );
            None
        }
    };
    let name = check_name(&header, &label, limits, faults);
    extra::check(header.extra, header.raw_name, &label, limits, faults);
    check_sizes(&header, &label, limits, faults);
    let (method, kind, name) = (method?, kind?, name?);
    if kind == EntryKind::Directory && header.size != 0 {
        let what = "it is named as a directory and has content";
        faults.entry(codes::PKG_NAME, &label, what, "name files without a `/` at the end");
    }
    Some(CheckedHeader {
        header,
        name,
        kind,
        method,
    })
}

fn check_flags(header: &Header<'_>, label: &str, faults: &mut Faults<'_>) {
    let flags = header.flags;
    if flags & (flag::ENCRYPTED | flag::STRONG | flag::MASKED) != 0 {
        faults.entry(
            codes::PKG_ENCRYPTED,
            label,
            "it is encrypted",
            "put secrets into protected settings, not into a package",
        );
    } else if flags & !flag::KNOWN != 0 {
        faults.entry(
            codes::PKG_FORMAT,
            label,
            format!("its flags are {flags:#06x}"),
            "make the package with `hostler pack`",
        );
    }
    if header.needed > MAX_NEEDED {
        faults.entry(
            codes::PKG_FORMAT,
            label,
            format!("it asks for version {} of the format", header.needed),
            "make the package with `hostler pack`",
        );
    }
    if header.disk != 0 || !header.comment.is_empty() {
        faults.entry(
            codes::PKG_FORMAT,
            label,
            "it has a comment or lies in another part of the archive",
            "make the package with `hostler pack`",
        );
    }
}

fn check_name<'a>(
    header: &Header<'a>,
    label: &str,
    limits: &PackageLimits,
    faults: &mut Faults<'_>,
) -> Option<&'a str> {
    let utf8 = std::str::from_utf8(header.raw_name).ok();
    // Without the flag a name is in an old code page for most readers, so only ASCII reads the same everywhere.
    let Some(name) = utf8.filter(|name| name.is_ascii() || header.flags & flag::UTF8 != 0) else {
        faults.entry(
            codes::PKG_NAME,
            label,
            "its name is not UTF-8, or not marked as being UTF-8",
            "write names in UTF-8 and set the flag that says so",
        );
        return None;
    };
    let name = name.strip_suffix('/').unwrap_or(name);
    match name::check(name, limits) {
        Ok(()) => Some(name),
        Err(fault) => {
            faults.entry(fault.code, label, fault.what, fault.hint);
            None
        }
    }
}

fn check_sizes(header: &Header<'_>, label: &str, limits: &PackageLimits, faults: &mut Faults<'_>) {
    let (size, packed) = (u64::from(header.size), u64::from(header.packed));
    // The mark of a zip64 size: the real one is too large for a package, or has no business there (PKG-27).
    let zip64 = header.size == u32::MAX || header.packed == u32::MAX;
    if !zip64 && size > limits.ratio_above && size > packed.saturating_mul(limits.ratio) {
        faults.entry(
            codes::PKG_RATIO,
            label,
            format!("its {packed} packed bytes unpack to {size}"),
            format!(
                "above {} bytes an entry unpacks to at most {} times its packed size",
                limits.ratio_above, limits.ratio
            ),
        );
    } else if zip64 || size > limits.entry_unpacked {
        faults.entry(
            codes::PKG_SIZE,
            label,
            format!("it declares {size} unpacked and {packed} packed bytes"),
            format!(
                "an entry may unpack to at most {} bytes (pkg.entry_unpacked)",
                limits.entry_unpacked
            ),
        );
    }
}
