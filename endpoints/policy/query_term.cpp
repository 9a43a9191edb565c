// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/query_term.hpp"

#include "base/text.hpp"
#include "base/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace pointman::endpoints::policy {

/// A property that every client has.
struct ClientProperty {
    /// Holds the text of what a client does not keep as text.
    struct Scratch {
        std::array<char, 24> digits = {};
        std::string time = {};
    };

    std::string_view name;
    std::string_view (*text)(db::Client const& client, Scratch& scratch);
    TimePoint db::Client::*time = nullptr; ///< where it is one
};

namespace {

using db::Client;
using Scratch = ClientProperty::Scratch;

std::string_view text_of(std::int64_t number, Scratch& scratch) {
    auto* const begin = scratch.digits.data();
    auto const result = std::to_chars(begin, begin + scratch.digits.size(), number);
    return {begin, result.ptr};
}

std::string_view text_of(TimePoint time, Scratch& scratch) {
    scratch.time = iso_time_ms(time);
    return scratch.time;
}

// Those of `client show` and what else stands in fields. Registration takes the two names with blanks out of
// the discovery properties.
constexpr std::array<ClientProperty, 15> client_properties{{
    {"smsid", [](Client const& client, Scratch&) -> std::string_view { return client.id.text(); }},
    {"name", [](Client const& client, Scratch&) -> std::string_view { return client.name; }},
    {"NetBIOS Name", [](Client const& client, Scratch&) -> std::string_view { return client.name; }},
    {"fqdn", [](Client const& client, Scratch&) -> std::string_view { return client.fqdn; }},
    {"FQ Name", [](Client const& client, Scratch&) -> std::string_view { return client.fqdn; }},
    {"resource_id",
     [](Client const& client, Scratch& scratch) { return text_of(client.resource_id, scratch); }},
    {"approval", [](Client const& client, Scratch&) { return db::name_of(client.approval); }},
    {"approval_method",
     [](Client const& client, Scratch&) -> std::string_view { return client.approval_method; }},
    {"agent_type",
     [](Client const& client, Scratch& scratch) { return text_of(client.agent_type, scratch); }},
    {"agent_version",
     [](Client const& client, Scratch&) -> std::string_view { return client.agent_version; }},
    {"agent_identity",
     [](Client const& client, Scratch&) -> std::string_view { return client.agent_identity; }},
    {"hardware_id", [](Client const& client, Scratch&) -> std::string_view { return client.hardware_id; }},
    {"key_sha256", [](Client const& client, Scratch&) -> std::string_view { return client.key_sha256; }},
    {"first_seen", [](Client const& client, Scratch& scratch) { return text_of(client.first_seen, scratch); },
     &Client::first_seen},
    {"last_seen", [](Client const& client, Scratch& scratch) { return text_of(client.last_seen, scratch); },
     &Client::last_seen},
}};

ClientProperty const* find_client_property(std::string_view name) {
    auto const same = [name](ClientProperty const& known) { return equal_ignoring_case(known.name, name); };
    auto const* const found = std::ranges::find_if(client_properties, same);
    return found == client_properties.end() ? nullptr : found;
}

unsigned char lower(char c) {
    return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::strong_ordering compare_texts(std::string_view a, std::string_view b) {
    return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(),
                                                  [](char x, char y) { return lower(x) <=> lower(y); });
}

/// A whole number, or a version: numbers with dots between them.
bool is_number(std::string_view text) {
    if (text.starts_with('-')) return text.size() > 1 && std::ranges::all_of(text.substr(1), is_digit);
    bool after_digit = false;
    for (char const c : text) {
        if (!is_digit(c) && !(c == '.' && after_digit)) return false;
        after_digit = c != '.';
    }
    return after_digit;
}

bool take_minus(std::string_view& number) {
    if (!number.starts_with('-')) return false;
    number.remove_prefix(1);
    return number.find_first_not_of('0') != std::string_view::npos;
}

/// The digits up to the next dot, without zeros in front: numbers may be longer than any integer.
std::string_view take_part(std::string_view& number) {
    auto part = number.substr(0, number.find('.'));
    number.remove_prefix(std::min(number.size(), part.size() + 1));
    part.remove_prefix(std::min(part.size(), part.find_first_not_of('0')));
    return part;
}

/// Part by part; a part that is missing is 0.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
    bool const a_negative = take_minus(a);
    bool const b_negative = take_minus(b);
    if (a_negative != b_negative) {
        return a_negative ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    if (a_negative) std::swap(a, b);
    while (!a.empty() || !b.empty()) {
        auto const part_a = take_part(a);
        auto const part_b = take_part(b);
        auto const sizes = part_a.size() <=> part_b.size();
        if (sizes != 0) return sizes;
        if (auto const digits = part_a <=> part_b; digits != 0) return digits;
    }
    return std::strong_ordering::equal;
}

/// Keeps parse_iso_time from making errors of what nobody would take for a time.
bool may_be_time(std::string_view text) {
    return text.size() >= 10 && is_digit(text[0]) && text[4] == '-' && text[7] == '-';
}

std::optional<TimePoint> time_in(std::string_view text) {
    if (!may_be_time(text)) return {};
    auto const time = parse_iso_time(text);
    return time ? std::optional(*time) : std::nullopt;
}

/// What an SMSID in any of its spellings shares with the others. Other texts may lose something too: they
/// still equal no SMSID.
std::string_view bare(std::string_view smsid) {
    smsid = trim(smsid);
    if (starts_with_ignoring_case(smsid, "GUID:")) smsid.remove_prefix(5);
    if (smsid.starts_with('{') && smsid.ends_with('}')) smsid = smsid.substr(1, smsid.size() - 2);
    return smsid;
}

/// Where the character ends that begins at `at`.
std::size_t past_character(std::string_view text, std::size_t at) {
    auto const continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; };
    do {
        ++at;
    } while (at < text.size() && continues(text[at]));
    return at;
}

