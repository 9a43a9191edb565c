// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document.hpp"

#include <optional>
#include <string_view>

namespace pointman::schemas {

/// Reads UTF-8 that is XML of the plain kind that nearly all messages are, many times as fast as the parser:
/// elements and attributes with ASCII names and no prefix, text, references, comments, the usual declaration.
/// Nothing: the text is not of that kind, not well-formed or over a limit. The parser is then asked, which
/// knows all of XML and words the errors. What is read here, the parser takes as well, and makes the same
/// Document of.
std::optional<Document> read_plain(std::string_view text, Limits const& limits);

} // namespace pointman::schemas
