// SPDX-License-Identifier: Apache-2.0
// What changed on a machine between two snapshots: what a delta report lists.
#pragma once

#include "client/inventory/snapshot.hpp"

namespace pointman::client::inventory {

/// Whole instances, in the order of snapshots.
struct Difference {
    std::vector<Instance> added;
    std::vector<Instance> updated; ///< same keys, as they are now
    std::vector<Instance> deleted; ///< as they were

    std::size_t size() const { return added.size() + updated.size() + deleted.size(); }
    bool empty() const { return size() == 0; }
    bool operator==(Difference const&) const = default;
};

Difference difference(Snapshot const& before, Snapshot const& now);

/// What the site has after it took the difference. Of what does not follow from `before` the result is what
/// the difference says: added and updated ones are there, deleted ones are not.
Snapshot apply(Difference const& difference, Snapshot const& before);

} // namespace pointman::client::inventory
