#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 to a running lab management point: installs what is missing, builds, and runs it in the
# foreground. Arguments go to `pointman serve`; without --lab or --config the lab is made in ./lab.
#
# Usage: packaging/quickstart.sh [--lab DIR] [--http ADDR:PORT] [--https ADDR:PORT] ...
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

"$root/packaging/install-dependencies.sh"

echo "Building (a first build takes some minutes; later ones only what changed) ..."
(
  cd "$root"
  if [ ! -f build/release/build.ninja ]; then
    # Tests are built by tests/run.sh; here only the daemon is wanted.
    cmake --preset release -DPOINTMAN_TESTS=OFF -Wno-dev >/dev/null
  fi
  cmake --build --preset release --target pointman pointman-agent
)

given=" $* "
lab=()
case "$given" in
  *" --lab "* | *" --lab="* | *" --config "* | *" --config="*) ;;
  *) lab=(--lab "$PWD/lab") ;;
esac
echo "Starting: pointman serve ${lab[*]} $*"
exec "$root/build/release/pointman" serve "${lab[@]}" "$@"
