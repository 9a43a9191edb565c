// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pointman::endpoints::inventory {

/// A folder as it is stored: with one separator at its end, whether it was sent with or without
/// (software-inventory.md, open questions). "" stays so.
std::string folder_of(std::string_view path);

} // namespace pointman::endpoints::inventory
