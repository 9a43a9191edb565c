// SPDX-License-Identifier: Apache-2.0
#include "schemas/builder.hpp"

#include "schemas/encoding.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace pointman::schemas {
namespace {

bool is_blank(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
}

/// With room for a small message: most are, and growing to their size is a good part of what they cost.
std::unique_ptr<Document::Impl> empty_document() {
    constexpr std::size_t nodes = 64;
    constexpr std::size_t characters = 4096;
    auto document = std::make_unique<Document::Impl>();
    document->nodes.reserve(nodes);
    document->attributes.reserve(nodes);
    document->names.reserve(nodes);
    document->arena.reserve(characters);
    return document;
}

} // namespace

void Builder::begin() {
    impl_ = empty_document();
    names_.clear();
    // What was open when a document was given up may have long texts.
    if (depth_ > 0) stack_.clear();
    depth_ = 0;
}

std::uint32_t Builder::intern(std::string_view name) {
    auto& names = impl_->names;
    auto const next = static_cast<std::uint32_t>(names.size());
    auto const index =
        names_.find_or_add(name, next, [this](std::uint32_t known) { return impl_->name(known); });
    if (index == next) names.push_back(store(name));
    return index;
}

TextSpan Builder::store(std::string_view utf8) {
    TextSpan const span{static_cast<std::uint32_t>(impl_->arena.size()),
                        static_cast<std::uint32_t>(utf8.size())};
    impl_->arena += utf8;
    return span;
}

void Builder::open(std::uint32_t name) {
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
    nodes.push_back(node);

    if (stack_.size() == depth_) stack_.emplace_back();
    auto& level = stack_[depth_++];
    level.node = index;
    level.last_child = 0;
    level.units = 0;
    level.text.clear();
}

void Builder::attribute(std::uint32_t name, std::string_view value) {
    impl_->attributes.push_back({store(value), name});
    ++impl_->nodes[stack_[depth_ - 1].node].attribute_count;
}

bool Builder::has_attribute(std::uint32_t name) const {
    auto const count = impl_->nodes[stack_[depth_ - 1].node].attribute_count;
    auto const last = std::span(impl_->attributes).last(count);
    return std::ranges::find(last, name, &AttributeNode::name) != last.end();
}

void Builder::place(Place place) {
    auto& node = impl_->nodes[stack_[depth_ - 1].node];
    node.line = place.line;
    node.column = place.column;
}

void Builder::text(std::string_view piece) {
    auto& level = stack_[depth_ - 1];
    level.units += utf16_units(piece);
    level.text += piece;
}

void Builder::close() {
    auto& level = stack_[--depth_];
    auto& node = impl_->nodes[level.node];
    // White space between children is layout, not a value.
    if (!node.has_children || !is_blank(level.text)) node.text = store(level.text);
    constexpr std::size_t most_kept = 4096;
    if (level.text.capacity() > most_kept) level.text = std::string();
}

} // namespace pointman::schemas
