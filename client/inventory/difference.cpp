// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/difference.hpp"

#include <set>

namespace pointman::client::inventory {

Difference difference(Snapshot const& before, Snapshot const& now) {
    Difference result;
    auto old = before.entries().begin();
    auto const old_end = before.entries().end();
    for (auto const& [identity, instance] : now.entries()) {
        for (; old != old_end && old->identity < identity; ++old) result.deleted.push_back(old->instance);
        if (old == old_end || old->identity != identity) {
            result.added.push_back(instance);
            continue;
        }
        if (old->instance != instance) result.updated.push_back(instance);
        ++old;
    }
    for (; old != old_end; ++old) result.deleted.push_back(old->instance);
    return result;
}

Snapshot apply(Difference const& difference, Snapshot const& before) {
    std::set<std::string> deleted;
    for (auto const& instance : difference.deleted) deleted.insert(identity_of(instance));
    std::vector<Instance> instances;
    for (auto const& [identity, instance] : before.entries())
        if (!deleted.contains(identity)) instances.push_back(instance);
    // Behind those of before: of several with the same keys a snapshot keeps the last.
    instances.insert(instances.end(), difference.added.begin(), difference.added.end());
    instances.insert(instances.end(), difference.updated.begin(), difference.updated.end());
    return Snapshot(std::move(instances));
}

} // namespace pointman::client::inventory
