//! See `hostler_tests::fuzz_targets::json_agent`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostler_tests::fuzz_targets::json_agent(bytes));
