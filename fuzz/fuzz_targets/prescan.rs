//! See `tests/tests/fuzz/of_host/prescan.rs`.

#![no_main]

#[path = "../../tests/tests/fuzz/of_host/prescan.rs"]
mod prescan;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| prescan::prescan(bytes));
