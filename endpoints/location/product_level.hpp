// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pointman::endpoints {

/// The product level that clients are told (location.md 6 and 9): the last of 2007, Service Pack 2, whose
/// messages this management point speaks.
struct ProductLevel {
    static constexpr std::string_view version = "4.00.6487.2000";
    static constexpr std::string_view build = "6487";
};

} // namespace pointman::endpoints
