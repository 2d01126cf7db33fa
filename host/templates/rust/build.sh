#!/bin/sh
# Builds package/handler.wasm, a component. Needs Rust with the target wasm32-wasip2, which rustup adds.
set -eu
cd "$(dirname "$0")"
if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx wasm32-wasip2; then
    rustup target add wasm32-wasip2
fi
cargo build --release --target wasm32-wasip2
cp "${CARGO_TARGET_DIR:-target}/wasm32-wasip2/release/handler.wasm" package/handler.wasm
