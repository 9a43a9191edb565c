// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/http/types.hpp"

#include <string_view>

namespace pointman::site {

/// Bytes that do not change under their tag.
struct Content {
    BytesView bytes;
    std::string_view tag; ///< for ETag, with its quotes
    std::string_view type;
};

/// Answers GET and HEAD for the content: If-None-Match, and the one range that clients of BITS ask for, with
/// If-Range. Several ranges, and what is no range of bytes, get the whole content, as RFC 9110 14.2 allows; a
/// range that begins behind the end gets 416.
http::Response serve(http::Request const& request, Content const& content);

} // namespace pointman::site
