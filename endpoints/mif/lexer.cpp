// SPDX-License-Identifier: Apache-2.0
#include "endpoints/mif/lexer.hpp"

#include "base/text.hpp"
#include "endpoints/mif/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::mif {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// `Read-Only`, `direct-interface`
bool continues_word(char c) {
    return is_letter(c) || is_digit(c) || c == '-';
}

bool continues_number(char c) {
    return is_letter(c) || is_digit(c);
}

bool is_symbol(char c) {
    return std::string_view("={}(),*").find(c) != std::string_view::npos;
}

template <class F>
std::size_t end_of(std::string_view text, std::size_t from, F const& continues) {
    while (from < text.size() && continues(text[from])) ++from;
    return from;
}

} // namespace

void Lexer::begin_line() {
    // CR LF is one end of a line.
    at_ += at(at_) == '\r' && at(at_ + 1) == '\n' ? 2U : 1U;
    line_begin_ = at_;
    ++line_;
}

void Lexer::skip_comment() {
    at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
}

void Lexer::skip_space() {
    while (at_ < text_.size()) {
        auto const c = text_[at_];
        if (c == '\r' || c == '\n') {
            begin_line();
        } else if (c == ' ' || c == '\t' || c == '\v' || c == '\f') {
            ++at_;
        } else if (c == '/' && at(at_ + 1) == '/') {
            skip_comment();
        } else {
            return;
        }
    }
}

Token Lexer::taken(Token::Kind kind, std::size_t end) {
    Token const token{kind, text_.substr(at_, end - at_), mark()};
    at_ = end;
    return token;
}

Token Lexer::take_text() {
    auto end = at_ + 1;
    while (end < text_.size() && text_[end] != '"' && text_[end] != '\r' && text_[end] != '\n')
        end += text_[end] == '\\' && (at(end + 1) == '"' || at(end + 1) == '\\') ? 2U : 1U;
    if (at(end) != '"') return taken(Token::Kind::broken, std::min(end, text_.size()));
    auto token = taken(Token::Kind::text, end + 1);
    token.view = token.view.substr(1, token.view.size() - 2);
    return token;
}

Token Lexer::next() {
    skip_space();
    if (at_ >= text_.size()) return {Token::Kind::end, {}, mark()};
    auto const c = text_[at_];
    if (c == '"') return take_text();
    if (is_letter(c)) return taken(Token::Kind::word, end_of(text_, at_, continues_word));
    bool const is_signed = (c == '-' || c == '+') && is_digit(at(at_ + 1));
    if (is_digit(c) || is_signed) return taken(Token::Kind::number, end_of(text_, at_ + 1, continues_number));
    return taken(is_symbol(c) ? Token::Kind::symbol : Token::Kind::broken, at_ + 1);
}

Place Lexer::place_of(Mark const& mark) {
    bool const goes_on = counted_.line_begin == mark.line_begin && counted_.at <= mark.at;
    auto const from = goes_on ? counted_.at : mark.line_begin;
    column_ = (goes_on ? column_ : 1) + characters_in(text_.substr(from, mark.at - from));
    counted_ = mark;
    return {mark.line, static_cast<std::uint32_t>(column_)};
}

std::string shown(Token const& token) {
    constexpr std::size_t longest_shown = 40;
    if (token.kind == Token::Kind::end) return "the end of the text";
    auto view = token.view;
    if (view.size() > longest_shown) view = cut_to(view, longest_shown);
    auto const quoted = fmt::format("\"{}{}\"", view, view.size() < token.view.size() ? "..." : "");
    return token.kind == Token::Kind::text ? "the text " + quoted : quoted;
}

} // namespace pointman::mif
