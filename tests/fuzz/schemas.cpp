// SPDX-License-Identifier: Apache-2.0
// Parses, validates against every schema in turn, and walks what came out. What is done without Xerces is
// compared with what Xerces does.
#include "schemas/encoding.hpp"
#include "schemas/grammars.hpp"
#include "schemas/plain.hpp"
#include "schemas/reader.hpp"
#include "schemas/validator.hpp"
#include "tests/support/document_text.hpp"

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string_view>

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

using pointman::schemas::Document;
using pointman::schemas::Reader;

/// The parser, or validator, makes the same document of the text.
void require_same(Reader& reader, std::string_view text, Document const& document) {
    auto const parsed = reader.read(text, {});
    require(parsed.has_value());
    require(pointman::test::text_of(*parsed) == pointman::test::text_of(document));
}

/// What is read without the parser, the parser reads as the same document; what an acceptor accepts, the
/// validator does.
void compare_with_library(BytesView bytes) {
    auto const decoded = pointman::schemas::decode(bytes);
    if (!decoded.is_whole) return;
    auto const plain = pointman::schemas::read_plain(decoded.text(), {});
    if (!plain) return;
    pointman::schemas::start_xerces();
    static Reader parser(nullptr);
    require_same(parser, decoded.text(), *plain);
    static std::map<std::string_view, Reader> validators;
    for (auto const& grammar : pointman::schemas::grammars()) {
        if (!grammar.acceptor->accepts(*plain)) continue;
        auto const [validator, is_new] = validators.try_emplace(grammar.name, grammar.pool.get());
        require_same(validator->second, decoded.text(), *plain);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const bytes = std::as_bytes(std::span(data, size));
    compare_with_library(bytes);
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
