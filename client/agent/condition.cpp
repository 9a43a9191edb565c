// SPDX-License-Identifier: Apache-2.0
#include "client/agent/condition.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "client/inventory/machine.hpp"

#include <algorithm>
#include <compare>
#include <span>

namespace pointman::client::agent {

namespace {

using inventory::Instance;
using inventory::Snapshot;

/// What is not known stays so, unless the other part decides alone.
using Truth = std::optional<bool>;

Truth negated(Truth truth) {
    return truth ? Truth(!*truth) : truth;
}
Truth both(Truth a, Truth b) {
    if (a == false || b == false) return false;
    return a && b ? Truth(true) : std::nullopt;
}
Truth either(Truth a, Truth b) {
    return negated(both(negated(a), negated(b)));
}

// ---- Values ----

/// The parts of a number or a version, without zeros at the end: 5.0 is 5. Nothing for another text.
std::optional<std::vector<std::uint64_t>> parts_of(std::string_view text) {
    std::vector<std::uint64_t> parts;
    for (bool more = true; more;) {
        auto const dot = text.find('.');
        auto const part = number_in<std::uint64_t>(text.substr(0, dot));
        if (!part) return std::nullopt;
        parts.push_back(*part);
        more = dot != std::string_view::npos;
        if (more) text.remove_prefix(dot + 1);
    }
    while (!parts.empty() && parts.back() == 0) parts.pop_back();
    return parts;
}

std::strong_ordering compare(std::string_view left, std::string_view right) {
    auto const a = parts_of(left);
    auto const b = parts_of(right);
    return a && b ? *a <=> *b : to_lower(left) <=> to_lower(right);
}

/// `%` any text, `_` any character. Nothing for sets of characters, which are not known here.
Truth is_like(std::string_view text, std::string_view pattern) {
    if (pattern.find('[') != std::string_view::npos) return std::nullopt;
    std::size_t at = 0;
    std::size_t in = 0;
    auto after_any = std::string_view::npos; // of the pattern, behind the last `%`
    std::size_t any_ends = 0;                // in the text, what that has taken so far
    while (at < text.size()) {
        if (in < pattern.size() && pattern[in] == '%') {
            after_any = ++in;
            any_ends = at;
        } else if (in < pattern.size() && (pattern[in] == '_' || pattern[in] == text[at])) {
            ++in;
            ++at;
        } else if (after_any != std::string_view::npos) {
            in = after_any;
            at = ++any_ends;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('%', in) == std::string_view::npos;
}

Truth compare(std::string_view left, std::string_view op, std::string_view right) {
    if (equal_ignoring_case(op, "LIKE")) return is_like(to_lower(left), to_lower(right));
    auto const order = compare(left, right);
    if (op == "<") return order < 0;
    if (op == "<=") return order <= 0;
    if (op == ">") return order > 0;
    if (op == ">=") return order >= 0;
    if (op == "=") return order == 0;
    if (op == "<>" || op == "!=") return order != 0;
    return std::nullopt;
}

// ---- Queries ----

struct Token {
    enum class Kind : std::uint8_t { word, text, sign } kind;
    std::string content;
    bool is(std::string_view what) const { return kind != Kind::text && equal_ignoring_case(content, what); }
};
using Tokens = std::vector<Token>;

/// A text in quotes, its backslashes undone; `query` is what is behind it. Nothing where it does not end.
std::optional<Token> take_text(std::string_view& query) {
    Token token{Token::Kind::text, {}};
    auto const quote = query.front();
    for (std::size_t at = 1; at < query.size(); ++at) {
        if (query[at] == quote) {
            query.remove_prefix(at + 1);
            return token;
        }
        if (query[at] == '\\' && at + 1 < query.size()) ++at;
        token.content.push_back(query[at]);
    }
    return std::nullopt;
}

Token take_run(std::string_view& query, Token::Kind kind, std::size_t length) {
    Token token{kind, std::string(query.substr(0, length))};
    query.remove_prefix(token.content.size());
    return token;
}

std::optional<Tokens> tokens_of(std::string_view query) {
    constexpr std::string_view operators = "<>=!";
    constexpr std::string_view ends_word = "<>=!(),*'\" \t\r\n";
    Tokens tokens;
    while (!(query = trim(query)).empty()) {
        auto const first = query.front();
        if (first == '"' || first == '\'') {
            auto text = take_text(query);
            if (!text) return std::nullopt;
            tokens.push_back(std::move(*text));
        } else if (operators.find(first) != std::string_view::npos) {
            tokens.push_back(take_run(query, Token::Kind::sign, query.find_first_not_of(operators)));
        } else if (ends_word.find(first) != std::string_view::npos) {
            tokens.push_back(take_run(query, Token::Kind::sign, 1));
        } else {
            tokens.push_back(take_run(query, Token::Kind::word, query.find_first_of(ends_word)));
        }
    }
    return tokens;
}

/// Nothing: it has no such property, or none that is known.
std::optional<std::string_view> value_in(Instance const& instance, std::string_view name) {
    auto const found = std::ranges::find_if(instance.properties, [name](inventory::Property const& property) {
        return equal_ignoring_case(property.name, name);
    });
    if (found == instance.properties.end() || found->values.empty()) return std::nullopt;
    return found->values.front();
}

/// Judges what stands behind WHERE for one instance. What it cannot read makes the whole unknown.
class Where {
public:
    Where(std::span<Token const> tokens, Instance const& instance)
        : rest_(tokens)
        , instance_(instance) {}

    Truth judge() {
        auto const truth = alternatives(0);
        return is_read_ && rest_.empty() ? truth : std::nullopt;
    }

private:
    static constexpr unsigned deepest = 32; ///< brackets and NOTs

    Truth alternatives(unsigned depth) {
        auto truth = conjunction(depth);
        while (take("OR")) truth = either(truth, conjunction(depth));
        return truth;
    }
    Truth conjunction(unsigned depth) {
        auto truth = negation(depth);
        while (take("AND")) truth = both(truth, negation(depth));
        return truth;
    }
    Truth negation(unsigned depth) {
        if (depth > deepest) return unreadable();
        if (take("NOT")) return negated(negation(depth + 1));
        if (!take("(")) return comparison();
        auto const truth = alternatives(depth + 1);
        return take(")") ? truth : unreadable();
    }
    Truth comparison() {
        using enum Token::Kind;
        if (rest_.size() < 3 || rest_[0].kind != word || rest_[2].kind == sign) return unreadable();
        auto const value = value_in(instance_, rest_[0].content);
        auto const truth = compare(value.value_or(""), rest_[1].content, rest_[2].content);
        rest_ = rest_.subspan(3);
        if (!truth) return unreadable(); // the operator is unknown, whatever the value
        return value ? truth : std::nullopt;
    }

    bool take(std::string_view what) {
        if (rest_.empty() || !rest_.front().is(what)) return false;
        rest_ = rest_.subspan(1);
        return true;
    }
    Truth unreadable() {
        is_read_ = false;
        rest_ = {};
        return std::nullopt;
    }

    std::span<Token const> rest_;
    Instance const& instance_;
    bool is_read_ = true;
};

/// One instance that fits is enough. A class without any may have some that are not known here.
Truth judge(std::string_view class_name, std::span<Token const> where, Snapshot const& facts) {
    bool is_known = false;
    Truth truth = false;
    for (auto const& entry : facts.entries()) {
        if (!equal_ignoring_case(entry.instance.class_name, class_name)) continue;
        is_known = true;
        truth = either(truth, where.empty() ? Truth(true) : Where(where, entry.instance).judge());
    }
    return is_known ? truth : std::nullopt;
}

// ---- Texts ----

std::string_view word_of(PolicyCondition::Kind kind) {
    return kind == PolicyCondition::Kind::any ? " OR " : " AND ";
}

} // namespace

Snapshot facts_of(std::string_view agent_version, inventory::Root const& root) {
    auto const running = root.is_running_system() ? inventory::running_system() : inventory::Running{};
    auto instances = inventory::system_instances(root, running);
    for (auto& more : {inventory::firmware_instances(root), inventory::processor_instances(root)})
        instances.insert(instances.end(), more.begin(), more.end());
    instances.push_back(Instance("SMS_Client", inventory::ccm).set("ClientVersion", agent_version));
    return Snapshot(std::move(instances));
}

Snapshot facts_of(std::string_view agent_version) {
    return Snapshot({Instance("SMS_Client", inventory::ccm).set("ClientVersion", agent_version)});
}

std::optional<bool> query_holds(std::string_view wql, Snapshot const& facts) {
    constexpr std::size_t longest = 16'384; // what a site's own conditions may have, four times
    auto query = trim(wql);
    if (query.size() > longest) return std::nullopt;
    // A first line may name the namespace; nobody has a class of one name in two of them.
    if (query.starts_with('@')) query.remove_prefix(std::min(query.find('\n'), query.size()));
    auto const tokens = tokens_of(query);
    if (!tokens) return std::nullopt;
    if (tokens->empty()) return true;
    constexpr std::size_t head = 4; // SELECT * FROM CLASS
    if (tokens->size() < head || !tokens->at(0).is("SELECT") || !tokens->at(1).is("*") ||
        !tokens->at(2).is("FROM") || tokens->at(3).kind != Token::Kind::word)
        return std::nullopt;
    std::span const rest(tokens->begin() + head, tokens->end());
    if (!rest.empty() && (rest.size() == 1 || !rest.front().is("WHERE"))) return std::nullopt;
    return judge(tokens->at(3).content, rest.empty() ? rest : rest.subspan(1), facts);
}

std::optional<bool> holds(PolicyCondition const& condition, Snapshot const& facts) {
    using enum PolicyCondition::Kind;
    switch (condition.kind) {
    case query:
        return query_holds(condition.text, facts);
    case all: {
        Truth truth = true;
        for (auto const& part : condition.parts) truth = both(truth, holds(part, facts));
        return truth;
    }
    case any: {
        Truth truth = false;
        for (auto const& part : condition.parts) truth = either(truth, holds(part, facts));
        return truth;
    }
    case none:
        return negated(holds({.kind = any, .text = {}, .parts = condition.parts}, facts));
    case unknown:
        break;
    }
    return std::nullopt;
}

std::string text_of(PolicyCondition const& condition) {
    using enum PolicyCondition::Kind;
    if (condition.kind == query || condition.kind == unknown) return condition.text;
    std::string text;
    for (auto const& part : condition.parts) {
        if (!text.empty()) text += condition.kind == none ? word_of(any) : word_of(condition.kind);
        bool const is_single = part.parts.size() < 2 && part.kind != none;
        text += is_single ? text_of(part) : "(" + text_of(part) + ")";
    }
    return condition.kind == none ? "NOT (" + text + ")" : text;
}

} // namespace pointman::client::agent
