#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plays load scenarios of pointman-agent against a fresh lab on this machine, each without and with TLS, and shows their
# summaries. Exits with 1 where one does not hold what it expects, or its measurement is invalid.
#
# Usage: tests/bench/loads.sh [--clients N] [SCENARIO ...]
#   SCENARIO: a ready one or a file; none = cold_start, steady and overload, which take most of an hour
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
more=()
scenarios=()
while [ $# -gt 0 ]; do
  case "$1" in
    --clients)
      more=(--clients "${2:?--clients needs a number}")
      shift
      ;;
    -*)
      sed -n '3,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
      exit 2
      ;;
    *) scenarios+=("$1") ;;
  esac
  shift
done
if [ ${#scenarios[@]} -eq 0 ]; then scenarios=(cold_start steady overload); fi

"$root/packaging/install-dependencies.sh"
if [ ! -f "$root/build/release/build.ninja" ]; then (cd "$root" && cmake --preset release -DPOINTMAN_TESTS=OFF -Wno-dev >/dev/null); fi
cmake --build "$root/build/release" --target pointman pointman-agent

dir=
server=
load=
end_lab() {
  for process in $load $server; do
    if kill "$process" 2>/dev/null; then wait "$process" || true; fi
  done
  load=
  server=
  if [ -n "$dir" ]; then rm -rf "$dir"; fi
  dir=
}
trap end_lab EXIT
trap 'exit 130' INT TERM

start_lab() {
  dir=$(mktemp -d)
  # The generator comes first on a machine that both share: otherwise its load would not be what it says.
  nice -n 10 "$root/build/release/pointman" serve --lab "$dir/lab" --http 127.0.0.1:0 --https 127.0.0.1:0 \
    --ready-file "$dir/ready" >"$dir/log" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    if [ -s "$dir/ready" ]; then return; fi
    if ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.1
  done
  cat "$dir/log" >&2
  exit 1
}

good=0
for scenario in "${scenarios[@]}"; do
  for scheme in http https; do
    start_lab
    url=$(sed "s/.*\"$scheme\":\"\([^\"]*\)\".*/\1/" "$dir/ready")
    trust=()
    if [ "$scheme" = https ]; then trust=(--ca "$dir/lab/pki/ca.pem"); fi
    printf '\n== %s, %s\n' "$scenario" "$([ "$scheme" = https ] && echo "with TLS" || echo "without TLS")"
    "$root/build/release/pointman-agent" load "$scenario" --mp "$url" "${trust[@]}" "${more[@]}" --server-pid "$server" &
    load=$!
    wait "$load" || good=1
    load=
    end_lab
  done
done
exit $good
