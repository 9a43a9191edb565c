// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "server/wire/limits.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pointman::wire {

/// One part of a multipart body: views of that body.
struct Part {
    std::string_view headers; ///< the header lines as sent, without the empty line; "" where there are none
    BytesView content;        ///< exact: only the line break that belongs to the next delimiter is taken off
};

/// The boundary parameter of a Content-Type value: quoted or not, parameters and their names in any order and
/// case. Fails with malformed where there is none, or one that no delimiter line could carry.
Result<std::string> boundary_of(std::string_view content_type);

/// The boundary that the body's own first line names.
Result<std::string> boundary_from_body(BytesView body);

/// Splits by delimiter lines. What precedes the first delimiter and follows the closing one is ignored. Where
/// the first delimiter line ends in LF alone, delimiters are taken to be preceded by LF alone as well. Fails
/// with malformed (no delimiter, no closing delimiter, part headers without end) or limit_exceeded.
Result<std::vector<Part>> split_parts(std::string_view boundary, BytesView body, Limits const& limits = {});

} // namespace pointman::wire
