#!/bin/sh
# Speed and quality of twicetold beside its peers, in one table.
#
#   benches/compare.sh [FILE.jsonl[.zst]] [--peers rensa,datasketch,text-dedup,datatrove]
#                      [--repeats 3] [--without-us] [--report PAGE.md]
#
# Makes a Python environment under target/ (1.7 GB, once), builds the release
# binary, runs every tool on the same file, prints the table and keeps it
# under docs/benchmarks/. Needs Linux and Python 3.11 or later.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

venv=$root/target/peers-venv
wanted=$root/benches/peers/requirements.txt
if ! cmp -s "$wanted" "$venv/installed.txt"; then
    echo "installing the peers into $venv" >&2
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$venv/installed.txt"
fi

case " $* " in
*" --without-us "*) ;;
*) cargo build --release --quiet --manifest-path "$root/Cargo.toml" ;;
esac

exec "$venv/bin/python" "$root/benches/peers/compare.py" "$@"
