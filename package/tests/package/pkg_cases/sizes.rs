//! Bombs, and lies about sizes and numbers. They are made when the test runs, and refused within a bounded time.

use std::fs;

use hostler_package::{Package, PackageLimits};
use hostler_tests::{ZipEntry, ZipForge, extra_field};

use crate::support::{COMPONENT, Host, assert_refused, codes_of, manifest, refusal, soon, with};

const MIB: u32 = 1024 * 1024;

#[test]
fn pkg_19_flat_bomb() {
    let bytes = with([ZipEntry::zeros("bomb", 300 * MIB)]).build();
    let refused = soon(|| Package::from_bytes("bomb.zip", bytes.clone(), &PackageLimits::default()).unwrap_err());
    assert_eq!(codes_of(&refused), ["pkg.ratio"]);
    assert_eq!(codes_of(&refusal(&bytes)), ["pkg.ratio"]);
}

#[test]
fn pkg_19_many_small_bombs() {
    // Each entry is within its limits; together they are not.
    let limits = PackageLimits {
        ratio: 2000,
        ..PackageLimits::default()
    };
    let entry = ZipEntry::zeros("0", 60 * MIB);
    let named = |n: u32| ZipEntry {
        name: n.to_string().into_bytes(),
        ..entry.clone()
    };
    let bytes = with((0..5).map(named)).build();
    let refused = Package::from_bytes("bombs.zip", bytes, &limits).unwrap_err();
    assert_eq!(codes_of(&refused), ["pkg.size"]);
    let bytes = with([ZipEntry::zeros("0", 65 * MIB)]).build();
    let refused = Package::from_bytes("bomb.zip", bytes, &limits).unwrap_err();
    assert_eq!(codes_of(&refused), ["pkg.size"]);
}

#[test]
fn pkg_20_bomb_that_declares_ten_bytes() {
    let entry = ZipEntry::zeros("bomb", 300 * MIB);
    let (crc, packed, _) = entry.sizes;
    for size in [10, 0] {
        let bomb = ZipEntry {
            sizes: (crc, packed, size),
            ..entry.clone()
        };
        let bytes = with([bomb]).build();
        soon(|| assert_eq!(codes_of(&refusal(&bytes)), ["pkg.size_lie"]));
    }
}

#[test]
fn pkg_20_other_lies_about_sizes() {
    let short = ZipEntry::deflated("a", b"content");
    let (crc, packed, size) = short.sizes;
    let more = ZipEntry {
        sizes: (crc, packed, size + 1),
        ..short.clone()
    };
    assert_refused("PKG-20", "pkg.size_lie", &with([more]));
    let stored = ZipEntry::stored("a", b"content");
    let more = ZipEntry {
        sizes: (stored.sizes.0, 7, 8),
        ..stored
    };
    assert_refused("PKG-20", "pkg.size_lie", &with([more]));
    // Bytes behind the end of what is packed, which an unpacker never looks at.
    let mut hidden = short;
    hidden.packed.extend_from_slice(b"hidden");
    hidden.sizes.1 += 6;
    assert_refused("PKG-20", "pkg.inconsistent", &with([hidden]));
}

#[test]
fn pkg_21_very_many_entries() {
    let bytes = with((0..60_000).map(|n| ZipEntry::stored(n.to_string(), b""))).build();
    soon(|| assert_eq!(codes_of(&refusal(&bytes)), ["pkg.entries"]));
}

#[test]
fn pkg_27_zip64_sizes() {
    let tib = (1u64 << 40).to_le_bytes();
    let extra = extra_field(1, &[tib, tib].concat());
    let entry = ZipEntry {
        extra,
        sizes: (0, u32::MAX, u32::MAX),
        ..ZipEntry::stored("huge", b"x")
    };
    assert_refused("PKG-27", "pkg.size", &with([entry.clone()]));
    assert_refused(
        "PKG-27",
        "pkg.size",
        &with([ZipEntry {
            extra: Vec::new(),
            ..entry
        }]),
    );
    // Small sizes where zip64 is not needed are another place to read them from.
    let extra = extra_field(1, &[0; 16]);
    let entry = ZipEntry {
        extra: extra.clone(),
        ..ZipEntry::stored("small", b"x")
    };
    assert_refused("PKG-27", "pkg.format", &with([entry]));
    let entry = ZipEntry {
        local_extra: extra,
        ..ZipEntry::stored("small", b"x")
    };
    assert_refused("PKG-27", "pkg.format", &with([entry]));
}

#[test]
fn pkg_36_zip_in_zip_is_data() {
    let inner = ZipForge::of([ZipEntry::zeros("bomb", 300 * MIB)]).build();
    let host = Host::new();
    host.import_bytes(&with([ZipEntry::stored("inner.zip", &inner)]).build())
        .unwrap();
    assert_eq!(fs::read(host.path("handlers/handler/inner.zip")).unwrap(), inner);
}

/// What is small is kept when it is checked; what there is no room for is unpacked again.
#[test]
fn content_is_the_same_whether_it_was_kept_or_not() {
    let content = |factor: u32| -> Vec<u8> {
        let noise = (0..5 * MIB).map(|at| at.wrapping_mul(factor).to_be_bytes()[0]);
        COMPONENT.iter().copied().chain(noise).collect()
    };
    let contents = [("kept", content(0x9e37_79b1)), ("handler.wasm", content(0x85eb_ca77))];
    let manifest = ZipEntry::stored("HandlerManifest.json", manifest("handler.wasm").as_bytes());
    let large = contents.iter().map(|(name, content)| ZipEntry::deflated(name, content));
    let bytes = ZipForge::of(std::iter::once(manifest).chain(large)).build();
    let host = Host::new();
    let package = host.import_bytes(&bytes).unwrap();
    for (name, content) in &contents {
        assert!(*package.archive().content(name).unwrap() == **content, "{name}");
        assert!(
            fs::read(host.path("handlers/handler").join(name)).unwrap() == *content,
            "{name} in its place"
        );
    }
}
