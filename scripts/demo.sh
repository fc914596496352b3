#!/bin/sh
# The main job on the sample in data/: drops the copies among fifteen articles
# and shows what was dropped and why. Any other corpus: scripts/demo.sh FILE...
set -eu
cd "$(dirname "$0")/.."
. scripts/setup.sh
out=target/demo
[ $# -gt 0 ] || set -- data/news.jsonl
cargo build --release --locked --quiet
target/release/twicetold dedup "$@" --out "$out" --overwrite
echo
echo "$out/removed.jsonl:"
head -n 5 "$out/removed.jsonl"
