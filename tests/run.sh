#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds everything and runs every test. Exits non-zero when one fails.
#
# Usage: tests/run.sh [PRESET] [ctest arguments ...]
#   PRESET: release (default), dev, asan, tsan or coverage
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=release
case "${1:-}" in
  release | dev | asan | tsan | coverage) preset=$1; shift ;;
esac
jobs=$(nproc)
started=$(date +%s)
step() { printf '\n[%4ss] %s\n' "$(($(date +%s) - started))" "$*"; }

step "Packages"
"$root/packaging/install-dependencies.sh" test

cd "$root"
step "Configuring build/$preset"
cmake --preset "$preset" -DPOINTMAN_TESTS=ON -DPOINTMAN_BENCH=ON -Wno-dev

step "Building with $jobs jobs"
cmake --build --preset "$preset" -j "$jobs"

step "Testing"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
ctest --preset "$preset" -j "$jobs" "$@"

step "Done: build/$preset/pointman and all tests"
