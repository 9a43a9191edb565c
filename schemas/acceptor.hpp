// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::schemas {

/// What a text or the value of an attribute may be.
struct TextRule {
    bool is_number = false;           ///< digits, fewer than would overflow
    std::vector<std::string> allowed; ///< empty: any
    std::optional<std::regex> pattern;
    std::size_t least_length = 0;
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

struct AttributeRule {
    std::string name;
    TextRule value;
    bool is_required = false;
};

/// A part of what may be inside an element: one element, or parts of their own.
struct Particle {
    enum class Kind : std::uint8_t { element, any, sequence, choice, all };
    static constexpr std::uint32_t unbounded = UINT32_MAX;

    Kind kind = Kind::sequence;
    std::uint32_t least = 1;
    std::uint32_t most = 1;
    std::string name;     ///< of the element
    std::size_t type = 0; ///< of the element
    std::vector<Particle> parts;

    bool may_be_absent() const;
    /// Whether a child of that name can be the first of it.
    bool can_begin(std::string_view child) const;
};

struct ElementType {
    enum class Content : std::uint8_t { nothing, text, elements, mixed };

    Content content = Content::nothing;
    TextRule text;
    Particle children;
    std::vector<AttributeRule> attributes;
    bool takes_any_attribute = false;
};

/// Says quickly that a document is valid, where that is sure; the validator has the last word on all others.
/// Knows documents without any namespace, as read_plain() makes them.
class Acceptor {
public:
    Acceptor(std::string root, std::vector<ElementType> types)
        : root_(std::move(root))
        , types_(std::move(types)) {}

    /// True: the schema has been kept. False: maybe not.
    bool accepts(Document const& document) const;

private:
    bool accepts(Element const& element, ElementType const& type) const;

    using Next = std::optional<Element>; ///< the child that is looked at next
    bool accepts_content(Element const& element, ElementType const& type) const;
    bool take(Particle const& particle, Next& next) const;
    bool take_once(Particle const& particle, Next& next) const;
    bool take_element(Particle const& particle, Next& next) const;
    bool take_all(Particle const& particle, Next& next) const;

    std::string root_;
    std::vector<ElementType> types_; ///< the first is the root's
};

/// Nothing: the schema uses what an acceptor does not know. Every construct that is not one of those that
/// ours have, down to single attributes, is such a thing.
std::optional<Acceptor> compile_acceptor(Document const& schema);

} // namespace pointman::schemas
