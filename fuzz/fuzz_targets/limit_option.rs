//! See `tests/tests/fuzz/of_host/limit_option.rs`.

#![no_main]

#[path = "../../tests/tests/fuzz/of_host/limit_option.rs"]
mod limit_option;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| limit_option::limit_option(bytes));
