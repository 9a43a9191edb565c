// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "db/clients.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pointman::endpoints::policy {

/// What a term of a collection's query asks of a property.
enum class Comparison : std::uint8_t { equal, unequal, less, at_most, greater, at_least, like, unlike };

struct ClientProperty;

/// `property op value`, prepared for being asked of many clients.
class QueryTerm {
public:
    QueryTerm(std::string_view property, Comparison comparison, std::string value);

    /// False for a client that has no such property, whatever is asked of it. Where a client sent a property
    /// several times, one value that fits is enough. Allocates nothing, unless one of the client's times is
    /// compared with what is no time.
    bool matches(db::Client const& client) const;

private:
    bool fits(std::string_view text) const;
    bool holds(std::strong_ordering order) const;
    std::strong_ordering compare(std::string_view text) const;

    ClientProperty const* known_; ///< null: a discovery property
    std::string property_;
    Comparison comparison_;
    std::string value_;
    // What else the value can be read as.
    bool is_number_ = false; ///< a whole number or a version
    std::optional<TimePoint> time_ = {};
    std::optional<ClientId> client_id_ = {};
};

} // namespace pointman::endpoints::policy
