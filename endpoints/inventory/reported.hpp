// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/inventory.hpp"
#include "endpoints/inventory/instance.hpp"

#include <string>
#include <vector>

namespace pointman::endpoints::inventory {

/// An instance as it is stored.
struct KeyedInstance {
    Content content = Content::added;
    std::string key;  ///< JSON array of the values of the key properties; `[]` = keyless
    std::string json; ///< of all properties
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

/// What a report says of one class.
struct ReportedClass {
    std::string name; ///< as spelt first
    db::InventoryNames properties;
    std::vector<KeyedInstance> instances; ///< in the order sent
    std::string sha256;                   ///< of a full report: of all instances, whatever their order
};

struct ReportedClasses {
    std::vector<ReportedClass> classes;
    std::vector<Error> unusable;
    std::size_t instances = 0; ///< that are usable
    std::size_t repeated = 0;  ///< of a full report: in place of another of the same key
};

/// Instances by class, with their keys: all that can be done before the transaction. An instance without a
/// documented key is unusable. Of a full report deleted ones are left out, and of several with one key the
/// last counts; of a delta all stay.
ReportedClasses read_classes(Instances instances, bool is_full);

} // namespace pointman::endpoints::inventory
