// SPDX-License-Identifier: Apache-2.0
// What simulated clients send.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pointman::client::load {

enum class Kind : std::uint8_t {
    registration,
    policy,
    policy_body, ///< fetched because an assignment named it: no scenario asks for it
    location,
    ddr,
    hinv_full,
    hinv_delta, ///< a full report where the site has none yet, or asked for one
    sinv,
    state,
    status,
    metering,
};
inline constexpr std::size_t kinds = 11;

/// In the order of Kind: how scenarios, tables and CSV call them.
inline constexpr std::array<std::string_view, kinds> kind_names{
    "registration", "policy", "policy_body", "location", "ddr",     "hinv_full",
    "hinv_delta",   "sinv",   "state",       "status",   "metering"};

/// A value for each kind.
template <class T>
struct ByKind : std::array<T, kinds> {
    T& operator[](Kind kind) { return this->data()[static_cast<std::size_t>(kind)]; }
    T const& operator[](Kind kind) const { return this->data()[static_cast<std::size_t>(kind)]; }
};

constexpr std::string_view name_of(Kind kind) {
    return kind_names.at(static_cast<std::size_t>(kind));
}

/// Of a name that a scenario may use.
constexpr std::optional<Kind> kind_named(std::string_view name) {
    for (std::size_t i = 0; i < kinds; ++i)
        if (kind_names.at(i) == name && static_cast<Kind>(i) != Kind::policy_body)
            return static_cast<Kind>(i);
    return std::nullopt;
}

/// Whether the sender waits for a message in return, so that an empty answer is a refusal (wire.md 7.4).
constexpr bool has_reply(Kind kind) {
    return kind == Kind::registration || kind == Kind::policy || kind == Kind::policy_body ||
           kind == Kind::location;
}

} // namespace pointman::client::load
