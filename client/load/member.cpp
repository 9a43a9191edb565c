// SPDX-License-Identifier: Apache-2.0
#include "client/load/member.hpp"

#include <algorithm>

namespace pointman::client::load {

void Member::reported_everything() {
    version = has_baseline ? version.next_full() : inventory::Version{};
    has_baseline = true;
    resync = false;
}

void Member::reported_changes() {
    version = version.next_delta();
    ++generation;
}

bool Member::wants(std::uint32_t policy) {
    if (policy == 0) return true;
    if (std::ranges::find(policies, policy) != policies.end()) return false;
    policies.push_back(policy);
    return true;
}

} // namespace pointman::client::load
