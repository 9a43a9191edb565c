// SPDX-License-Identifier: Apache-2.0
#include "schemas/plain.hpp"

#include "schemas/builder.hpp"
#include "schemas/encoding.hpp"
#include "schemas/place.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace pointman::schemas {
namespace {

using Kinds = std::array<bool, 256>;

template <class Predicate>
constexpr Kinds kinds(Predicate predicate) {
    Kinds table{};
    for (unsigned byte = 0; byte < table.size(); ++byte)
        table[byte] = predicate(static_cast<unsigned char>(byte));
    return table;
}

constexpr bool starts_name(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

constexpr bool is_blank(unsigned char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Two that are no characters of XML, and two that end lines of XML 1.1, which the parser counts otherwise.
constexpr std::array<std::string_view, 4> not_plain{"\xEF\xBF\xBE", "\xEF\xBF\xBF", "\xC2\x85",
                                                    "\xE2\x80\xA8"};

constexpr bool is_suspect(unsigned char c) {
    return c == 0xEF || c == 0xC2 || c == 0xE2;
}

constexpr Kinds in_name =
    kinds([](unsigned char c) { return starts_name(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; });
constexpr Kinds in_text = kinds([](unsigned char c) {
    return (c >= ' ' || c == '\t' || c == '\n') && c != '<' && c != '&' && c != '>' && !is_suspect(c);
});
/// Line breaks and tabs would be read as blanks: that is left to the parser.
constexpr Kinds in_value = kinds([](unsigned char c) {
    return c >= ' ' && c != '<' && c != '&' && c != '"' && c != '\'' && !is_suspect(c);
});
constexpr Kinds in_comment =
    kinds([](unsigned char c) { return (c >= ' ' || is_blank(c)) && c != '-' && !is_suspect(c); });

constexpr bool is_character(std::uint32_t c) {
    return c < 0x20 ? c == '\t' || c == '\n' || c == '\r'
                    : c < 0xD800 || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

/// What stands between "&" and ";"; 0: no character, or one of an entity that is not XML's own.
char32_t character_of(std::string_view reference) {
    using Named = std::pair<std::string_view, char32_t>;
    constexpr std::array<Named, 5> names{
        {{"lt", U'<'}, {"gt", U'>'}, {"amp", U'&'}, {"quot", U'"'}, {"apos", U'\''}}};
    auto const* const named = std::ranges::find(names, reference, &Named::first);
    if (named != names.end()) return named->second;
    if (!reference.starts_with('#')) return 0;
    reference.remove_prefix(1);
    bool const is_hex = reference.starts_with('x');
    if (is_hex) reference.remove_prefix(1);
    std::uint32_t value = 0;
    auto const [end, error] =
        std::from_chars(reference.data(), reference.data() + reference.size(), value, is_hex ? 16 : 10);
    bool const is_number = error == std::errc() && end == reference.data() + reference.size();
    return is_number && is_character(value) ? value : 0;
}

/// Every step is false where the text is not plain.
class PlainReader {
public:
    std::optional<Document> read(std::string_view text, Limits const& limits) {
        text_ = text;
        at_ = 0;
        limits_ = limits;
        places_ = PlaceCursor(text);
        open_.clear();
        builder_.begin();
        bool const is_plain = document();
        value_ = std::string(); // which may have become long
        if (is_plain) return builder_.finish();
        builder_.begin(); // gives back the memory of what was read
        return std::nullopt;
    }

private:
    bool document() {
        if (!declaration() || !outside() || !start_tag()) return false;
        while (!open_.empty()) {
            if (!content()) return false;
        }
        return outside() && at_end();
    }

    bool at_end() const { return at_ == text_.size(); }
    unsigned char peek() const { return static_cast<unsigned char>(text_[at_]); }
    std::string_view rest() const { return text_.substr(at_); }

    bool skip(std::string_view expected) {
        if (!rest().starts_with(expected)) return false;
        at_ += expected.size();
        return true;
    }

    std::string_view take(Kinds const& wanted) {
        auto const left = rest();
        std::size_t count = 0;
        while (count < left.size() && wanted[static_cast<unsigned char>(left[count])]) ++count;
        at_ += count;
        return left.substr(0, count);
    }

    bool skip_blanks() {
        auto const start = at_;
        while (!at_end() && is_blank(peek())) ++at_;
        return at_ > start;
    }

    std::string_view name() { return !at_end() && starts_name(peek()) ? take(in_name) : std::string_view(); }

    /// What the declaration says of the encoding does not matter.
    bool declaration() {
        if (!skip("<?xml")) return true;
        if (!skip(" version=\"1.0\"")) return false;
        if (skip(" encoding=\"") && (rest().starts_with('_') || name().empty() || !skip("\""))) return false;
        skip_blanks();
        return skip("?>");
    }

    /// White space and comments around the root element.
    bool outside() {
        skip_blanks();
        while (rest().starts_with("<!--")) {
            if (!comment()) return false;
            skip_blanks();
        }
        return true;
    }

    bool comment() {
        at_ += 4;
        for (;;) {
            take(in_comment);
            if (skip("-->")) return true;
            if (rest().starts_with("--") || !one_more()) return false;
        }
    }

    /// Past a byte that had to be looked at closely, unless the character is not plain.
    bool one_more() {
        if (at_end() || peek() < ' ') return false;
        auto const follows = [this](std::string_view character) { return rest().starts_with(character); };
        if (std::ranges::any_of(not_plain, follows)) return false;
        ++at_;
        return true;
    }

    bool content() {
        if (at_end()) return false;
        if (peek() != '<') return text();
        if (skip("</")) return end_tag();
        if (rest().starts_with("<!--")) return comment();
        return start_tag();
    }

    bool start_tag() {
        if (!skip("<")) return false;
        auto const tag = name();
        if (tag.empty() || open_.size() == limits_.max_depth) return false;
        if (builder_.element_count() == limits_.max_elements) return false;
        auto const index = intern(tag);
        if (!index) return false;
        builder_.open(*index);
        for (std::size_t count = 0; skip_blanks() && !at_end() && starts_name(peek()); ++count) {
            if (count == limits_.max_attributes || !attribute()) return false;
        }
        bool const is_empty = skip("/");
        if (!skip(">")) return false;
        builder_.place(places_.at(at_));
        if (is_empty) {
            builder_.close();
        } else {
            open_.push_back(tag);
        }
        return true;
    }

    bool end_tag() {
        if (!skip(open_.back())) return false;
        skip_blanks();
        open_.pop_back();
        builder_.close();
        return skip(">");
    }

    bool attribute() {
        auto const tag = name();
        auto const index = intern(tag);
        // A namespace may be meant for elements without prefix.
        if (!index || tag == "xmlns" || builder_.has_attribute(*index)) return false;
        if (!skip("=") || at_end() || (peek() != '"' && peek() != '\'')) return false;
        auto const quote = text_[at_++];
        auto const value = take_value(quote);
        if (!value || value->size() > limits_.max_text) return false;
        builder_.attribute(*index, *value);
        return true;
    }

    /// Up to the quote and past it. Valid until the next call.
    std::optional<std::string_view> take_value(char quote) {
        auto piece = take(in_value);
        if (!at_end() && text_[at_] == quote) {
            ++at_;
            return piece;
        }
        value_ = piece;
        for (; !skip({&quote, 1}); value_ += take(in_value)) {
            if (at_end() || peek() == '<') return std::nullopt;
            if (peek() == '&') {
                auto const c = reference();
                if (c == 0) return std::nullopt;
                append_utf8(value_, c);
            } else {
                value_ += text_[at_];
                if (!one_more()) return std::nullopt;
            }
        }
        return value_;
    }

    /// 0: none that is known.
    char32_t reference() {
        constexpr std::size_t longest = 12;
        auto const end = rest().substr(0, longest).find(';');
        if (end == std::string_view::npos) return 0;
        auto const c = character_of(rest().substr(1, end - 1));
        at_ += end + 1;
        return c;
    }

    bool text() {
        builder_.text(take(in_text));
        while (!at_end() && peek() != '<') {
            if (!special()) return false;
            builder_.text(take(in_text));
        }
        return builder_.open_text_units() <= limits_.max_text;
    }

    bool special() {
        switch (peek()) {
        case '&': {
            auto const c = reference();
            // White space that is written as a reference is no layout for the validator, and 0 is no
            // character.
            if (c <= U' ') return false;
            std::string utf8;
            append_utf8(utf8, c);
            builder_.text(utf8);
            return true;
        }
        case '\r':
            ++at_;
            if (at_end() || peek() != '\n') builder_.text("\n");
            return true;
        case '>':
            if (text_.substr(0, at_).ends_with("]]")) return false;
            break;
        default:
            break;
        }
        auto const start = at_;
        if (!one_more()) return false;
        builder_.text(text_.substr(start, 1));
        return true;
    }

    std::optional<std::uint32_t> intern(std::string_view name) {
        if (name.size() > limits_.max_name) return std::nullopt;
        auto const index = builder_.intern(name);
        if (index >= limits_.max_distinct_names) return std::nullopt;
        return index;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Limits limits_;
    PlaceCursor places_{{}};
    std::vector<std::string_view> open_; ///< names of the elements that are open
    Builder builder_;
    std::string value_;
};

} // namespace

std::optional<Document> read_plain(std::string_view text, Limits const& limits) {
    thread_local PlainReader reader;
    return reader.read(text, limits);
}

} // namespace pointman::schemas
