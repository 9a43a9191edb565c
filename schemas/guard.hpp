// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document.hpp"
#include "schemas/encoding.hpp"

#include <optional>

namespace pointman::schemas {

/// Looks over the whole text before the parser does, for what costs the parser more than linear time: many
/// attributes in one start tag and many namespace declarations. Bytes that are not UTF-8 are found here as
/// well, since the parser reports them at the start of the block that it was reading. Knows only as much XML
/// as that needs: what is not well-formed is left for the parser to refuse.
std::optional<Error> find_danger(EncodedText const& text, Limits const& limits);

} // namespace pointman::schemas
