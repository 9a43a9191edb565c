// SPDX-License-Identifier: Apache-2.0
#include "schemas/acceptor.hpp"

#include <algorithm>
#include <charconv>

namespace pointman::schemas {
namespace {

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// In characters, of which XML Schema counts lengths.
std::size_t length(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_number_within(std::string_view text, std::int64_t least, std::int64_t most) {
    // Every type of integers has room for these. White space around would have to go, a sign may not be
    // allowed.
    constexpr std::size_t most_digits = 9;
    if (text.empty() || text.size() > most_digits ||
        text.find_first_not_of("0123456789") != std::string_view::npos)
        return false;
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value >= least && value <= most;
}

bool matches(std::string_view text, std::regex const& pattern) {
    // The matcher goes as deep as the text is long.
    constexpr std::size_t longest = 64;
    return text.size() <= longest && std::regex_match(text.begin(), text.end(), pattern);
}

bool keeps(std::string_view text, TextRule const& rule) {
    if (rule.is_number && !is_number_within(text, rule.least, rule.most)) return false;
    if (!rule.allowed.empty() && std::ranges::find(rule.allowed, text) == rule.allowed.end()) return false;
    if (rule.pattern && !matches(text, *rule.pattern)) return false;
    return rule.least_length == 0 || length(text) >= rule.least_length;
}

bool keeps_attributes(Element const& element, ElementType const& type) {
    std::size_t known = 0;
    for (auto const& rule : type.attributes) {
        auto const value = element.attribute(rule.name);
        if (!value && rule.is_required) return false;
        if (!value) continue;
        if (!keeps(*value, rule.value)) return false;
        ++known;
    }
    return type.takes_any_attribute || known == element.attribute_count();
}

} // namespace

bool Particle::may_be_absent() const {
    if (least == 0) return true;
    switch (kind) {
    case Kind::element:
    case Kind::any:
        return false;
    case Kind::choice:
        return std::ranges::any_of(parts, &Particle::may_be_absent);
    case Kind::sequence:
    case Kind::all:
        break;
    }
    return std::ranges::all_of(parts, &Particle::may_be_absent);
}

bool Particle::can_begin(std::string_view child) const {
    switch (kind) {
    case Kind::element:
        return child == name;
    case Kind::any:
        return true;
    case Kind::sequence:
        for (auto const& part : parts) {
            if (part.can_begin(child)) return true;
            if (!part.may_be_absent()) return false;
        }
        return false;
    case Kind::choice:
    case Kind::all:
        break;
    }
    return std::ranges::any_of(parts, [child](Particle const& part) { return part.can_begin(child); });
}

bool Acceptor::accepts(Document const& document) const {
    auto const root = document.root();
    return root.name() == root_ && accepts(root, types_.front());
}

bool Acceptor::accepts(Element const& element, ElementType const& type) const {
    return keeps_attributes(element, type) && accepts_content(element, type);
}

bool Acceptor::accepts_content(Element const& element, ElementType const& type) const {
    switch (type.content) {
    case ElementType::Content::nothing:
        return !element.has_children() && element.text().empty();
    case ElementType::Content::text:
        return !element.has_children() && keeps(element.text(), type.text);
    case ElementType::Content::elements:
        if (!is_blank(element.text())) return false;
        break;
    case ElementType::Content::mixed:
        break;
    }
    auto next = element.first_child();
    return take(type.children, next) && !next;
}

/// Takes children as long as they can belong to the particle. What has been taken fits; that there might be
/// another way to take them does not matter, since the validator is asked when this one fails.
bool Acceptor::take(Particle const& particle, Next& next) const {
    std::uint32_t count = 0;
    for (; count < particle.most && next && particle.can_begin(next->name()); ++count) {
        if (!take_once(particle, next)) return false;
    }
    return count >= particle.least || particle.may_be_absent();
}

/// The next child can begin the particle.
bool Acceptor::take_once(Particle const& particle, Next& next) const {
    switch (particle.kind) {
    case Particle::Kind::element:
        return take_element(particle, next);
    case Particle::Kind::any:
        next = next->next_sibling();
        return true;
    case Particle::Kind::sequence:
        return std::ranges::all_of(particle.parts, [&](Particle const& part) { return take(part, next); });
    case Particle::Kind::choice: {
        auto const chosen = std::ranges::find_if(
            particle.parts, [&](Particle const& part) { return part.can_begin(next->name()); });
        return take(*chosen, next);
    }
    case Particle::Kind::all:
        break;
    }
    return take_all(particle, next);
}

bool Acceptor::take_element(Particle const& particle, Next& next) const {
    if (!accepts(*next, types_[particle.type])) return false;
    next = next->next_sibling();
    return true;
}

/// Each once, in any order.
bool Acceptor::take_all(Particle const& particle, Next& next) const {
    std::vector<bool> taken(particle.parts.size());
    for (; next; next = next->next_sibling()) {
        auto const part = std::ranges::find(particle.parts, next->name(), &Particle::name);
        if (part == particle.parts.end()) break;
        auto const index = static_cast<std::size_t>(part - particle.parts.begin());
        if (taken[index] || !accepts(*next, types_[part->type])) return false;
        taken[index] = true;
    }
    for (std::size_t i = 0; i < taken.size(); ++i) {
        if (!taken[i] && particle.parts[i].least > 0) return false;
    }
    return true;
}

} // namespace pointman::schemas
