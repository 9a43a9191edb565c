// SPDX-License-Identifier: Apache-2.0
// Private to mif.
#pragma once

#include "endpoints/mif/lexer.hpp"

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::mif {

/// A number as it is written: decimal, octal behind 0, hexadecimal behind 0x.
struct Number {
    bool is_negative = false;
    std::uint64_t magnitude = 0;
    auto operator<=>(Number const&) const = default;
};
std::optional<Number> number_of(std::string_view text);
std::string decimal(Number const& number);

struct Enumeration {
    std::map<Number, std::string> texts;
    std::map<std::string, Number> numbers; ///< by the text in lower case
};

/// What a VALUE says, before anybody asks for its type.
struct Written {
    enum class Kind { nothing, number, text };
    Kind kind = Kind::nothing;              ///< nothing: UNSUPPORTED, or told only by a program
    Token token;                            ///< that it begins with
    std::vector<std::string_view> pieces{}; ///< of a text
};

/// A row of the table of types.
struct Scalar {
    std::string_view name;
    enum class Form { number, text, octets } form = Form::text;
    Number least{};
    Number most{};
};

struct Type {
    Scalar const* scalar = nullptr;
    std::optional<std::uint64_t> length{};            ///< the most characters, of octets bytes; none = any
    std::shared_ptr<Enumeration const> enumeration{}; ///< in place of a scalar
};

/// Any case, words of one name apart or together: `Display String`. nullptr = there is no such type, or not
/// yet a whole one.
Scalar const* find_scalar(std::string_view name);

/// The value as a type has it, or what is wrong with it. `written` says something.
std::expected<std::string, std::string> value_as(Type const& type, Written const& written);

} // namespace pointman::mif
