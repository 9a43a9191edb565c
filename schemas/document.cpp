// SPDX-License-Identifier: Apache-2.0
#include "schemas/document.hpp"

#include "schemas/document_impl.hpp"

#include <utility>

namespace pointman::schemas {

Document::Document(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Element Document::root() const {
    return Element(this, 0);
}

std::size_t Document::element_count() const {
    return impl_->nodes.size();
}

std::size_t Document::memory_bytes() const {
    return sizeof(Impl) + impl_->nodes.capacity() * sizeof(Node) +
           impl_->attributes.capacity() * sizeof(AttributeNode) + impl_->names.capacity() * sizeof(TextSpan) +
           impl_->arena.capacity();
}

std::string_view Element::name() const {
    auto const& impl = *document_->impl_;
    return impl.name(impl.nodes[index_].name);
}

std::string_view Element::text() const {
    auto const& impl = *document_->impl_;
    return impl.view(impl.nodes[index_].text);
}

std::optional<std::string_view> Element::attribute(std::string_view name) const {
    auto const& impl = *document_->impl_;
    auto const& node = impl.nodes[index_];
    for (std::uint32_t i = 0; i < node.attribute_count; ++i) {
        auto const& attribute = impl.attributes[node.first_attribute + i];
        if (impl.name(attribute.name) == name) return impl.view(attribute.value);
    }
    return std::nullopt;
}

std::string_view Element::attribute_or(std::string_view name, std::string_view otherwise) const {
    return attribute(name).value_or(otherwise);
}

std::vector<Element::Attribute> Element::attributes() const {
    auto const& impl = *document_->impl_;
    auto const& node = impl.nodes[index_];
    std::vector<Attribute> found;
    found.reserve(node.attribute_count);
    for (std::uint32_t i = 0; i < node.attribute_count; ++i) {
        auto const& attribute = impl.attributes[node.first_attribute + i];
        found.push_back({impl.name(attribute.name), impl.view(attribute.value)});
    }
    return found;
}

std::size_t Element::attribute_count() const {
    return document_->impl_->nodes[index_].attribute_count;
}

std::optional<Element> Element::child(std::string_view name) const {
    for (Element const candidate : children()) {
        if (candidate.name() == name) return candidate;
    }
    return std::nullopt;
}

std::string_view Element::child_text(std::string_view name) const {
    auto const found = child(name);
    return found ? found->text() : std::string_view();
}

std::optional<Element> Element::first_child() const {
    if (!document_->impl_->nodes[index_].has_children) return std::nullopt;
    return Element(document_, index_ + 1);
}

std::optional<Element> Element::next_sibling() const {
    auto const next = document_->impl_->nodes[index_].next_sibling;
    if (next == 0) return std::nullopt;
    return Element(document_, next);
}

std::uint32_t Element::line() const {
    return document_->impl_->nodes[index_].line;
}
std::uint32_t Element::column() const {
    return document_->impl_->nodes[index_].column;
}

Element::ChildRange Element::children() const {
    auto const first = first_child();
    ChildIterator const end(document_, 0);
    return {first ? ChildIterator(document_, first->index_) : end, end};
}

Element::ChildIterator& Element::ChildIterator::operator++() {
    auto const next = Element(document_, index_).next_sibling();
    index_ = next ? next->index_ : 0;
    return *this;
}

} // namespace pointman::schemas
