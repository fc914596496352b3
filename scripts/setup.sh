#!/bin/sh
# Makes sure that a Rust toolchain, a C compiler (for the zstd library) and, for
# some tests, Python are there; sourced by the other scripts.
set -eu

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

if ! command -v cc >/dev/null 2>&1; then
    echo "setup: no C compiler found, installing one" >&2
    if command -v apt-get >/dev/null 2>&1; then
        as_root apt-get update -q >&2
        as_root apt-get install -qy build-essential curl ca-certificates >&2
    elif command -v dnf >/dev/null 2>&1; then
        as_root dnf install -qy gcc curl >&2
    else
        echo "setup: install a C compiler (cc) and run this again" >&2
        exit 1
    fi
fi

if ! python3 -c 'import ensurepip' >/dev/null 2>&1; then
    echo "setup: no Python with venv found; tests that let other programs read our files need it" >&2
    if command -v apt-get >/dev/null 2>&1; then
        as_root apt-get update -q >&2
        as_root apt-get install -qy python3 python3-venv >&2 || true
    fi
fi

[ -f "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"
if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: no Rust toolchain found, installing one with rustup" >&2
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -qy --profile default >&2
    . "$HOME/.cargo/env"
fi

# Other programs that write and read tables, for tests/it/formats.rs.
setup_formats() {
    venv=target/formats-venv
    wanted=tests/formats/requirements.txt
    cmp -s "$wanted" "$venv/requirements.txt" && return
    if ! command -v python3 >/dev/null 2>&1; then
        echo "setup: no python3, the formats of pandas, polars and datasets are not tested" >&2
        return
    fi
    echo "setup: installing $(tr '\n' ' ' <"$wanted")for the tests of formats" >&2
    if python3 -m venv "$venv" && "$venv/bin/python" -m pip install -q -r "$wanted" >&2; then
        cp "$wanted" "$venv/requirements.txt"
    else
        echo "setup: that failed, the formats of pandas, polars and datasets are not tested" >&2
        rm -rf "$venv"
    fi
}
