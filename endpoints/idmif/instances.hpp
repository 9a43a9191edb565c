// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/inventory/reported.hpp"
#include "endpoints/mif/mif.hpp"

#include <string>
#include <vector>

namespace pointman::endpoints::idmif {

/// Of longer ones the site keeps no instances (hardware-inventory.md "Bad data").
constexpr std::size_t longest_class_name = 32;

/// The groups of a MIF as classes. A class is called like the middle of `vendor|name|version`, like the whole
/// CLASS where that has no such parts, else like the group. Attributes become properties, those of KEY the
/// key; without KEY there is one instance. Of several with one key the last counts. Fails with bad_mif, at
/// its place, for a name that is too long.
Result<std::vector<inventory::ReportedClass>> classes_of(mif::Component const& component);

} // namespace pointman::endpoints::idmif
