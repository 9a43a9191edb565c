// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document.hpp"

#include <optional>
#include <string_view>

namespace pointman::schemas {

/// Looks over the whole text before the parser does, for what costs the parser more than linear time: many
/// attributes in one start tag and many namespace declarations. Knows only as much XML as that needs: what is
/// not well-formed is left for the parser to refuse.
std::optional<Error> find_danger(std::string_view text, Limits const& limits);

} // namespace pointman::schemas
