// SPDX-License-Identifier: Apache-2.0
// What follows from the properties of any status message: numbers in their bounds, and nothing that is not
// there.
#include "endpoints/status/events.hpp"
#include "schemas/document.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const document = pointman::schemas::parse(std::as_bytes(std::span(data, size)));
    if (!document) return 0;
    auto const root = document->root();
    pointman::db::StatusMessage message;
    message.event_class = root.child_text("Type");
    for (auto const& [list, values] :
         {std::pair("Properties", &message.properties), std::pair("Qualifiers", &message.qualifiers)}) {
        auto const parent = root.child(list);
        if (!parent) continue;
        for (pointman::schemas::Element const child : parent->children())
            values->emplace_back(child.attribute_or("Name", ""), child.text());
    }
    for (auto const& [name, value] : message.properties) {
        if (name == "DateTime") message.time = value;
    }
    pointman::endpoints::status::derive(message);
    require(message.message_number >= 0 && message.message_number <= 0xFFFF);
    require(!pointman::db::name_of(message.severity).empty());
    require(message.strings.size() <= 10 && (message.strings.empty() || !message.strings.back().empty()));
    require(message.process_id >= 0 && message.thread_id >= 0 && message.win32_error >= 0);
    for (auto const& [id, value] : message.attributes) require(id >= 0 && id <= 0xFFFF && !value.empty());
    return 0;
}
