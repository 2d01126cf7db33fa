#!/bin/sh
# Builds package/handler.wasm: CPython with the handler in it. Needs Python 3.10 or later; PyPI has the rest:
#     python3 -m pip install componentize-py
set -eu
cd "$(dirname "$0")"
"${COMPONENTIZE_PY:-componentize-py}" --wit-path wit --world hello componentize --stub-wasi handler --output package/handler.wasm
