// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/transport/failure.hpp"
#include "schemas/document.hpp"

#include <string_view>

namespace pointman::client {

inline std::unexpected<Error> bad_reply(std::string message) {
    return fail(Code::bad_reply, std::move(message));
}

/// A reply with that root element. Fails with bad_reply.
Result<schemas::Document> parse_reply(std::string_view xml, std::string_view root);

/// Text of the first child of that name, without white space around it.
std::string text_of(schemas::Element const& parent, std::string_view child);
/// An attribute's value, without white space around it; "" where there is none.
std::string value_of(schemas::Element const& element, std::string_view attribute);

} // namespace pointman::client
