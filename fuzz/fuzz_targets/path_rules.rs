//! See `hostler_tests::fuzz_targets::path_rules`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostler_tests::fuzz_targets::path_rules(bytes));
