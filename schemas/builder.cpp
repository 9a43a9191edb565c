// SPDX-License-Identifier: Apache-2.0
#include "schemas/builder.hpp"

#include "schemas/encoding.hpp"

#include <algorithm>
#include <utility>

namespace pointman::schemas {
namespace {

bool is_blank(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
}

} // namespace

Builder::Builder()
    : impl_(std::make_unique<Document::Impl>()) {}

std::uint32_t Builder::intern(std::u16string_view name) {
    // Looked up as it comes: nearly every name has been seen before, and need not be converted again.
    if (auto const known = names_.find(name); known != names_.end()) return known->second;
    auto const index = static_cast<std::uint32_t>(impl_->names.size());
    std::string utf8;
    char16_t pending = 0;
    append_utf8(utf8, name, pending);
    impl_->names.push_back(store(utf8));
    names_.emplace(name, index);
    return index;
}

TextSpan Builder::store(std::string_view utf8) {
    TextSpan const span{static_cast<std::uint32_t>(impl_->arena.size()),
                        static_cast<std::uint32_t>(utf8.size())};
    impl_->arena += utf8;
    return span;
}

void Builder::open(std::uint32_t name, std::uint32_t line, std::uint32_t column) {
    auto& nodes = impl_->nodes;
    auto const index = static_cast<std::uint32_t>(nodes.size());
    if (depth_ > 0) {
        auto& parent = stack_[depth_ - 1];
        nodes[parent.node].has_children = true;
        if (parent.last_child != 0) nodes[parent.last_child].next_sibling = index;
        parent.last_child = index;
    }
    Node node;
    node.name = name;
    node.first_attribute = static_cast<std::uint32_t>(impl_->attributes.size());
    node.line = line;
    node.column = column;
    nodes.push_back(node);

    if (stack_.size() == depth_) stack_.emplace_back();
    auto& level = stack_[depth_++];
    level.node = index;
    level.last_child = 0;
    level.units = 0;
    level.pending = 0;
    level.text.clear();
}

void Builder::attribute(std::uint32_t name, std::u16string_view value) {
    auto& arena = impl_->arena;
    auto const offset = arena.size();
    char16_t pending = 0;
    append_utf8(arena, value, pending);
    impl_->attributes.push_back(
        {{static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(arena.size() - offset)}, name});
    ++impl_->nodes[stack_[depth_ - 1].node].attribute_count;
}

void Builder::text(std::u16string_view piece) {
    auto& level = stack_[depth_ - 1];
    level.units += piece.size();
    append_utf8(level.text, piece, level.pending);
}

void Builder::close() {
    auto& level = stack_[--depth_];
    auto& node = impl_->nodes[level.node];
    // White space between children is layout, not a value.
    if (node.has_children && is_blank(level.text)) return;
    node.text = store(level.text);
}

Document Builder::finish() {
    names_.clear();
    return Document(std::exchange(impl_, std::make_unique<Document::Impl>()));
}

} // namespace pointman::schemas
