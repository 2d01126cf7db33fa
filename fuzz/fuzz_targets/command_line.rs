//! See `hostler_tests::fuzz_targets::command_line`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostler_tests::fuzz_targets::command_line(bytes));
