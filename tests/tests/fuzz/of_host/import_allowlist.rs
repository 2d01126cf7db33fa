//! The name of an import: what is granted is one of the interfaces that every handler gets, in a version that is linked.

use hostler_contract::Source;
use hostler_host::sandbox::{ScanLimits, prescan};

/// What every handler gets, written down once more (SECURITY.md, P1).
const GRANTED: [(&str, &[&str]); 5] = [
    (
        "cli",
        &[
            "environment",
            "exit",
            "stdin",
            "stdout",
            "stderr",
            "terminal-input",
            "terminal-output",
            "terminal-stdin",
            "terminal-stdout",
            "terminal-stderr",
        ],
    ),
    ("clocks", &["wall-clock", "monotonic-clock"]),
    ("filesystem", &["types", "preopens"]),
    ("io", &["error", "poll", "streams"]),
    ("random", &["random", "insecure", "insecure-seed"]),
];

/// A component that imports an instance by the name `bytes`, and nothing else.
pub(crate) fn import_allowlist(bytes: &[u8]) {
    let Ok(length @ 1..=100) = u8::try_from(bytes.len()) else {
        return;
    };
    let Ok(name) = std::str::from_utf8(bytes) else { return };
    // An instance type without exports, and an import of one.
    let mut component = b"\0asm\x0d\0\x01\0\x07\x03\x01\x42\x00".to_vec();
    component.extend([0x0a, length + 5, 1, 0, length]);
    component.extend_from_slice(bytes);
    component.extend([0x05, 0]);
    let refused = prescan(Source::new("input.wasm", &component), &ScanLimits::default());
    let refused = refused.expect_err("it exports nothing");
    // Only a granted import gets as far as the question what is exported.
    let granted = refused.first().code().name() == "wasm.export";
    assert_eq!(granted, may_import(name), "{name:?}: {refused}");
}

fn may_import(name: &str) -> bool {
    let all = GRANTED
        .iter()
        .flat_map(|(package, interfaces)| interfaces.iter().map(move |one| (package, one)));
    all.flat_map(|(package, interface)| (0..=12).map(move |patch| format!("wasi:{package}/{interface}@0.2.{patch}")))
        .chain(["hostler:handler/secrets@0.1.0".to_owned()])
        .any(|granted| granted == name)
}
