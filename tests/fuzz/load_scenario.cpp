// SPDX-License-Identifier: Apache-2.0
// Any text as a scenario of the load generator: it is read, or its faults are told with their places.
#include "client/load/scenario.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    auto const scenario =
        pointman::client::load::read_scenario({reinterpret_cast<char const*>(data), size}, "scenario");
    if (scenario ? scenario->phases.empty() : scenario.error().empty()) std::abort();
    return 0;
}
