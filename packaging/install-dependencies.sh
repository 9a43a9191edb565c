#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing of the Debian 12 packages that a build needs. Does nothing where all are there.
#
# Usage: packaging/install-dependencies.sh [test]
#   test: also what only the tests need
set -euo pipefail

build=(
  g++ cmake ninja-build pkg-config ccache mold
  libboost1.81-dev libboost-url1.81-dev libboost-json1.81-dev
  libxerces-c-dev libssl-dev libsqlite3-dev libdeflate-dev libfmt-dev libspdlog-dev
  libtomlplusplus-dev libcli11-dev prometheus-cpp-dev libsystemd-dev libjemalloc-dev
  libkrb5-dev gss-ntlmssp # the second is loaded at run time, for security.ntlm_users
)
test=(
  catch2 zlib1g-dev libbenchmark-dev librapidcheck-dev libxml2-utils sqlite3 openssl curl
  krb5-kdc krb5-admin-server krb5-user python3-requests-ntlm
)

wanted=("${build[@]}")
if [ "${1:-}" = test ]; then wanted+=("${test[@]}"); fi

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  case "$status" in ii*) ;; *) missing+=("$package") ;; esac
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "These packages are missing, and neither root nor sudo is at hand to install them:" >&2
    printf '  %s\n' "${missing[@]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "Installing ${#missing[@]} packages: ${missing[*]}" | fold -s -w 80
"${as_root[@]}" apt-get -q update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get -q -y --no-install-recommends install "${missing[@]}"
