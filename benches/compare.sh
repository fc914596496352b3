#!/bin/sh
# twicetold beside other programs.
#
#   benches/compare.sh speed [--sizes 10000,100000,1000000] [--repeats 3] [--fresh]
#       whole processes on generated corpora: speed, memory, quality; writes
#       docs/benchmarks/DATE-peers.md
#   benches/compare.sh accuracy [--data ../shared/data]
#       what each finds on corpora with gold; writes docs/evaluation.md
#
# Both take --peers rensa,datasketch,gaoya,text-dedup,datatrove,dolma, go on where an
# earlier run stopped, and with --no-run only write down what is known. Linux and
# Python 3.11 or later.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
what=${1-}
case "$what" in
speed | accuracy) shift ;;
*)
    sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
python=$("$root/scripts/peers.sh")
exec "$python" "$root/benches/peers/$what.py" "$@"
