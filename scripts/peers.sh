#!/bin/sh
# Sets up what comparisons with other programs need, under target/, unless it is
# there: the Python peers (1.7 GB), the program over gaoya, ours, and the
# generator of corpora. Needs Linux, Python 3.11 or later and a Rust toolchain.
#
#   scripts/peers.sh      prints the Python to run benches/peers with
set -eu
cd "$(dirname "$0")/.."
venv=target/peers-venv
wanted=benches/peers/requirements.txt
if ! cmp -s "$wanted" "$venv/installed.txt"; then
    echo "installing the peers into $venv" >&2
    python3 -m venv --clear "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2
    cp "$wanted" "$venv/installed.txt"
fi
alone=benches/peers/requirements-alone.txt
if ! cmp -s "$alone" target/peers/dolma/installed.txt; then
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --upgrade --target target/peers/dolma -r "$alone" >&2
    cp "$alone" target/peers/dolma/installed.txt
fi
cargo build --quiet --release --locked --manifest-path benches/peers/gaoya/Cargo.toml \
    --target-dir target/peers/gaoya >&2
cargo build --quiet --release --locked --bin twicetold --example generate >&2
echo "$PWD/$venv/bin/python"
