// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/collection_query.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace pointman::endpoints::policy {

namespace {

struct Token {
    enum class Kind : std::uint8_t { word, quoted, comparison, open, close, end };

    Kind kind = Kind::end;
    std::size_t at = 0;           ///< byte of the query where it begins
    std::string_view source = {}; ///< as written
    std::string text = {};        ///< of a word, or between the quotes

    bool is(std::string_view keyword) const {
        return kind == Kind::word && equal_ignoring_case(text, keyword);
    }
    bool is_keyword() const { return is("and") || is("or") || is("not") || is("like"); }
    bool is_name() const { return kind == Kind::quoted || (kind == Kind::word && !is_keyword()); }
};

constexpr std::array<std::pair<std::string_view, Comparison>, 7> comparisons{{
    // The longer ones first: they begin with the shorter.
    {"!=", Comparison::unequal},
    {"<>", Comparison::unequal},
    {"<=", Comparison::at_most},
    {">=", Comparison::at_least},
    {"=", Comparison::equal},
    {"<", Comparison::less},
    {">", Comparison::greater},
}};

std::unexpected<Error> fail_at(std::string_view query, std::size_t at, std::string_view what) {
    auto const begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; };
    auto const column = 1 + std::ranges::count_if(query.substr(0, at), begins);
    return std::unexpected(Error{.code = Code::usage,
                                 .message = fmt::format("column {}: {}", column, what),
                                 .detail = {},
                                 .line = 1,
                                 .column = static_cast<std::uint32_t>(column)});
}

Result<void> check_characters(std::string_view query) {
    for (std::size_t at = 0; at < query.size();) {
        auto const [value, size] = first_utf8_character(query.substr(at));
        if (size == 0) return fail_at(query, at, "text in UTF-8 was expected");
        bool const is_blank = value == '\t' || value == '\r' || value == '\n';
        if ((value < 0x20 && !is_blank) || value == 0x7F) {
            return fail_at(query, at, "text was expected in place of a control character");
        }
        at += size;
    }
    return {};
}

class Lexer {
public:
    explicit Lexer(std::string_view query)
        : query_(query) {}

    /// The last token is the end.
    Result<std::vector<Token>> tokens() {
        std::vector<Token> all;
        for (;;) {
            auto token = next();
            if (!token) return std::unexpected(std::move(token.error()));
            all.push_back(std::move(*token));
            if (all.back().kind == Token::Kind::end) return all;
        }
    }

private:
    static constexpr std::string_view blanks = " \t\r\n";
    static constexpr std::string_view ends_word = " \t\r\n()=<>!'\"";

    Result<Token> next() {
        at_ = std::min(query_.size(), query_.find_first_not_of(blanks, at_));
        if (at_ == query_.size()) return Token{.at = at_};
        auto const rest = query_.substr(at_);
        if (rest.front() == '(') return take(Token::Kind::open, 1);
        if (rest.front() == ')') return take(Token::Kind::close, 1);
        if (rest.front() == '\'' || rest.front() == '"') return quoted();
        for (auto const& [sign, comparison] : comparisons) {
            if (rest.starts_with(sign)) return take(Token::Kind::comparison, sign.size());
        }
        if (rest.front() == '!') return fail_at(query_, at_ + 1, "= was expected after !");
        auto word = take(Token::Kind::word, std::min(rest.size(), rest.find_first_of(ends_word)));
        word.text = word.source;
        return word;
    }

    Token take(Token::Kind kind, std::size_t size) {
        Token token{.kind = kind, .at = at_, .source = query_.substr(at_, size)};
        at_ += size;
        return token;
    }

    Result<Token> quoted() {
        char const quote = query_[at_];
        std::string text;
        for (auto at = at_ + 1; at < query_.size(); ++at) {
            if (query_[at] == quote) {
                if (query_.substr(at + 1, 1) != query_.substr(at, 1)) {
                    auto token = take(Token::Kind::quoted, at + 1 - at_);
                    token.text = std::move(text);
                    return token;
                }
                ++at;
            }
            text.push_back(query_[at]);
        }
        return fail_at(
            query_, query_.size(),
            fmt::format("the {} that closes {} was expected, but the query ends", quote, query_.substr(at_)));
    }

    std::string_view query_;
    std::size_t at_ = 0;
};

} // namespace

/// Turns a query into steps as it reads: a part of it is known by its first step and by the ways out of it
/// that lead nowhere yet.
class CollectionQuery::Parser {
public:
    Parser(std::string_view query, std::vector<Token> tokens)
        : query_(query)
        , tokens_(std::move(tokens)) {}

