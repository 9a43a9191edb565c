// SPDX-License-Identifier: Apache-2.0
#include "server/service/failure_limit.hpp"

#include "base/network.hpp"

#include <algorithm>
#include <cmath>

namespace pointman::service {

/// What is left of the failures by now.
FailureLimit::Account FailureLimit::as_of(TimePoint now, Account account) const {
    // A clock that was set back gives nothing back, and takes nothing.
    auto const minutes = std::chrono::duration<double, std::ratio<60>>(now - account.as_of).count();
    return {std::max(0.0, account.failures - std::max(0.0, minutes) * per_minute_), now};
}

void FailureLimit::make_room(TimePoint now) {
    if (accounts_.size() < most_addresses) return;
    std::erase_if(accounts_, [&](auto const& entry) { return as_of(now, entry.second).failures == 0; });
    // Whoever fails from so many networks is not held up by this, and must not cost a sweep for each failure.
    if (accounts_.size() > most_addresses / 2) accounts_.clear();
}

void FailureLimit::failed(std::string_view address) {
    ++failures_;
    if (per_minute_ == 0) return;
    auto const now = clock_.now();
    auto name = counted_address(address);
    std::scoped_lock const lock(mutex_);
    auto found = accounts_.find(name);
    if (found == accounts_.end()) {
        make_room(now);
        found = accounts_.emplace(std::move(name), Account{0, now}).first;
        remembered_ = accounts_.size();
    }
    auto& account = found->second;
    account = as_of(now, account);
    account.failures = std::min(account.failures + 1, static_cast<double>(per_minute_));
}

std::optional<std::chrono::seconds> FailureLimit::blocked_for(std::string_view address) {
    if (remembered_ == 0) return std::nullopt;
    auto const now = clock_.now();
    std::scoped_lock const lock(mutex_);
    auto const found = accounts_.find(counted_address(address));
    if (found == accounts_.end()) return std::nullopt;
    found->second = as_of(now, found->second);
    auto const over = found->second.failures - (per_minute_ - 1.0);
    if (over <= 0) {
        if (found->second.failures == 0) {
            accounts_.erase(found);
            remembered_ = accounts_.size();
        }
        return std::nullopt;
    }
    ++turned_away_;
    auto const wait = std::ceil(over * 60.0 / per_minute_);
    return std::chrono::seconds{std::max(std::int64_t{1}, static_cast<std::int64_t>(wait))};
}

} // namespace pointman::service
