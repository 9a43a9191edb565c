// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "schemas/document.hpp"
#include "schemas/place.hpp"

#include <string>
#include <string_view>

namespace pointman::schemas {

/// Where the root element starts, found without the parser.
struct Prolog {
    std::string root; ///< local name, UTF-8
    Place place;      ///< of the "<"
};

/// Looks past declaration, comments, processing instructions and white space for the root's start tag.
/// limit_exceeded: a name of more than `max_name` UTF-16 units. Malformed, with place: something else comes
/// first, the text ends, or there is a document type declaration. The parser sees a document only after this,
/// so nothing of a DTD ever reaches it.
Result<Prolog> read_prolog(std::string_view text, std::size_t max_name);

/// What comes before a parser sees a text: fails with what read_prolog() or find_danger() has against it.
Result<Prolog> prepare(std::string_view text, Limits const& limits);

} // namespace pointman::schemas
