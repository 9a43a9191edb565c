// SPDX-License-Identifier: Apache-2.0
// What an operator's file becomes: a body that holds what it said, that can be read and made anew.
#include "endpoints/policy/body.hpp"
#include "endpoints/policy/obfuscation.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

namespace {

using namespace pointman;
using endpoints::policy::Body;

void require(bool condition) {
    if (!condition) std::abort();
}

/// All texts of values, in order; those of secret properties revealed.
void collect(schemas::Element const& element, bool secret, bool obfuscated, std::vector<std::string>& texts) {
    if (element.name() == "value" && !element.has_children()) {
        auto const text = std::string(element.text());
        auto const revealed = secret && obfuscated ? endpoints::policy::reveal(text) : text;
        require(revealed.has_value());
        // Layout around a secret is served, but is no part of it.
        auto const first = revealed->find_first_not_of(" \t\r\n");
        auto const last = revealed->find_last_not_of(" \t\r\n");
        texts.push_back(first == std::string::npos ? "" : revealed->substr(first, last - first + 1));
    }
    bool const within = element.name() == "property" && element.attribute_or("secret", "0") == "1";
    for (schemas::Element const child : element.children()) collect(child, within, obfuscated, texts);
}

std::vector<std::string> values_of(schemas::Document const& document, bool obfuscated) {
    std::vector<std::string> texts;
    collect(document.root(), false, obfuscated, texts);
    return texts;
}

void check_body(schemas::Document const& authored, Body const& body) {
    auto const text = endpoints::policy::body_text(body.content);
    require(text.has_value());
    auto const served = schemas::parse(as_bytes(*text));
    require(served.has_value());
    require(served->root().attribute("PolicyID") == body.policy_id);
    require(served->element_count() == authored.element_count());
    require(values_of(*served, true) == values_of(authored, false));
    auto const next = endpoints::policy::reversion(body.content, "98765432.1");
    require(next && next->version == "98765432.1" && next->has_secrets == body.has_secrets);
    auto const back = endpoints::policy::reversion(next->content, body.version);
    require(back && back->content == body.content);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const input = std::as_bytes(std::span(data, size));
    auto const revealed = endpoints::policy::reveal(as_chars(input));
    require(revealed || revealed.error().code == Code::malformed);
    auto const stored = endpoints::policy::reversion(input, "1.00");
    require(stored ? stored->version == "1.00" : stored.error().code == Code::malformed);
    auto const authored = schemas::parse(input);
    if (!authored) return 0;
    for (bool const compressed : {false, true}) {
        endpoints::policy::BodyOptions options;
        options.compressed = compressed;
        auto const body = endpoints::policy::make_body(*authored, options);
        if (body) {
            check_body(*authored, *body);
        } else {
            require(body.error().code == Code::usage && !body.error().message.empty());
        }
    }
    return 0;
}
