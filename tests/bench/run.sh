#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The project's speed table: each figure beside its floor from the same run, on this machine. Builds what is missing.
# Exits with 1 where a figure does not reach the share of its floor that is wanted.
#
# Usage: tests/bench/run.sh [--json FILE] [NAME ...]
#   NAME: signature, parse, policy, inventory, state; none = all (some minutes)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
json=
names=()
while [ $# -gt 0 ]; do
  case "$1" in
    --json)
      json=${2:?--json needs a file}
      shift
      ;;
    signature | parse | policy | inventory | state) names+=("$1") ;;
    *)
      sed -n '3,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
      exit 2
      ;;
  esac
  shift
done
if [ ${#names[@]} -eq 0 ]; then names=(signature parse policy inventory state); fi
if [ -n "$json" ]; then json=$(realpath "$json"); fi

cd "$root"
packaging/install-dependencies.sh test
echo "Building ..."
cmake --preset release -DPOINTMAN_TESTS=ON -DPOINTMAN_BENCH=ON -Wno-dev >/dev/null
cmake --build --preset release --target "${names[@]/#/bench_}"

figures=$(mktemp)
trap 'rm -f "$figures"' EXIT
export POINTMAN_BENCH_FIGURES=$figures

# What the library's own benchmark says of the machine, beside what verifying a message comes to.
add_openssl_speed() {
  local verified floor
  verified=$(awk -F'\t' '$1 == "signed message verified" { print $2 }' "$figures")
  floor=$(openssl speed -seconds 2 rsa2048 2>/dev/null | awk '/^rsa 2048/ { print $NF }')
  awk -v a="$verified" -v b="$floor" \
    'BEGIN { printf "the same, beside the tool\t%.6g\topenssl speed, verify\t%.6g\t%.4g\t0\ttrue\n", a, b, a / b }' >>"$figures"
}

good=0
for name in "${names[@]}"; do
  printf '\n== %s\n' "$name"
  "build/release/tests/bench/bench_$name" || good=1
  if [ "$name" = signature ]; then add_openssl_speed; fi
done

machine=$(awk -F': *' '/^model name/ { print $2; exit }' /proc/cpuinfo)
memory=$(awk '/^MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo)
printf '\n%s, %s cores, %s, Linux %s\n\n' "$machine" "$(nproc)" "$memory" "$(uname -r)"
awk -F'\t' '
  function rate(x) { return (x >= 100) ? sprintf("%.0f/s", x) : sprintf("%.1f/s", x) }
  BEGIN { printf "%-31s %9s  %-23s %9s\n", "figure", "", "floor", "" }
  {
    printf "%-31s %9s  %-23s %9s\n", $1, rate($2), $3, rate($4)
    wanted = ($6 > 0) ? sprintf(", %.0f %% are wanted%s", 100 * $6, $7 == "true" ? "" : ": MISSED") : ""
    printf "%-31s %8.0f %%%s\n", "", 100 * $5, wanted
  }' "$figures"
if [ -n "$json" ]; then
  awk -F'\t' -v machine="$machine" -v cores="$(nproc)" -v memory="$memory" -v kernel="$(uname -r)" '
    BEGIN {
      printf "{\"machine\":{\"cpu\":\"%s\",\"cores\":%d,\"memory\":\"%s\",\"kernel\":\"%s\"},\n \"figures\":[",
        machine, cores, memory, kernel
    }
    {
      printf "%s\n  {\"name\":\"%s\",\"per_second\":%s,\"floor\":\"%s\",\"floor_per_second\":%s,", (NR > 1 ? "," : ""),
        $1, $2, $3, $4
      printf "\"share\":%s,\"wanted\":%s,\"holds\":%s}", $5, ($6 > 0 ? $6 : "null"), $7
    }
    END { print "\n ]}" }' "$figures" >"$json"
fi
exit $good
