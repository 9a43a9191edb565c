// SPDX-License-Identifier: Apache-2.0
#include "endpoints/mif/types.hpp"

#include "base/hex.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "endpoints/mif/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace pointman::mif {

namespace {

using Form = Scalar::Form;
using Outcome = std::expected<std::string, std::string>;

constexpr Number most_of(std::uint64_t magnitude) {
    return {false, magnitude};
}
constexpr Number least_of(std::uint64_t magnitude) {
    return {true, magnitude};
}

constexpr Number most_unsigned = most_of(std::numeric_limits<std::uint32_t>::max());
constexpr Number most_unsigned_64 = most_of(std::numeric_limits<std::uint64_t>::max());
constexpr Number most_signed = most_of(std::numeric_limits<std::int32_t>::max());
constexpr Number most_signed_64 = most_of(std::numeric_limits<std::int64_t>::max());
constexpr Number least_signed = least_of(most_signed.magnitude + 1);
constexpr Number least_signed_64 = least_of(most_signed_64.magnitude + 1);

constexpr std::array<Scalar, 12> scalars{{{"Counter", Form::number, {}, most_unsigned},
                                          {"Counter64", Form::number, {}, most_unsigned_64},
                                          {"Gauge", Form::number, {}, most_unsigned},
                                          {"Integer", Form::number, least_signed, most_signed},
                                          {"Int", Form::number, least_signed, most_signed},
                                          {"Integer64", Form::number, least_signed_64, most_signed_64},
                                          {"Int64", Form::number, least_signed_64, most_signed_64},
                                          {"String", Form::text},
                                          {"DisplayString", Form::text},
                                          {"OctetString", Form::octets},
                                          {"Octetstr", Form::octets},
                                          {"Date", Form::text}}};

bool is_between(Number const& value, Scalar const& type) {
    if (value.is_negative) return value.magnitude <= type.least.magnitude;
    return value.magnitude <= type.most.magnitude;
}

Outcome number_as(Scalar const& type, Written const& written) {
    auto const value = number_of(written.token.view);
    if (written.kind != Written::Kind::number)
        return std::unexpected(fmt::format("expected a number, found {}", shown(written.token)));
    if (!value) return std::unexpected(fmt::format("{} is no number", shown(written.token)));
    if (!is_between(*value, type)) {
        return std::unexpected(fmt::format("{} is not from {} to {}, as {} takes", decimal(*value),
                                           decimal(type.least), decimal(type.most), type.name));
    }
    return decimal(*value);
}

Outcome item_of(Enumeration const& enumeration, Written const& written) {
    if (written.kind == Written::Kind::number) {
        auto const value = number_of(written.token.view);
        if (!value) return std::unexpected(fmt::format("{} is no number", shown(written.token)));
        auto const known = enumeration.texts.find(*value);
        return known == enumeration.texts.end() ? decimal(*value) : known->second;
    }
    auto const known = enumeration.numbers.find(to_lower(unescaped_text(written.pieces)));
    if (known == enumeration.numbers.end())
        return std::unexpected(fmt::format("{} is not in the enumeration", shown(written.token)));
    return enumeration.texts.at(known->second);
}

bool is_printable(char c) {
    return c >= ' ' && c <= '~';
}

/// With its length in what the type counts.
std::pair<std::string, std::size_t> read_text(Scalar const& type, Written const& written) {
    if (type.form == Form::octets) {
        auto bytes = unescaped_bytes(written.pieces);
        auto const size = bytes.size();
        if (!std::ranges::all_of(bytes, is_printable)) bytes = to_hex(as_bytes(bytes));
        return {std::move(bytes), size};
    }
    auto text = unescaped_text(written.pieces);
    auto const size = characters_in(text);
    return {std::move(text), size};
}

Outcome text_as(Type const& type, Written const& written) {
    if (written.kind != Written::Kind::text)
        return std::unexpected(fmt::format("expected a text in quotes, found {}", shown(written.token)));
    auto [text, size] = read_text(*type.scalar, written);
    if (type.length && size > *type.length) {
        return std::unexpected(fmt::format("the value is {} long, and {}({}) takes {}", size,
                                           type.scalar->name, *type.length, *type.length));
    }
    return std::move(text);
}

} // namespace

std::optional<Number> number_of(std::string_view text) {
    Number number;
    if (text.starts_with('-') || text.starts_with('+')) {
        number.is_negative = text.front() == '-';
        text.remove_prefix(1);
    }
    int base = 10;
    if (starts_with_ignoring_case(text, "0x")) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.size() > 1 && text.front() == '0') {
        base = 8;
    }
    auto const magnitude = number_in<std::uint64_t>(text, base);
    if (!magnitude) return std::nullopt;
    number.magnitude = *magnitude;
    if (*magnitude == 0) number.is_negative = false;
    return number;
}

std::string decimal(Number const& number) {
    return fmt::format("{}{}", number.is_negative ? "-" : "", number.magnitude);
}

Scalar const* find_scalar(std::string_view name) {
    auto const* const found = std::ranges::find_if(
        scalars, [name](Scalar const& scalar) { return equal_ignoring_case(scalar.name, name); });
    return found == scalars.end() ? nullptr : found;
}

Outcome value_as(Type const& type, Written const& written) {
    if (type.enumeration) return item_of(*type.enumeration, written);
    if (type.scalar->form == Form::number) return number_as(*type.scalar, written);
    return text_as(type, written);
}

} // namespace pointman::mif
