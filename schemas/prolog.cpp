// SPDX-License-Identifier: Apache-2.0
#include "schemas/prolog.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace pointman::schemas {
namespace {

/// Walks over units, counting lines as XML does: LF, CR LF or CR ends one.
class Cursor {
public:
    Cursor(EncodedText const& text, std::size_t max_units)
        : text_(text)
        , end_(std::min(text.unit_count(), max_units)) {}

    bool at_end() const { return at_ == end_; }
    char16_t peek() const { return text_.unit(at_); }
    std::uint32_t line() const { return line_; }
    std::uint32_t column() const { return column_; }

    void advance() {
        char16_t const unit = peek();
        ++at_;
        bool const ends_line = unit == u'\n' || (unit == u'\r' && (at_end() || peek() != u'\n'));
        if (ends_line) {
            ++line_;
            column_ = 1;
        } else if (text_.encoding != Encoding::utf8 || (unit & 0xC0U) != 0x80U) {
            ++column_;
        }
    }

    bool starts_with(std::string_view ascii) const {
        if (end_ - at_ < ascii.size()) return false;
        for (std::size_t i = 0; i < ascii.size(); ++i) {
            if (text_.unit(at_ + i) != static_cast<unsigned char>(ascii[i])) return false;
        }
        return true;
    }

    void skip(std::size_t count) {
        for (; count > 0; --count) advance();
    }

    /// Past the next `ascii`; false when there is none.
    bool skip_past(std::string_view ascii) {
        while (!at_end()) {
            if (starts_with(ascii)) {
                skip(ascii.size());
                return true;
            }
            advance();
        }
        return false;
    }

private:
    EncodedText text_;
    std::size_t at_ = 0;
    std::size_t end_;
    std::uint32_t line_ = 1;
    std::uint32_t column_ = 1;
};

bool is_space(char16_t unit) {
    return unit == u' ' || unit == u'\t' || unit == u'\r' || unit == u'\n';
}

bool ends_name(char16_t unit) {
    return is_space(unit) || unit == u'>' || unit == u'/';
}

bool starts_name(char16_t unit) {
    return (unit >= u'a' && unit <= u'z') || (unit >= u'A' && unit <= u'Z') || unit == u'_' || unit == u':' ||
           unit >= 0x80;
}

std::unexpected<Error> malformed(Cursor const& at, std::string message) {
    return std::unexpected(Error{Code::malformed, std::move(message), {}, at.line(), at.column()});
}

Result<std::string> read_name(Cursor& cursor, EncodedText const& text, std::size_t max_name) {
    if (cursor.at_end() || !starts_name(cursor.peek()))
        return malformed(cursor, "no element name behind \"<\"");
    std::u16string units;
    for (; !cursor.at_end() && !ends_name(cursor.peek()); cursor.advance()) {
        if (units.size() == max_name) {
            return std::unexpected(
                Error{Code::limit_exceeded, "element name is too long", {}, cursor.line(), cursor.column()});
        }
        units += cursor.peek();
    }
    std::string name;
    if (text.encoding == Encoding::utf8) {
        for (char16_t const unit : units) name += static_cast<char>(unit);
    } else {
        char16_t pending = 0;
        append_utf8(name, units, pending);
    }
    auto const colon = name.find(':');
    return colon == std::string::npos ? name : name.substr(colon + 1);
}

/// Past one declaration, processing instruction or comment; false when the text ends inside.
bool skip_misc(Cursor& cursor) {
    if (cursor.starts_with("<!--")) {
        cursor.skip(4);
        return cursor.skip_past("-->");
    }
    cursor.skip(2);
    return cursor.skip_past("?>");
}

} // namespace

Result<Prolog> read_prolog(EncodedText const& text, std::size_t max_units, std::size_t max_name) {
    Cursor cursor(text, max_units);
    if (cursor.at_end()) return malformed(cursor, "the document is empty");
    while (!cursor.at_end()) {
        if (is_space(cursor.peek())) {
            cursor.advance();
            continue;
        }
        if (cursor.starts_with("<!--") || cursor.starts_with("<?")) {
            auto const start = cursor;
            if (!skip_misc(cursor)) return malformed(start, "comment or processing instruction without end");
            continue;
        }
        if (cursor.starts_with("<!")) return malformed(cursor, "document type declarations are not allowed");
        if (cursor.peek() != u'<') return malformed(cursor, "text before the root element");
        Prolog prolog{{}, cursor.line(), cursor.column()};
        cursor.advance();
        auto name = read_name(cursor, text, max_name);
        if (!name) return std::unexpected(name.error());
        prolog.root = std::move(*name);
        return prolog;
    }
    return malformed(cursor, "no root element");
}

} // namespace pointman::schemas
