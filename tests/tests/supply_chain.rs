//! What the project is built from: no dependency below the version in which a known hole was closed, none from
//! anywhere but crates.io, and no more of the WebAssembly runtime than is needed.
//!
//! The first is a table here and not an advisory database, since that is a git repository which a build without
//! network, or with a registry mirror only, cannot fetch. Who raises a version because of a hole adds a row.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the project has failed")]

use std::{env, fs, process::Command};

/// Lowest version of a dependency that may be in Cargo.lock, and why.
const FLOORS: [(&str, &str, &str); 17] = [
    (
        "bytes",
        "1.11.1",
        "RUSTSEC-2026-0007: integer overflow in BytesMut::reserve",
    ),
    (
        "cap-primitives",
        "4.0.3",
        "escapes from a folder by way of links and trailing slashes",
    ),
    (
        "cranelift-codegen",
        "0.135.8",
        "belongs to wasmtime 48.0.8: wrong code is an escape",
    ),
    ("idna", "1.0.0", "RUSTSEC-2024-0421: two spellings of one host name"),
    (
        "openssl",
        "0.10.72",
        "RUSTSEC-2025-0022: use after free; RUSTSEC-2025-0004 before it",
    ),
    ("ring", "0.17.12", "RUSTSEC-2025-0009: a packet that makes it panic"),
    (
        "rustix",
        "1.1.6",
        "opens what a handler may have replaced; GHSA-c827-hfw6-qwvm in lines before 1",
    ),
    (
        "rustls",
        "0.23.18",
        "RUSTSEC-2024-0399: a handshake that makes it panic",
    ),
    (
        "sqlx",
        "0.8.1",
        "RUSTSEC-2024-0363: lengths that overflow on the way to the database",
    ),
    ("time", "0.3.47", "RUSTSEC-2026-0009: stack exhausted while parsing"),
    (
        "tokio",
        "1.44.2",
        "RUSTSEC-2025-0023: broadcast channel clones without synchronising",
    ),
    (
        "tracing-subscriber",
        "0.3.20",
        "RUSTSEC-2025-0055: terminal escapes in what is logged",
    ),
    ("wasmparser", "0.254.2", "checks components before they are compiled"),
    (
        "wasmtime",
        "48.0.8",
        "36 advisories were closed from 48.0.3 to 48.0.8, handle tables (GHSA-q554, GHSA-6fr9) among them",
    ),
    (
        "wasmtime-wasi",
        "48.0.8",
        "panic on set-times (GHSA-j2g9), rename out of a folder (GHSA-m9f7), stdio without bound (GHSA-gqmc)",
    ),
    ("wasmtime-wasi-io", "48.0.8", "goes with wasmtime-wasi"),
    (
        "zip",
        "9.4.1",
        "second reader of packages; what it accepts was looked at in this version",
    ),
];

/// Crates that must not come in, and why.
const BANNED: [(&str, &str); 4] = [
    ("rsa", "RUSTSEC-2023-0071: private keys leak through timing"),
    (
        "openssl-src",
        "would build a copy of OpenSSL that no distribution updates",
    ),
    ("aws-lc-sys", "a second cryptographic library, and a long C build"),
    ("wasmtime-wasi-http", "no handler has a network"),
];

/// The features of the runtime, complete. More of it means more that can be wrong with it: see docs/threat-model.md.
const RUNTIME_FEATURES: [(&str, &[&str]); 3] = [
    (
        "wasmtime",
        &[
            "async",
            "component-model",
            "cranelift",
            // Brought in by those above, not to be asked for.
            "once_cell",
            "runtime",
            "std",
            "wasmtime-jit-icache-coherence",
        ],
    ),
    ("wasmtime-wasi", &["p2"]),
    ("wasmtime-wasi-io", &["std"]),
];

/// One package of Cargo.lock.
#[derive(Debug, Default, Clone)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
}

fn root() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/..")
}

