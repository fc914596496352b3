#!/bin/sh
# Runs every test. Tests on real corpora look for them in ../shared/data, those
# of formats for pandas, polars and datasets in target/formats-venv; each says
# so where they are absent.
set -eu
cd "$(dirname "$0")/.."
. scripts/setup.sh
setup_formats
cargo test --locked "$@"
