// SPDX-License-Identifier: Apache-2.0
// Parses, validates against every schema in turn, and walks what came out.
#include "schemas/validator.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using pointman::BytesView;
using pointman::schemas::Element;

std::size_t walk(Element const& element) {
    std::size_t count = 1 + element.name().size() + element.text().size();
    for (auto const& [name, value] : element.attributes()) {
        if (element.attribute(name) != value) std::abort();
        count += value.size();
    }
    for (Element const child : element.children()) count += walk(child);
    return count;
}

void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const bytes = std::as_bytes(std::span(data, size));
    auto const parsed = pointman::schemas::parse(bytes);
    auto const root = pointman::schemas::root_name(bytes);
    if (parsed) {
        walk(parsed->root());
        // Only a prolog beyond the window hides the name of a root that can be parsed.
        if (root) require(*root == parsed->root().name());
    } else {
        require(parsed.error().line > 0 && !parsed.error().message.empty());
    }
    for (auto const schema : pointman::schemas::schema_names()) {
        auto const valid = pointman::schemas::validate(schema, bytes);
        if (!valid) continue;
        // What is valid is well-formed, and the same tree.
        require(parsed.has_value());
        require(walk(valid->root()) == walk(parsed->root()));
    }
    return 0;
}
