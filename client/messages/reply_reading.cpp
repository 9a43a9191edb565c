// SPDX-License-Identifier: Apache-2.0
#include "client/messages/reply_reading.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace pointman::client {

Result<schemas::Document> parse_reply(std::string_view xml, std::string_view root) {
    auto document = schemas::parse(as_bytes(xml));
    if (!document) return fail(Code::bad_reply, document.error());
    if (document->root().name() != root)
        return bad_reply(fmt::format("the reply is a '{}' instead of a '{}'", document->root().name(), root));
    return std::move(*document);
}

std::string text_of(schemas::Element const& parent, std::string_view child) {
    return std::string(trim(parent.child_text(child)));
}

std::string value_of(schemas::Element const& element, std::string_view attribute) {
    return std::string(trim(element.attribute_or(attribute, "")));
}

} // namespace pointman::client
