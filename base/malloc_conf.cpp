// SPDX-License-Identifier: Apache-2.0
// Part of each program: jemalloc looks for this name. Blocks of half a megabyte and more, which are what
// large reports take, go back to the system as soon as they are free; smaller ones ten seconds later.

extern "C" {
extern char const* malloc_conf;
char const* malloc_conf = // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
    "oversize_threshold:524288";
}
