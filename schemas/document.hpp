// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace pointman::schemas {

/// Bounds on one XML document. What goes over one is Code::limit_exceeded with its place.
struct Limits {
    std::size_t max_bytes = std::size_t{64} * 1024 * 1024;
    std::size_t max_depth = 64;
    std::size_t max_attributes = 64;                     ///< of one element
    std::size_t max_name = 512;                          ///< UTF-16 units of an element or attribute name
    std::size_t max_text = std::size_t{4} * 1024 * 1024; ///< UTF-16 units of one text or attribute value
    std::size_t max_elements = 5'000'000;
    /// Different names of elements and attributes together. The parser keeps a record of each name that no
    /// schema declares, in few buckets; large inventories have a few thousand names.
    std::size_t max_distinct_names = 10'000;
    /// In the whole document. The protocol has no namespaces; some clients declare those of XML Schema out of
    /// habit.
    std::size_t max_namespace_declarations = 64;
};

class Document;

/// A view of one element. Valid as long as its Document.
/// Texts are UTF-8. Names carry no namespace: the protocol has none.
class Element {
public:
    std::string_view name() const;
    /// All character data directly inside, CDATA included, children left out. An element that has children
    /// and only white space between them has the text "".
    std::string_view text() const;
    std::optional<std::string_view> attribute(std::string_view name) const;
    std::string_view attribute_or(std::string_view name, std::string_view otherwise) const;

    struct Attribute {
        std::string_view name;
        std::string_view value;
    };
    std::vector<Attribute> attributes() const;
    std::size_t attribute_count() const;

    /// The first child of that name.
    std::optional<Element> child(std::string_view name) const;
    /// Text of the first child of that name; "" where there is none.
    std::string_view child_text(std::string_view name) const;
    std::optional<Element> first_child() const;
    std::optional<Element> next_sibling() const;
    bool has_children() const { return first_child().has_value(); }

    /// Place just behind the start tag, counted from 1: lines end with LF, CR LF or CR; columns are UTF-16
    /// units.
    std::uint32_t line() const;
    std::uint32_t column() const;

    class ChildIterator;
    class ChildRange;
    /// `for (Element const child : element.children())`
    ChildRange children() const;

private:
    friend class Document;
    Element(Document const* document, std::uint32_t index)
        : document_(document)
        , index_(index) {}
    Document const* document_;
    std::uint32_t index_;
};

/// An XML document as a compact, immutable tree: flat arrays and interned names, smaller than the
/// UTF-16 text that it came from. Movable, not copyable.
class Document {
public:
    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    Element root() const;
    std::size_t element_count() const;

    struct Impl;
    explicit Document(std::unique_ptr<Impl> impl);

    /// Bytes of memory that the tree occupies.
    std::size_t memory_bytes() const;

private:
    friend class Element;
    std::unique_ptr<Impl> impl_;
};

class Element::ChildIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Element;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Element;

    ChildIterator() = default;
    Element operator*() const { return Element(document_, index_); }
    ChildIterator& operator++();
    ChildIterator operator++(int) {
        auto const before = *this;
        ++*this;
        return before;
    }
    bool operator==(ChildIterator const&) const = default;

private:
    friend class Element;
    ChildIterator(Document const* document, std::uint32_t index)
        : document_(document)
        , index_(index) {}
    Document const* document_ = nullptr;
    std::uint32_t index_ = 0; ///< 0, the root, is never a child: the end
};

class Element::ChildRange {
public:
    ChildIterator begin() const { return begin_; }
    ChildIterator end() const { return end_; }
    bool empty() const { return begin_ == end_; }

private:
    friend class Element;
    ChildRange(ChildIterator begin, ChildIterator end)
        : begin_(begin)
        , end_(end) {}
    ChildIterator begin_;
    ChildIterator end_;
};

/// Parses without a schema: well-formedness and limits only.
/// The bytes decide the encoding (byte-order mark, then pattern): UTF-8, UTF-16 LE or BE; what the
/// declaration says is ignored where it differs. Trailing NUL, CR, LF and blank units, CR LF as bytes behind
/// UTF-16 text and an odd last byte are stripped first, since clients end bodies with them (wire.md 4 and 5).
/// A document type declaration is refused, so there are no entities but the five of XML.
/// Fails with malformed (not decodable, not well-formed, DOCTYPE) or limit_exceeded, both with line and
/// column.
Result<Document> parse(BytesView bytes, Limits const& limits = {});

} // namespace pointman::schemas
