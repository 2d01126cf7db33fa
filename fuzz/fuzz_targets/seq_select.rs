//! See `hostler_tests::fuzz_targets::seq_select`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostler_tests::fuzz_targets::seq_select(bytes));