    Result<std::vector<Step>> parse() {
        auto whole = disjunction(0);
        if (!whole) return std::unexpected(std::move(whole.error()));
        if (now().kind != Token::Kind::end) return expected("and, or or the end");
        lead(whole->if_true, accepted);
        lead(whole->if_false, rejected);
        return std::move(steps_);
    }

private:
    struct Exit {
        std::size_t step;
        std::uint16_t Step::*way;
    };
    struct Part {
        std::uint16_t first;
        std::vector<Exit> if_true;
        std::vector<Exit> if_false;
    };

    Token const& now() const { return tokens_[at_]; }

    /// The token, which is not the end, and moves on to the next.
    Token const& take() { return tokens_[at_++]; }

    bool take_if(std::string_view keyword) {
        bool const is = now().is(keyword);
        if (is) ++at_;
        return is;
    }

    std::unexpected<Error> expected(std::string_view what) const {
        auto const& found = now();
        return fail_at(query_, found.at,
                       found.kind == Token::Kind::end
                           ? fmt::format("{} was expected, but the query ends", what)
                           : fmt::format("{} was expected in place of {}", what, found.source));
    }

    void lead(std::vector<Exit> const& exits, std::uint16_t target) {
        for (auto const& [step, way] : exits) steps_[step].*way = target;
    }

    static void append(std::vector<Exit>& exits, std::vector<Exit> const& more) {
        exits.insert(exits.end(), more.begin(), more.end());
    }

    Result<Part> disjunction(std::size_t depth) {
        auto left = conjunction(depth);
        while (left && take_if("or")) {
            auto right = conjunction(depth);
            if (!right) return right;
            lead(left->if_false, right->first);
            append(left->if_true, right->if_true);
            left->if_false = std::move(right->if_false);
        }
        return left;
    }

    Result<Part> conjunction(std::size_t depth) {
        auto left = negation(depth);
        while (left && take_if("and")) {
            auto right = negation(depth);
            if (!right) return right;
            lead(left->if_true, right->first);
            append(left->if_false, right->if_false);
            left->if_true = std::move(right->if_true);
        }
        return left;
    }

    Result<Part> negation(std::size_t depth) {
        if (!now().is("not")) return operand(depth);
        if (depth == deepest) return too_deep();
        ++at_;
        auto part = negation(depth + 1);
        if (part) std::swap(part->if_true, part->if_false);
        return part;
    }

    Result<Part> operand(std::size_t depth) {
        if (now().kind != Token::Kind::open) return term();
        if (depth == deepest) return too_deep();
        ++at_;
        auto part = disjunction(depth + 1);
        if (!part) return part;
        if (now().kind != Token::Kind::close) return expected("and, or or )");
        ++at_;
        return part;
    }

    std::unexpected<Error> too_deep() const {
        return fail_at(query_, now().at,
                       fmt::format("a term was expected in place of {}: {} parentheses and not are the most "
                                   "that may stand inside one another",
                                   now().source, deepest));
    }

    Result<Part> term() {
        if (!now().is_name() || now().text.empty()) return expected("a property, not or (");
        if (steps_.size() == most_terms) {
            return expected(fmt::format("the end after {} terms", most_terms));
        }
        auto const& property = take();
        auto const comparison = take_comparison();
        if (!comparison) return std::unexpected(comparison.error());
        if (!now().is_name()) return expected("a value");
        auto const at = static_cast<std::uint16_t>(steps_.size());
        steps_.push_back({QueryTerm(property.text, *comparison, take().text)});
        return Part{at, {{at, &Step::if_true}}, {{at, &Step::if_false}}};
    }

    Result<Comparison> take_comparison() {
        if (now().kind == Token::Kind::comparison) {
            auto const* const known =
                std::ranges::find(comparisons, take().source, &decltype(comparisons)::value_type::first);
            return known->second;
        }
        bool const negated = take_if("not");
        if (take_if("like")) return negated ? Comparison::unlike : Comparison::like;
        return expected(negated ? "like" : "an operator (=, !=, <, <=, >, >=, like or not like)");
    }

    std::string_view query_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::vector<Step> steps_;
};

Result<CollectionQuery> CollectionQuery::parse(std::string_view text) {
    if (auto checked = check_characters(text); !checked) return std::unexpected(std::move(checked.error()));
    if (text.size() > longest) {
        return fail_at(text, longest, fmt::format("the end after {} bytes was expected", longest));
    }
    auto tokens = Lexer(text).tokens();
    if (!tokens) return std::unexpected(std::move(tokens.error()));
    auto steps = Parser(text, std::move(*tokens)).parse();
    if (!steps) return std::unexpected(std::move(steps.error()));
    CollectionQuery query;
    query.steps_ = std::move(*steps);
    return query;
}

bool CollectionQuery::matches(db::Client const& client) const {
    std::uint16_t at = 0;
    while (at < steps_.size()) {
        auto const& step = steps_[at];
        at = step.term.matches(client) ? step.if_true : step.if_false;
    }
    return at == accepted;
}

} // namespace pointman::endpoints::policy
