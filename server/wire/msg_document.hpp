// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document.hpp"
#include "server/wire/header.hpp"

namespace pointman::wire {

// The document in the first part, between bytes and Header: decode() has to see its root before it knows what
// it holds.

/// Bounds are those of `limits` and, far below what the schemas allow, depth and names that no header needs.
Result<schemas::Document> parse_msg_document(BytesView document, Limits const& limits);

/// `root` must be named `Msg`.
Result<Header> read_header(schemas::Element const& root, Limits const& limits);

} // namespace pointman::wire
