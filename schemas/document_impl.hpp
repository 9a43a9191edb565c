// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document.hpp"

#include <string>

namespace pointman::schemas {

/// Where a piece of text lies in the arena.
struct TextSpan {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
};

/// Elements lie in document order, so the first child of element i, if it has one, is i + 1.
struct Node {
    TextSpan text;
    std::uint32_t name = 0; ///< index into names
    std::uint32_t first_attribute = 0;
    std::uint32_t next_sibling = 0; ///< 0: none, since the root is nobody's sibling
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint16_t attribute_count = 0;
    bool has_children = false;
};

struct AttributeNode {
    TextSpan value;
    std::uint32_t name = 0;
};

struct Document::Impl {
    std::vector<Node> nodes;
    std::vector<AttributeNode> attributes;
    std::vector<TextSpan> names;
    std::string arena;

    std::string_view view(TextSpan span) const {
        return std::string_view(arena).substr(span.offset, span.size);
    }
    std::string_view name(std::uint32_t index) const { return view(names[index]); }
};

} // namespace pointman::schemas
