//! See `hostler_tests::fuzz_targets::goal_state`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostler_tests::fuzz_targets::goal_state(bytes));
