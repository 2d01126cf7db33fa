#!/bin/sh
# Builds package/handler.wasm: CPython with the handler in it. Needs componentize-py, which PyPI has:
#     python3 -m pip install --target tools componentize-py==0.25.0
# It imports sockets, since Python's library does; `hostler pack`, `run` and `test` take them out and say so.
set -eu
cd "$(dirname "$0")"
if [ -z "${COMPONENTIZE_PY:-}" ]; then
    COMPONENTIZE_PY=$(command -v componentize-py || echo tools/bin/componentize-py)
fi
# Where pip was told to put it, Python has to be told too.
tools=$(dirname "$(dirname "$COMPONENTIZE_PY")")
if [ -d "$tools/componentize_py" ]; then
    export PYTHONPATH="$tools${PYTHONPATH:+:$PYTHONPATH}"
fi
"$COMPONENTIZE_PY" --quiet --wit-path wit --world hello componentize handler --output package/handler.wasm
