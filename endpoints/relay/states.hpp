// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "db/states.hpp"
#include "schemas/document.hpp"

#include <vector>

namespace pointman::endpoints::relay {

inline constexpr std::size_t most_states = 50'000; ///< of a report
inline constexpr std::size_t most_parameters = 5;  ///< of a message

struct ReportedStates {
    std::vector<db::StateMessage> usable;
    std::vector<Error> unusable; ///< unusable_instance, with their places
};

/// The `StateMessage`s of a `ReportBody`. One is unusable, and no other with it, where it has no Topic or
/// State, a number that is none, a SerialNumber that is not from 1 to 2^63-1, a MessageTime that is no CIM
/// time, more than five Param or another number of them than Count (relay.md 7). Fails with limit_exceeded
/// for too many.
Result<ReportedStates> read_states(schemas::Element const& body);

} // namespace pointman::endpoints::relay
