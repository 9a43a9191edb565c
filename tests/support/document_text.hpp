// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document.hpp"

#include <string>

namespace pointman::test {

inline void append_text(schemas::Element const& element, std::string& out) {
    out += "<" + std::string(element.name());
    for (auto const& [name, value] : element.attributes()) {
        out += " " + std::string(name) + "=" + std::string(value);
    }
    out += ">" + std::string(element.text()) + std::to_string(element.line()) + ":" +
           std::to_string(element.column());
    for (schemas::Element const child : element.children()) append_text(child, out);
    out += "/";
}

/// All that a Document says: names, attributes, texts and places. Equal for equal ones.
inline std::string text_of(schemas::Document const& document) {
    std::string text;
    append_text(document.root(), text);
    return text;
}

} // namespace pointman::test
