// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/inventory.hpp"
#include "endpoints/inventory/instance.hpp"

namespace pointman::endpoints::inventory {

/// What a report changed.
struct Changes {
    std::size_t added = 0;
    std::size_t changed = 0;
    std::size_t removed = 0;
    std::size_t same = 0;     ///< instances that are as they were
    std::size_t repeated = 0; ///< instances in place of another of the same report with the same key
};

/// Everything stored of that client and action becomes what the report says (hardware-inventory.md "Report
/// types"); an instance that is in both keeps its identity. Instances that a full report calls deleted are
/// left out. Fails with group_failure.
Result<Changes> load_full(db::InventoryWriter& writer, std::vector<Instance> const& instances);

/// Fails with non_existent_row where the report changes what is not stored, and with group_failure: then what
/// was written must not stay.
Result<Changes> load_delta(db::InventoryWriter& writer, std::vector<Instance> const& instances);

} // namespace pointman::endpoints::inventory
