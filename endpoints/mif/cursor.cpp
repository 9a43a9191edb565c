// SPDX-License-Identifier: Apache-2.0
#include "endpoints/mif/cursor.hpp"

#include "base/text.hpp"
#include "endpoints/mif/text.hpp"

#include <fmt/format.h>

namespace pointman::mif {

void Cursor::advance() {
    token_ = lexer_.next();
    if (token_.kind != Token::Kind::broken) return;
    if (token_.view.starts_with('"')) return fault(token_.mark, "a text that does not end on its line");
    expected("a word, a number or a text in quotes");
}

void Cursor::fault(Mark const& mark, std::string message, Code code) {
    if (fault_) return;
    auto const place = lexer_.place_of(mark);
    fault_ = Error{code, std::move(message), {}, place.line, place.column};
    lexer_.go_to_end();
    token_ = {Token::Kind::end, {}, mark};
}

void Cursor::expected(std::string_view what) {
    fault(token_.mark, fmt::format("expected {}, found {}", what, shown(token_)));
}

bool Cursor::is_at_word(std::string_view word) const {
    return is_at(Token::Kind::word) && equal_ignoring_case(token_.view, word);
}

bool Cursor::take_symbol_if(char symbol) {
    if (!is_at_symbol(symbol)) return false;
    advance();
    return true;
}

void Cursor::take_symbol(char symbol) {
    if (!take_symbol_if(symbol)) expected(fmt::format("\"{}\"", symbol));
}

void Cursor::take_word(std::string_view word) {
    if (!is_at_word(word)) return expected(word);
    advance();
}

std::vector<std::string_view> Cursor::take_pieces() {
    std::vector<std::string_view> pieces;
    while (is_at(Token::Kind::text)) {
        pieces.push_back(token_.view);
        advance();
    }
    return pieces;
}

std::string Cursor::take_text(std::size_t longest) {
    auto const begin = token_.mark;
    if (!is_at(Token::Kind::text)) {
        expected("a text in quotes");
        return {};
    }
    auto text = unescaped_text(take_pieces());
    if (is_longer(text, longest)) fault(begin, fmt::format("the text is longer than {} characters", longest));
    return text;
}

std::uint64_t Cursor::take_number(std::string_view what) {
    auto const value = is_at(Token::Kind::number) ? number_of(token_.view) : std::nullopt;
    if (!value || value->is_negative) {
        expected(what);
        return 0;
    }
    advance();
    return value->magnitude;
}

std::pair<std::string, Mark> Cursor::take_marked_name() {
    take_symbol('=');
    auto const mark = token_.mark;
    return {std::string(trim(take_text(longest_.name))), mark};
}

std::uint64_t Cursor::take_id() {
    take_symbol('=');
    return take_number("a number");
}

void Cursor::pass_text() {
    take_symbol('=');
    take_text(longest_.text);
}

void Cursor::pass_word() {
    take_symbol('=');
    if (!is_at(Token::Kind::word)) return expected("a word");
    advance();
    // "Read Only" is as good as "Read-Only".
    if (is_at_word("Only") || is_at_word("Write")) advance();
}

Written Cursor::take_value() {
    Written written{Written::Kind::nothing, token_};
    if (is_at(Token::Kind::number)) {
        written.kind = Written::Kind::number;
        advance();
    } else if (is_at(Token::Kind::text)) {
        written.kind = Written::Kind::text;
        written.pieces = take_pieces();
    } else if (take_symbol_if('*')) {
        // A program of the component would tell it.
        take_text(longest_.text);
    } else if (is_at_word("UNSUPPORTED") || is_at_word("UNSPECIFIED") || is_at_word("UNKNOWN")) {
        advance();
    } else {
        expected("a number, a text in quotes or UNSUPPORTED");
    }
    return written;
}

bool is_longer(std::string_view text, std::size_t longest) {
    return text.size() > longest && characters_in(text) > longest;
}

} // namespace pointman::mif
