// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace pointman::service {

/// Failed authentications of each address, so that nobody can guess passwords or keep the daemon busy with
/// signatures. An address may fail `per_minute` times at once and gets a failure back every 60 / `per_minute`
/// seconds; one that has none left is not listened to until then. IPv6 counts by /64, which is what one
/// customer has. Thread safe; what is remembered is bounded.
class FailureLimit {
public:
    /// `per_minute` 0: no limit, failures are counted only.
    FailureLimit(unsigned per_minute, Clock const& clock)
        : per_minute_(per_minute)
        , clock_(clock) {}

    void failed(std::string_view address);

    /// How long the address is not listened to, where it is not.
    std::optional<std::chrono::seconds> blocked_for(std::string_view address);

    std::uint64_t failures() const { return failures_; } ///< since the start
    std::uint64_t turned_away() const { return turned_away_; }

    /// Addresses that are remembered at most. Past it all are forgotten.
    static constexpr std::size_t most_addresses = 10'000;

private:
    struct Account {
        double failures = 0; ///< not yet given back
        TimePoint as_of;
    };
    using Accounts = std::unordered_map<std::string, Account>;

    Account as_of(TimePoint now, Account account) const;
    void make_room(TimePoint now);

    unsigned per_minute_;
    Clock const& clock_;
    std::atomic<std::uint64_t> failures_{0};
    std::atomic<std::uint64_t> turned_away_{0};
    std::atomic<std::size_t> remembered_{0}; ///< so that the usual case, nobody failed, needs no lock
    // A mutex, since every connection asks and each holds it for one look into the table.
    std::mutex mutex_;
    Accounts accounts_;
};

} // namespace pointman::service
