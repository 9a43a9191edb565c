// SPDX-License-Identifier: Apache-2.0
// Private to mif.
#pragma once

#include "endpoints/mif/types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::mif {

/// Goes through the tokens of a text. The first fault ends the text: what is read after it sees only its end,
/// so that nobody has to look whether there was one.
class Cursor {
public:
    struct Longest {
        std::size_t name;
        std::size_t text;
    };
    Cursor(std::string_view text, Longest const& longest)
        : lexer_(text)
        , longest_(longest) {
        advance();
    }

    void fault(Mark const& mark, std::string message, Code code = Code::bad_mif);
    /// That something else should stand here.
    void expected(std::string_view what);
    bool has_failed() const { return fault_.has_value(); }
    Error take_fault() { return std::move(*fault_); }

    Token const& token() const { return token_; }
    Place place_of(Mark const& mark) { return lexer_.place_of(mark); }
    void advance();
    bool is_at(Token::Kind kind) const { return token_.kind == kind; }
    bool is_at_word(std::string_view word) const;
    bool is_at_symbol(char symbol) const { return is_at(Token::Kind::symbol) && token_.view[0] == symbol; }

    // What has to stand here is taken, else it is a fault.
    bool take_symbol_if(char symbol); ///< no fault
    void take_symbol(char symbol);
    void take_word(std::string_view word);
    std::string take_text(std::size_t longest); ///< pieces in a row are one
    std::uint64_t take_number(std::string_view what);

    // The same behind "=".
    std::string take_name() { return take_marked_name().first; }
    std::pair<std::string, Mark> take_marked_name();
    std::uint64_t take_id();
    void pass_text(); ///< DESCRIPTION: nothing is made of it
    void pass_word(); ///< ACCESS, STORAGE: likewise

    /// A value, of whatever type.
    Written take_value();

private:
    std::vector<std::string_view> take_pieces();

    Lexer lexer_;
    Longest longest_;
    Token token_;
    std::optional<Error> fault_;
};

/// In characters.
bool is_longer(std::string_view text, std::size_t longest);

} // namespace pointman::mif