fn locked() -> Vec<Locked> {
    let text = fs::read_to_string(format!("{}/Cargo.lock", root())).unwrap();
    let packages: Vec<Locked> = text
        .split("[[package]]")
        .skip(1)
        .map(|block| {
            let value = |key: &str| {
                block
                    .lines()
                    .find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'))
                    .map(str::to_owned)
            };
            Locked {
                name: value("name").unwrap(),
                version: value("version").unwrap(),
                source: value("source"),
            }
        })
        .collect();
    assert!(
        packages.len() > 50,
        "Cargo.lock was not understood: {} packages",
        packages.len()
    );
    packages
}

/// `1.2.3-rc.1+x` as numbers; a pre-release counts as its release, which is enough for floors that are releases.
fn numbers(version: &str) -> Vec<u64> {
    version
        .split(['-', '+'])
        .next()
        .unwrap_or_default()
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect()
}

#[test]
fn no_dependency_is_below_its_floor() {
    let locked = locked();
    for (name, floor, why) in FLOORS {
        let versions: Vec<&Locked> = locked.iter().filter(|package| package.name == name).collect();
        assert!(
            !versions.is_empty(),
            "{name} is no dependency any more: take its row away"
        );
        for package in versions {
            assert!(
                numbers(&package.version) >= numbers(floor),
                "{name} {} is below {floor} ({why})",
                package.version
            );
        }
    }
}

#[test]
fn versions_are_compared_as_numbers() {
    assert!(numbers("48.0.10") > numbers("48.0.8"));
    assert!(numbers("9.4.1+zlib") == numbers("9.4.1"));
    assert!(numbers("0.135.8") < numbers("1.0.0"));
}

#[test]
fn everything_comes_from_the_registry_and_nothing_banned_is_there() {
    for package in locked() {
        if let Some(source) = &package.source {
            assert_eq!(
                source, "registry+https://github.com/rust-lang/crates.io-index",
                "{package:?}"
            );
        }
        if let Some((_, why)) = BANNED.iter().find(|(name, _)| *name == package.name) {
            panic!("{} {} is banned: {why}", package.name, package.version);
        }
    }
}

#[test]
fn pins_are_exact_where_a_version_decides_whether_the_sandbox_holds() {
    let manifest = fs::read_to_string(format!("{}/Cargo.toml", root())).unwrap();
    for name in ["wasmtime", "wasmtime-wasi", "wasmtime-wasi-io", "zip"] {
        let line = manifest
            .lines()
            .find(|line| line.starts_with(&format!("{name} = ")))
            .unwrap_or_else(|| panic!("{name} is not in the workspace's Cargo.toml"));
        assert!(line.contains("version = \"="), "no exact pin: {line}");
        assert!(
            line.contains("default-features = false"),
            "default features are on: {line}"
        );
    }
}

/// The features of `name` in the given build, as `cargo tree` sees them.
fn features(name: &str, what: &[&str]) -> Vec<String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root())
        .args(["tree", "--locked", "--offline", "--edges", "normal,build,dev"])
        .args(["--prefix", "none", "--format", "{p}|{f}"])
        .args(what)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let start = format!("{name} v");
    let line = text
        .lines()
        .find(|line| line.starts_with(&start))
        .unwrap_or_else(|| panic!("{name} is not in the tree of {what:?}"));
    let (_, features) = line.split_once('|').unwrap();
    features
        .trim_end_matches("(*)")
        .trim()
        .split(',')
        .filter(|feature| !feature.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_runtime_has_no_feature_that_is_not_needed() {
    // Once as users build it, once as CI does: there the features of every member and every test come together.
    for what in [&["--package", "hostler-host"][..], &["--workspace"]] {
        for (name, expected) in RUNTIME_FEATURES {
            assert_eq!(
                features(name, what),
                expected,
                "features of {name} in cargo tree {}",
                what.join(" ")
            );
        }
    }
}
