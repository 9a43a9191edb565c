// SPDX-License-Identifier: Apache-2.0
#include "server/http/gate.hpp"

#include "base/network.hpp"

#include <algorithm>

namespace pointman::http {
namespace {

bool over(std::size_t used, std::size_t limit) {
    return limit != 0 && used >= limit;
}

} // namespace

std::expected<Gate::Slot, Gate::Full> Gate::enter(std::string_view address) {
    auto key = counted_address(address);
    std::scoped_lock const lock(mutex_);
    if (closed_) return std::unexpected(Full::closed);
    if (over(places_.size(), limits_.max_connections)) return std::unexpected(Full::connections);
    auto const known = by_address_.find(key);
    if (over(known == by_address_.end() ? 0 : known->second, limits_.max_connections_per_address))
        return std::unexpected(Full::address);
    ++by_address_[key];
    places_.push_back({std::move(key), {}});
    counters_.open = places_.size();
    return Slot(this, std::prev(places_.end()));
}

void Gate::Slot::attach(std::weak_ptr<Control> connection) {
    std::scoped_lock const lock(gate_->mutex_);
    place_->connection = std::move(connection);
}

void Gate::leave(std::list<Slot::Place>::iterator place) {
    std::vector<std::function<void()>> calls;
    {
        std::scoped_lock const lock(mutex_);
        auto const known = by_address_.find(place->address);
        if (--known->second == 0) by_address_.erase(known);
        places_.erase(place);
        counters_.open = places_.size();
        if (closed_ && places_.empty()) calls.swap(when_empty_);
    }
    for (auto const& call : calls) call();
}

std::vector<std::shared_ptr<Control>> Gate::close() {
    {
        std::scoped_lock const lock(mutex_);
        closed_ = true;
    }
    return connected();
}

std::vector<std::shared_ptr<Control>> Gate::connected() const {
    std::scoped_lock const lock(mutex_);
    std::vector<std::shared_ptr<Control>> all;
    all.reserve(places_.size());
    for (auto const& place : places_) {
        if (auto connection = place.connection.lock()) all.push_back(std::move(connection));
    }
    return all;
}

bool Gate::empty() const {
    std::scoped_lock const lock(mutex_);
    return places_.empty();
}

void Gate::when_empty(std::function<void()> call) {
    {
        std::scoped_lock const lock(mutex_);
        if (!places_.empty()) {
            when_empty_.push_back(std::move(call));
            return;
        }
    }
    call();
}

bool Gate::Token::grow(std::uint64_t bytes) {
    auto& used = gate_.counters_.in_flight;
    auto const limit = gate_.limits_.max_in_flight;
    auto now = used.load();
    do {
        if (now > limit || bytes > limit - now) return false;
    } while (!used.compare_exchange_weak(now, now + bytes));
    bytes_ += bytes;
    return true;
}

void Gate::Token::release() {
    gate_.counters_.in_flight -= std::exchange(bytes_, 0);
}

} // namespace pointman::http
