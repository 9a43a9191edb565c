// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

/// Names of what lies in an agent's directory beside identity, queue and settings.
namespace pointman::client::agent::kept {

inline constexpr std::string_view policy = "policy.json";
inline constexpr std::string_view done = "done.json";     ///< what was done when, and which requests were met
inline constexpr std::string_view states = "states.json"; ///< the current states
inline constexpr std::string_view hardware = "hardware.json"; ///< as it was reported last, and its version
inline constexpr std::string_view software = "software.json";
inline constexpr std::string_view files = "files.json";
inline constexpr std::string_view metering = "metering.json"; ///< runs of programs that are to be reported
inline constexpr std::string_view points = "points.json";     ///< other management points of the site

/// All that is about one SMSID.
inline constexpr std::array of_one_client{policy, done, states, hardware, software, files};

} // namespace pointman::client::agent::kept
