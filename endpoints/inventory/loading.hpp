// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/inventory.hpp"
#include "endpoints/inventory/reported.hpp"

namespace pointman::endpoints::inventory {

/// What a report changed.
struct Changes {
    std::size_t added = 0;
    std::size_t changed = 0;
    std::size_t removed = 0;
    std::size_t same = 0; ///< instances that are as they were
};

/// Everything stored of that client and action becomes what the report says (hardware-inventory.md "Report
/// types"); an instance that is in both keeps its identity. Fails with group_failure.
Result<Changes> load_full(db::InventoryWriter& writer, std::vector<ReportedClass> const& classes);

/// The instance in place of `stored`, which is what is there with its key.
Result<void> put(db::InventoryWriter& writer, db::InventoryClass const& of,
                 std::optional<db::InventoryWriter::Stored> const& stored, KeyedInstance const& instance,
                 Changes& changes);

/// Fails with non_existent_row where the report changes what is not stored, and with group_failure: then what
/// was written must not stay.
Result<Changes> load_delta(db::InventoryWriter& writer, std::vector<ReportedClass> const& classes);

} // namespace pointman::endpoints::inventory
