//! Archives and packages: what is accepted has one reading, and goes nowhere but where it is staged.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Cursor, Read as _};
use std::os::fd::AsFd as _;
use std::path::Path;

use flate2::read::DeflateDecoder;
use hostler_package::{Archive, Durability, EntryKind, Package, PackageLimits};

/// What a reader finds: content by name, `None` for a directory.
pub(super) type Listing = BTreeMap<String, Option<Vec<u8>>>;

/// An archive: what is accepted is listed alike by a reader that goes by the directory and by one that goes from the
/// first byte to the last, and what is staged is just that.
pub fn zip_import(bytes: &[u8]) {
    let limits = PackageLimits::default();
    let Ok(archive) = Archive::read("input.zip", bytes.to_vec(), &limits) else {
        assert!(Package::from_bytes("input.zip", bytes.to_vec(), &limits).is_err());
        return;
    };
    let listing = ours(&archive);
    assert_eq!(
        listing,
        by_directory(bytes),
        "a reader that goes by the directory finds something else"
    );
    if let Some(forward) = forward(bytes) {
        assert_eq!(listing, forward, "a reader that goes forward finds something else");
    }
    if let Ok(package) = Package::from_bytes("input.zip", bytes.to_vec(), &limits) {
        assert_eq!(listing, staged(&package.value), "something else was staged");
    }
}

fn ours(archive: &Archive) -> Listing {
    let mut listing = Listing::new();
    for entry in archive.entries() {
        let content = (entry.kind() == EntryKind::File).then(|| {
            let content = archive
                .content(entry.name())
                .expect("checked content can be read again");
            assert_eq!(content.len() as u64, entry.size());
            content.into_owned()
        });
        assert!(
            listing.insert(entry.name().to_owned(), content).is_none(),
            "a name stands twice"
        );
    }
    listing
}

/// By the `zip` crate's own reader.
fn by_directory(bytes: &[u8]) -> Listing {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("the zip crate opens what was accepted");
    let mut listing = Listing::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("an entry");
        let name = String::from_utf8(file.name_raw().to_vec()).expect("a name in UTF-8");
        let mut content = Vec::new();
        file.read_to_end(&mut content).expect("content");
        assert_eq!(content.len() as u64, file.size());
        let (name, content) = match name.strip_suffix('/') {
            Some(folder) => (folder.to_owned(), None),
            None => (name, Some(content)),
        };
        assert!(listing.insert(name, content).is_none(), "a name stands twice");
    }
    listing
}

/// By local headers alone, as a reader of a stream does; nothing where an entry's size comes after its content.
fn forward(bytes: &[u8]) -> Option<Listing> {
    const LOCAL: u32 = 0x0403_4b50;
    const SIZE_COMES_LATER: u16 = 1 << 3;
    let mut listing = Listing::new();
    let mut rest = bytes;
    while let Some((header, after)) = rest.split_at_checked(30) {
        let short = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let long = |at: usize| u32::from(short(at)) | u32::from(short(at + 2)) << 16;
        if long(0) != LOCAL {
            break;
        }
        if short(6) & SIZE_COMES_LATER != 0 {
            return None;
        }
        let (name, after) = after.split_at(short(26).into());
        let (_, after) = after.split_at(short(28).into());
        let (packed, after) = after.split_at(long(18) as usize);
        let mut content = Vec::new();
        match short(8) {
            0 => content.extend_from_slice(packed),
            _ => {
                let length = DeflateDecoder::new(packed)
                    .read_to_end(&mut content)
                    .expect("deflated content");
                assert_eq!(length, long(22) as usize);
            }
        }
        assert_eq!(crc32fast::hash(&content), long(14));
        let name = std::str::from_utf8(name).expect("a name in UTF-8");
        match name.strip_suffix('/') {
            Some(folder) => listing.insert(folder.to_owned(), None),
            None => listing.insert(name.to_owned(), Some(content)),
        };
        rest = after;
    }
    Some(listing)
}

/// Stages and publishes the package in a folder of its own. Gives what is there then, but for folders that no entry
/// names; fails when anything else in that folder has changed.
pub(super) fn staged(package: &Package) -> Listing {
    let here = tempfile::tempdir().expect("a folder");
    for folder in ["staging", "handlers"] {
        fs::create_dir(here.path().join(folder)).expect("a folder");
    }
    fs::write(here.path().join("canary"), "alive").expect("a file");
    let open = |folder: &str| File::open(here.path().join(folder)).expect("a folder");
    let staged = package
        .stage(open("staging").as_fd(), Durability::OnDisk)
        .expect("a checked package can be staged");
    staged
        .publish(open("handlers").as_fd(), "handler")
        .expect("and published");
    let mut listing = Listing::new();
    list(here.path(), "", &mut listing);
    for (name, content) in [
        ("canary", Some(b"alive".to_vec())),
        ("staging", None),
        ("handlers", None),
        ("handlers/handler", None),
    ] {
        assert_eq!(listing.remove(name), Some(content), "{name}");
    }
    let named = |name: &str| package.archive().entry(name).is_some();
    listing
        .into_iter()
        .map(|(name, content)| {
            let inside = name.strip_prefix("handlers/handler/");
            (
                inside.unwrap_or_else(|| panic!("{name} is outside")).to_owned(),
                content,
            )
        })
        .filter(|(name, content)| content.is_some() || named(name))
        .collect()
}

fn list(root: &Path, below: &str, listing: &mut Listing) {
    for entry in fs::read_dir(root.join(below)).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = Path::new(below).join(entry.file_name());
        let name = name.to_str().expect("a name in UTF-8").to_owned();
        let kind = entry.file_type().expect("a type");
        if kind.is_dir() {
            list(root, &name, listing);
            listing.insert(name, None);
        } else {
            assert!(kind.is_file(), "{name} is no regular file");
            listing.insert(name, Some(fs::read(entry.path()).expect("a file")));
        }
    }
}
