#!/bin/sh
# Builds package/handler.wasm: QuickJS with the handler in it. Needs node 20 or later; npm has the rest:
#     npm install --no-save componentize-qjs
set -eu
cd "$(dirname "$0")"
"${COMPONENTIZE_QJS:-$(command -v componentize-qjs || echo node_modules/.bin/componentize-qjs)}" \
    --sync --wit wit --world hello --js handler.js --output package/handler.wasm
