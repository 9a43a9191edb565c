// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "schemas/encoding.hpp"

#include <cstdint>
#include <string>

namespace pointman::schemas {

/// Where the root element starts, found without the parser.
struct Prolog {
    std::string root; ///< local name, UTF-8
    std::uint32_t line = 1;
    std::uint32_t column = 1; ///< of the "<"
};

/// Looks past declaration, comments, processing instructions and white space for the root's start tag, in at
/// most `max_units` bytes or UTF-16 units. limit_exceeded: a name of more than `max_name` units. Malformed,
/// with place: something else comes first, the text ends, or there is a document type declaration. The parser
/// sees a document only after this, so nothing of a DTD ever reaches it.
Result<Prolog> read_prolog(EncodedText const& text, std::size_t max_units, std::size_t max_name);

} // namespace pointman::schemas
