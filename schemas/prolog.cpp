// SPDX-License-Identifier: Apache-2.0
#include "schemas/prolog.hpp"

#include "schemas/encoding.hpp"
#include "schemas/guard.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace pointman::schemas {
namespace {

/// Walks over the text.
class Cursor {
public:
    explicit Cursor(std::string_view text)
        : text_(text) {}

    bool at_end() const { return at_ == text_.size(); }
    char peek() const { return text_[at_]; }
    std::string_view rest() const { return text_.substr(at_); }
    Place place() const { return place_of(text_, at_); }
    void skip(std::size_t count) { at_ += count; }

    /// Past the next `ascii`; false when there is none.
    bool skip_past(std::string_view ascii) {
        auto const found = text_.find(ascii, at_);
        if (found == std::string_view::npos) return false;
        at_ = found + ascii.size();
        return true;
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool ends_name(char c) {
    return is_space(c) || c == '>' || c == '/';
}

bool starts_name(char c) {
    bool const is_ascii = static_cast<unsigned char>(c) < 0x80;
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || !is_ascii;
}

std::unexpected<Error> refused(Code code, Cursor const& at, std::string message) {
    auto const place = at.place();
    return std::unexpected(Error{code, std::move(message), {}, place.line, place.column});
}

std::unexpected<Error> malformed(Cursor const& at, std::string message) {
    return refused(Code::malformed, at, std::move(message));
}

Result<std::string> read_name(Cursor& cursor, std::size_t max_name) {
    if (cursor.at_end() || !starts_name(cursor.peek()))
        return malformed(cursor, "no element name behind \"<\"");
    auto const rest = cursor.rest();
    auto const name =
        rest.substr(0, static_cast<std::size_t>(std::ranges::find_if(rest, ends_name) - rest.begin()));
    if (utf16_units(name) > max_name) {
        cursor.skip(name.size());
        return refused(Code::limit_exceeded, cursor, "element name is too long");
    }
    // Without a colon, the name is what follows npos + 1 = 0.
    return std::string(name.substr(name.find(':') + 1));
}

/// Past one declaration, processing instruction or comment; false when the text ends inside.
bool skip_misc(Cursor& cursor) {
    if (cursor.rest().starts_with("<!--")) {
        cursor.skip(4);
        return cursor.skip_past("-->");
    }
    cursor.skip(2);
    return cursor.skip_past("?>");
}

} // namespace

Result<Prolog> read_prolog(std::string_view text, std::size_t max_name) {
    Cursor cursor(text);
    if (cursor.at_end()) return malformed(cursor, "the document is empty");
    while (!cursor.at_end()) {
        if (is_space(cursor.peek())) {
            cursor.skip(1);
            continue;
        }
        if (cursor.rest().starts_with("<!--") || cursor.rest().starts_with("<?")) {
            auto const start = cursor;
            if (!skip_misc(cursor)) return malformed(start, "comment or processing instruction without end");
            continue;
        }
        if (cursor.rest().starts_with("<!"))
            return malformed(cursor, "document type declarations are not allowed");
        if (cursor.peek() != u'<') return malformed(cursor, "text before the root element");
        Prolog prolog{{}, cursor.place()};
        cursor.skip(1);
        auto name = read_name(cursor, max_name);
        if (!name) return std::unexpected(name.error());
        prolog.root = std::move(*name);
        return prolog;
    }
    return malformed(cursor, "no root element");
}

Result<Prolog> prepare(std::string_view text, Limits const& limits) {
    if (auto danger = find_danger(text, limits)) return std::unexpected(std::move(*danger));
    return read_prolog(text, limits.max_name);
}

} // namespace pointman::schemas
