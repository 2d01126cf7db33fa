//! Making packages: what goes in, what stays out, what is refused, and that the same folder gives the same bytes.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
};

use hostler_package::{PackError, PackOptions, Package, PackageDigest, PackageLimits, Packed, pack};

use crate::{
    author::Author,
    support::{codes_of, manifest, manifest_with_service},
};

/// A module for WASI preview 1 that ends with exit code 51.
const EXITS: &str = r#"(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start") (call $exit (i32.const 51))))"#;

fn names(packed: &Packed) -> Vec<String> {
    let package = Package::open(&packed.path, &PackageLimits::default()).unwrap().value;
    assert_eq!(package.digest(), packed.digest);
    package
        .archive()
        .entries()
        .iter()
        .map(|entry| entry.name().to_owned())
        .collect()
}

#[test]
fn a_folder_becomes_a_package() {
    let author = Author::new();
    author.write("Contoso.Hello/lib/é.txt", b"text");
    author.write("Contoso.Hello/empty", b"");
    let packed = author.pack().unwrap();
    assert_eq!(packed.path, author.path("build/Contoso.Hello-1.2.3.zip"));
    let bytes = fs::read(&packed.path).unwrap();
    assert_eq!(
        (packed.size, packed.digest),
        (bytes.len() as u64, PackageDigest::of(&bytes))
    );
    let expected = [
        "HandlerManifest.json",
        "bin",
        "bin/handler.wasm",
        "empty",
        "lib",
        "lib/é.txt",
    ];
    assert_eq!(names(&packed), expected);
    assert_eq!(packed.entries, expected.len());
    assert_eq!(packed.adapted, [""; 0]);
    assert_eq!(packed.warnings, []);
}

#[test]
fn the_same_folder_gives_the_same_bytes_wherever_it_lies() {
    let (one, two) = (Author::new(), Author::new());
    for (author, order) in [(&one, [1, 2, 3]), (&two, [3, 1, 2])] {
        for n in order {
            author.write(&format!("Contoso.Hello/data/{n}"), &vec![n; 100_000]);
        }
    }
    let executable = fs::Permissions::from_mode(0o700);
    fs::set_permissions(two.path("Contoso.Hello/data/1"), executable).unwrap();
    assert_eq!(one.pack().unwrap().digest, two.pack().unwrap().digest);
    assert_eq!(one.pack().unwrap().digest, two.pack().unwrap().digest);
}

#[test]
fn packing_again_leaves_nothing_of_the_old_package() {
    let author = Author::new();
    author.write("Contoso.Hello/old", b"");
    author.pack().unwrap();
    fs::remove_file(author.path("Contoso.Hello/old")).unwrap();
    let packed = author.pack().unwrap();
    assert!(!names(&packed).contains(&"old".to_owned()));
    assert_eq!(fs::read_dir(author.path("build")).unwrap().count(), 1);
}

#[test]
fn what_the_old_script_left_out_stays_out() {
    let author = Author::new();
    for name in [
        ".git/config",
        ".hidden",
        "test/a",
        "lib/test/a",
        "lib/deep/test/a",
        "lib/a.pyc",
        "lib/.kept",
    ] {
        author.write(&format!("Contoso.Hello/{name}"), b"x");
    }
    let packed = author.pack().unwrap();
    assert_eq!(packed.left_out, [".git", ".hidden", "lib/a.pyc", "lib/test", "test"]);
    let kept: Vec<String> = names(&packed)
        .into_iter()
        .filter(|name| name.starts_with("lib"))
        .collect();
    assert_eq!(
        kept,
        ["lib", "lib/.kept", "lib/deep", "lib/deep/test", "lib/deep/test/a"]
    );
}

