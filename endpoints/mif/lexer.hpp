// SPDX-License-Identifier: Apache-2.0
// Private to mif.
#pragma once

#include "endpoints/mif/mif.hpp"

#include <string>
#include <string_view>

namespace pointman::mif {

/// Where a token begins. Columns are counted only when somebody asks.
struct Mark {
    std::size_t at = 0;
    std::size_t line_begin = 0;
    std::uint32_t line = 1;
};

struct Token {
    enum class Kind { word, number, text, symbol, broken, end };
    Kind kind = Kind::end;
    std::string_view view; ///< as it stands, a text without its quotes
    Mark mark;
};

/// Cuts a text into tokens. After its end there is only the end.
class Lexer {
public:
    explicit Lexer(std::string_view text)
        : text_(text) {}

    /// `broken` is a character that begins nothing, or a text that does not end on its line.
    Token next();
    /// Quick for marks in the order of the text: all of it may be one line.
    Place place_of(Mark const& mark);
    void go_to_end() { at_ = text_.size(); }

private:
    void skip_space();
    void skip_comment();
    void begin_line();
    Token taken(Token::Kind kind, std::size_t end);
    Token take_text();
    Mark mark() const { return {at_, line_begin_, line_}; }
    char at(std::size_t place) const { return place < text_.size() ? text_[place] : '\0'; }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_begin_ = 0;
    std::uint32_t line_ = 1;
    Mark counted_;           ///< the mark that was asked for last
    std::size_t column_ = 1; ///< and its column
};

/// The token as a message names it.
std::string shown(Token const& token);

} // namespace pointman::mif