/// `%` stands for any text, `_` for one character.
bool is_like(std::string_view text, std::string_view pattern) {
    // Going back to the latest % is enough: an earlier one could only have taken what that can take.
    std::size_t at = 0;
    std::size_t in = 0;
    std::size_t past_percent = std::string_view::npos;
    std::size_t taken = 0; // the latest % stands for what is before
    while (at < text.size()) {
        if (in < pattern.size() && pattern[in] == '%') {
            past_percent = ++in;
            taken = at;
        } else if (in < pattern.size() && pattern[in] == '_') {
            ++in;
            at = past_character(text, at);
        } else if (in < pattern.size() && lower(pattern[in]) == lower(text[at])) {
            ++in;
            ++at;
        } else if (past_percent != std::string_view::npos) {
            in = past_percent;
            at = taken = past_character(text, taken);
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('%', in) == std::string_view::npos;
}

} // namespace

QueryTerm::QueryTerm(std::string_view property, Comparison comparison, std::string value)
    : known_(find_client_property(property))
    , property_(property)
    , comparison_(comparison)
    , value_(std::move(value)) {
    if (comparison_ == Comparison::like || comparison_ == Comparison::unlike) return;
    is_number_ = is_number(value_);
    time_ = time_in(value_);
    if (auto id = ClientId::parse(value_)) client_id_ = std::move(*id);
}

bool QueryTerm::matches(db::Client const& client) const {
    if (known_ != nullptr) {
        if (known_->time != nullptr && time_) return holds(client.*known_->time <=> *time_);
        Scratch scratch;
        return fits(known_->text(client, scratch));
    }
    return std::ranges::any_of(client.discovery, [this](auto const& sent) {
        return equal_ignoring_case(sent.first, property_) && fits(sent.second);
    });
}

bool QueryTerm::fits(std::string_view text) const {
    if (comparison_ == Comparison::like) return is_like(text, value_);
    if (comparison_ == Comparison::unlike) return !is_like(text, value_);
    return holds(compare(text));
}

bool QueryTerm::holds(std::strong_ordering order) const {
    switch (comparison_) {
    case Comparison::equal:
        return order == 0;
    case Comparison::unequal:
        return order != 0;
    case Comparison::less:
        return order < 0;
    case Comparison::at_most:
        return order <= 0;
    case Comparison::greater:
        return order > 0;
    case Comparison::at_least:
        return order >= 0;
    case Comparison::like:
    case Comparison::unlike:
        break; // no matter of order
    }
    std::unreachable();
}

/// The text compared with the value.
std::strong_ordering QueryTerm::compare(std::string_view text) const {
    if (is_number_ && is_number(text)) return compare_numbers(text, value_);
    if (time_) {
        if (auto const time = time_in(text)) return *time <=> *time_;
    }
    if (client_id_) return compare_texts(bare(text), client_id_->uuid());
    return compare_texts(text, value_);
}

} // namespace pointman::endpoints::policy
