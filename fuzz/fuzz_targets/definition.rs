//! See `hostler_tests::fuzz_targets::definition`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostler_tests::fuzz_targets::definition(bytes));
