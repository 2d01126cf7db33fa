//! See `tests/tests/fuzz/of_host/state_record.rs`.

#![no_main]

#[path = "../../tests/tests/fuzz/of_host/state_record.rs"]
mod state_record;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| state_record::state_record(bytes));
