// SPDX-License-Identifier: Apache-2.0
// Machines that do not exist, for load: everything about one follows from a seed, its number and its age, so
// that a hundred thousand of them need no memory.
#pragma once

#include "client/inventory/discovery.hpp"
#include "client/inventory/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <pointman/collected_files.hpp>
#include <string>
#include <vector>

namespace pointman::client::inventory {

/// One of a fleet of Windows computers. What it says of itself is the same each time; from one generation to
/// the next a few instances change, come or go, so a delta is the difference of the two. A generation is a
/// day.
struct SyntheticMachine {
    std::uint64_t seed = 1;  ///< of the fleet
    std::uint64_t index = 0; ///< of the machine in it: below 10,000,000, whose names and addresses differ
    std::uint32_t generation = 0;
    std::size_t instances = 100; ///< of hardware, about: there are at least 50

    std::string name() const; ///< `WS-0004217`: at most 15 characters
    std::string domain() const;
    Time date() const; ///< of its inventory: the day of the generation

    Snapshot hardware() const;
    Snapshot software() const; ///< a file or two of each program
    AgentFacts agent() const;  ///< without a site
    std::vector<Instance> discovery() const { return discovery_record(hardware(), agent()); }
    /// Small files, of which some differ from one generation to the next.
    std::vector<CollectedFile> files() const;
};

} // namespace pointman::client::inventory
