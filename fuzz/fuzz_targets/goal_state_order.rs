//! See `tests/tests/fuzz/of_host/goal_state_order.rs`.

#![no_main]

#[path = "../../tests/tests/fuzz/of_host/goal_state_order.rs"]
mod goal_state_order;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| goal_state_order::goal_state_order(bytes));
