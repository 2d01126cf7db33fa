//! See `hostler_tests::fuzz_targets::zip_import`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostler_tests::fuzz_targets::zip_import(bytes));