#[test]
fn references_bring_files_of_the_repository() {
    let author = Author::new();
    author.write("Utils/a.py", b"a");
    author.write("Utils/test/b.py", b"b");
    author.write("Common/loader.py", b"l");
    author.write("Contoso.Hello/references", b"Utils/\n  Common/loader.py\n");
    let packed = author.pack().unwrap();
    let names = names(&packed);
    for (name, there) in [
        ("Utils/a.py", true),
        ("loader.py", true),
        ("Utils/test", false),
        ("references", false),
    ] {
        assert_eq!(names.contains(&name.to_owned()), there, "{name}");
    }

    author.write("Contoso.Hello/references", b"Utils missing");
    let refused = author.refusal_after_removing_build();
    assert_eq!(codes_of(&refused), ["pack.reference"]);
    assert_eq!(refused.first().location(), "references:1:7");
    for list in ["../outside", "/etc/passwd", "Utils/../../x"] {
        author.write("Contoso.Hello/references", list.as_bytes());
        author.assert_refused("pack.reference");
    }
    author.write("Contoso.Hello/loader.py", b"another");
    author.write("Contoso.Hello/references", b"Common/loader.py");
    author.assert_refused("pkg.duplicate");
}

#[test]
fn links_are_followed_inside_and_refused_outside() {
    let author = Author::new();
    author.write("Contoso.Hello/lib/real", b"content");
    symlink("lib", author.path("Contoso.Hello/link")).unwrap();
    symlink("lib/real", author.path("Contoso.Hello/file")).unwrap();
    let packed = author.pack().unwrap();
    let package = Package::open(&packed.path, &PackageLimits::default()).unwrap().value;
    for name in ["lib/real", "link/real", "file"] {
        assert_eq!(*package.archive().content(name).unwrap(), *b"content", "{name}");
    }
    fs::remove_dir_all(author.path("build")).unwrap();

    for target in ["/etc/passwd", "../..", "nowhere"] {
        let link = author.path("Contoso.Hello/bad");
        symlink(target, &link).unwrap();
        author.assert_refused("pack.link");
        fs::remove_file(link).unwrap();
    }
    symlink(".", author.path("Contoso.Hello/loop")).unwrap();
    assert!(codes_of(&author.refusal()).contains(&"pkg.depth"));
}

