// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pointman::endpoints::inventory {

/// A kind of report whose versions are in sequence, each kind for itself.
struct Kind {
    std::string_view action; ///< last four digits of its action's id, as the database has it
    std::string_view resync; ///< the parameter of the template that asks for it in full
    std::string_view task;   ///< as its log calls it
};

inline constexpr Kind hardware{"0001", "hardware", "Hinv"};
inline constexpr Kind software{"0002", "software", "Sinv"};
inline constexpr Kind collected_files{"0010", "files", "SinvCollFile"};
/// Their requests alone: state messages have no versions, and no page tells an action id of theirs.
inline constexpr Kind states{"0111", "state", "Relay"};

} // namespace pointman::endpoints::inventory
