#!/usr/bin/env bash
# Wall time and peak memory of the release build over a folder of rules, a few runs each.
#
#   benches/peak.sh RULES [convert's arguments…]     (default: -t splunk)
set -euo pipefail
cd "$(dirname "$0")/.."
rules=${1:?usage: benches/peak.sh RULES [ARGUMENTS…]}
shift
[ $# -gt 0 ] || set -- -t splunk
cargo build --quiet --release
measured=$(mktemp)
trap 'rm -f "$measured"' EXIT
for _ in 1 2 3 4 5 6 7 8 9; do
    # A rule that fails ends with 1; that is no failure of the measurement.
    /usr/bin/time --quiet --append --output="$measured" --format='%e %M' \
        target/release/varsigma convert --quiet "$@" "$rules" >/dev/null || true
done
sort -n "$measured" | awk '{ time[NR] = $1; if ($2 > peak) peak = $2 }
    END { printf "median %.0f ms of %d runs, peak %.1f MiB\n", time[int((NR + 1) / 2)] * 1000, NR, peak / 1024 }'
