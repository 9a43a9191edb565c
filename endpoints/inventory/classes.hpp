// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/inventory.hpp"

#include <span>
#include <string_view>

namespace pointman::endpoints::inventory {

/// A class that hardware-inventory.md documents.
struct KnownClass {
    std::string_view name;
    std::string_view group; ///< of its views; "" = by the general rule
    std::span<std::string_view const> keys;
};

std::span<KnownClass const> known_classes();

/// Names in any case; nullptr where there is none.
KnownClass const* find_known_class(std::string_view name);

/// The documented name, else the class's own without `Win32_`, `Win32Reg_`, `CCM_` or `SMS_`, in capitals.
db::InventoryGroup group_of(std::string_view class_name);

} // namespace pointman::endpoints::inventory
