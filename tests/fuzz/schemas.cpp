// SPDX-License-Identifier: Apache-2.0
// Parses, with and without the parser of the library, validates against every schema in turn, and walks what
// came out.
#include "schemas/encoding.hpp"
#include "schemas/plain.hpp"
#include "schemas/reader.hpp"
#include "schemas/validator.hpp"
#include "tests/support/document_text.hpp"

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

/// What is read without the parser, the parser reads as the same document.
void compare_with_parser(BytesView bytes) {
    auto const decoded = pointman::schemas::decode(bytes);
    if (!decoded.is_whole) return;
    auto const plain = pointman::schemas::read_plain(decoded.text(), {});
    if (!plain) return;
    pointman::schemas::start_xerces();
    static pointman::schemas::Reader parser(nullptr);
    auto const parsed = parser.read(decoded.text(), {});
    require(parsed.has_value());
    require(pointman::test::text_of(*parsed) == pointman::test::text_of(*plain));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const bytes = std::as_bytes(std::span(data, size));
    compare_with_parser(bytes);
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