#[test]
fn modules_for_preview_1_are_adapted() {
    let author = Author::new();
    let core = wat::parse_str(EXITS).unwrap();
    author.write("Contoso.Hello/bin/handler.wasm", &core);
    author.write("Contoso.Hello/bin/plugin.wasm", &core);
    let packed = author.pack().unwrap();
    assert_eq!(packed.adapted, ["bin/handler.wasm"]);
    let package = Package::open(&packed.path, &PackageLimits::default()).unwrap().value;
    let component = package.component("bin/handler.wasm").unwrap();
    assert_eq!(component, hostler_package::adapt(&core).unwrap());
    wasmparser::Validator::new().validate_all(&component).unwrap();
    // What no command names is data.
    assert_eq!(package.component("bin/plugin.wasm").unwrap(), core);

    let text = manifest_with_service("bin/handler.wasm", "bin/plugin.wasm");
    author.write("Contoso.Hello/HandlerManifest.json", text.as_bytes());
    let adapted = author.pack().unwrap().adapted;
    assert_eq!(
        adapted,
        ["bin/handler.wasm", "bin/plugin.wasm"],
        "what runs on after enable, too"
    );

    let foreign = wat::parse_str(r#"(module (import "env" "f" (func)) (memory (export "memory") 1))"#).unwrap();
    author.write("Contoso.Hello/bin/handler.wasm", &foreign);
    assert_eq!(codes_of(&author.refusal_after_removing_build()), ["pack.adapt"]);
}

#[test]
fn a_folder_that_would_fail_later_is_refused() {
    type Change = fn(&Author);
    let cases: [(&str, Change); 14] = [
        ("manifest.missing", |a| {
            fs::remove_file(a.path("Contoso.Hello/HandlerManifest.json")).unwrap()
        }),
        ("manifest.json", |a| a.write("Contoso.Hello/HandlerManifest.json", b"[")),
        ("manifest.encoding", |a| {
            let text = [b"\xef\xbb\xbf".as_slice(), manifest("bin/handler.wasm").as_bytes()].concat();
            a.write("Contoso.Hello/HandlerManifest.json", &text);
        }),
        ("manifest.field", |a| {
            let text = manifest("bin/handler.wasm").replace("updateCommand", "upgradeCommand");
            a.write("Contoso.Hello/HandlerManifest.json", text.as_bytes());
        }),
        ("manifest.command", |a| {
            let text = manifest("bin/handler.wasm").replace("wasm update", "wasm update > log");
            a.write("Contoso.Hello/HandlerManifest.json", text.as_bytes());
        }),
        ("manifest.command_target", |a| {
            fs::remove_file(a.path("Contoso.Hello/bin/handler.wasm")).unwrap()
        }),
        ("wasm.format", |a| {
            a.write("Contoso.Hello/bin/handler.wasm", b"(module)")
        }),
        ("wasm.native", |a| {
            a.write("Contoso.Hello/bin/handler.wasm", b"\x7fELF\x02\x01\x01\0")
        }),
        ("pack.private_key", |a| {
            a.write("Contoso.Hello/lib/k", b"-----BEGIN EC PRIVATE KEY-----\n")
        }),
        ("pack.private_key", |a| a.write("Contoso.Hello/lib/key.pfx", b"")),
        ("pkg.duplicate", |a| a.write("Contoso.Hello/handlermanifest.json", b"")),
        ("pkg.name", |a| a.write("Contoso.Hello/a:b", b"")),
        ("pkg.reserved", |a| a.write("Contoso.Hello/status/0.status", b"")),
        ("pkg.type", |a| {
            let pipe = a.path("Contoso.Hello/pipe");
            rustix::fs::mkfifoat(rustix::fs::CWD, pipe, rustix::fs::Mode::RUSR).unwrap();
        }),
    ];
    for (code, change) in cases {
        let author = Author::new();
        change(&author);
        author.assert_refused(code);
    }
}

#[test]
fn name_and_version_are_checked() {
    let author = Author::new();
    let refusal = |version: &str, name: Option<&str>| {
        let options = PackOptions {
            name: name.map(str::to_owned),
            ..author.options()
        };
        match pack(&author.path("Contoso.Hello"), version, &options) {
            Err(PackError::Refused(refused)) => refused.first().code().name(),
            other => panic!("{other:?}"),
        }
    };
    for version in ["", "1.0/..", "1.0.0.0.0", "v1"] {
        assert_eq!(refusal(version, None), "pack.version", "{version}");
    }
    for name in ["", "../x", "a b", "-x", ".x"] {
        assert_eq!(refusal("1.0", Some(name)), "pack.name", "{name}");
    }
    for name in ["missing", "Contoso.Hello/HandlerManifest.json"] {
        match pack(&author.path(name), "1.0", &author.options()) {
            Err(PackError::Refused(refused)) => assert_eq!(refused.first().code().name(), "input.open"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_packs_too_well_is_stored() {
    let author = Author::new();
    author.write("Contoso.Hello/zeros", &vec![0; 2 << 20]);
    let packed = author.pack().unwrap();
    assert!(packed.size > 2 << 20);
}

#[test]
fn the_output_folder_is_not_packed() {
    let author = Author::new();
    let options = PackOptions {
        out: author.path("Contoso.Hello/build"),
        ..PackOptions::default()
    };
    for left_out in [&[][..], &["build"]] {
        let packed = pack(&author.path("Contoso.Hello"), "1.0", &options).unwrap();
        assert_eq!(packed.left_out, left_out);
        assert_eq!(names(&packed), ["HandlerManifest.json", "bin", "bin/handler.wasm"]);
    }
}
