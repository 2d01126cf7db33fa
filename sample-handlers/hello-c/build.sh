#!/bin/sh
# Builds package/handler.wasm: a module for WASI preview 1, which hostler makes a component when it packs or tests.
# Needs clang with a WebAssembly linker and wasi-libc; on Debian: clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32.
set -eu
cd "$(dirname "$0")"
cc=${CC:-$(command -v clang-14 || command -v clang || { echo "there is no clang" >&2; exit 1; })}
"$cc" --target=wasm32-wasi -std=gnu11 -Os -s -Wall -Wextra -Werror -o package/handler.wasm handler.c json.c heap.c
