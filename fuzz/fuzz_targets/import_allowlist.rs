//! See `tests/tests/fuzz/of_host/import_allowlist.rs`.

#![no_main]

#[path = "../../tests/tests/fuzz/of_host/import_allowlist.rs"]
mod import_allowlist;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| import_allowlist::import_allowlist(bytes));
