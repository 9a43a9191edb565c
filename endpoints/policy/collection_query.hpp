// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/policy/query_term.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pointman::endpoints::policy {

/// The query of a collection, parsed once and asked of many clients.
///
/// A term is `property op value`. Terms are joined by `and`, `or` and `not`, where `not` binds closest and
/// `or` least, and by parentheses.
/// - Properties are the keys of `client show` (but `conflicts`), `agent_identity`, `hardware_id`, and what
/// the
///   client sent as discovery properties when it registered.
/// - Operators are `=`, `!=` or `<>`, `<`, `<=`, `>`, `>=`, and `like` and `not like`, for which `%` in the
///   value stands for any text and `_` for one character.
/// - Names and values with blanks, and those that are a keyword, stand between ' or ", which are doubled
/// inside.
/// - Whole numbers are compared as numbers, versions part by part, ISO 8601 times (UTC where they do not say)
/// as
///   times, SMSIDs in any spelling, if both sides are such; everything else as text. No case is minded
///   anywhere.
/// - A term about a property that a client does not have is false, with `!=` and `not like` too; `not` before
/// a
///   term turns that around like everything else.
class CollectionQuery {
public:
    static constexpr std::size_t longest = 4096; ///< bytes
    static constexpr std::size_t most_terms = 256;
    static constexpr std::size_t deepest = 32; ///< parentheses and `not` inside one another

    /// Fails with usage, the column (in characters, from 1) and what was expected there. Control characters
    /// and what is not UTF-8 are refused.
    static Result<CollectionQuery> parse(std::string_view text);

    /// Allocates nothing, but as QueryTerm says.
    bool matches(db::Client const& client) const;

private:
    class Parser;

    // A term and where to go on: another step, or one of these.
    static constexpr std::uint16_t accepted = 0xFFFF;
    static constexpr std::uint16_t rejected = 0xFFFE;
    struct Step {
        QueryTerm term;
        std::uint16_t if_true = accepted;
        std::uint16_t if_false = rejected;
    };

    CollectionQuery() = default;
    std::vector<Step> steps_;
};

} // namespace pointman::endpoints::policy
