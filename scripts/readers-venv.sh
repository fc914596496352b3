#!/bin/sh
# Makes a Python environment with the programs that tests let read our tables
# (tests/readers.txt), unless it is there, and prints its Python.
set -eu
cd "$(dirname "$0")/.."
venv=target/readers-venv
if ! cmp -s tests/readers.txt "$venv/made-of.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
        -r tests/readers.txt >&2
    cp tests/readers.txt "$venv/made-of.txt"
fi
echo "$PWD/$venv/bin/python"
