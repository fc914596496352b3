#!/bin/sh
# Runs every test. Tests on real corpora look for them in ../shared/data and
# say so where they are absent.
set -eu
cd "$(dirname "$0")/.."
. scripts/setup.sh
cargo test --locked "$@"
