// SPDX-License-Identifier: Apache-2.0
// Private to db.
#pragma once

#include "db/inventory.hpp"

namespace pointman::db {

class Connection;

/// As InventoryWriter::ensure_class.
Result<InventoryClass> ensure_inventory_class(Connection& connection, std::string_view name,
                                              InventoryGroup const& group, InventoryNames const& properties);

} // namespace pointman::db
