// SPDX-License-Identifier: Apache-2.0
#include "client/messaging/courier.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::client {

bool is_final(Error const& error) {
    switch (error.code) {
    case Code::access_denied:
        return error.http_status != 0; // a socket that may not be opened may yet be
    case Code::invalid_argument:
    case Code::invalid_schema:
        return true;
    case Code::refused:
        return error.http_status >= 400 && error.http_status < 500;
    default:
        return false;
    }
}

Result<Delivery> Courier::pass(bool all, bool wait) {
    auto const lock = queue_.lock_deliveries(wait);
    if (!lock) return std::unexpected(lock.error());
    if (*lock == nullptr) return Delivery{};
    auto const names = queue_.names();
    if (!names) return std::unexpected(names.error());
    stopped_.clear();
    Delivery delivery;
    for (auto const& name : *names) {
        auto const fate = handle(name, all, delivery);
        if (!fate) return std::unexpected(fate.error());
        if (*fate == Fate::stays) ++delivery.waiting;
    }
    forget_lines_without_messages();
    return delivery;
}

/// Every line in which a message waits has been stopped in this pass.
void Courier::forget_lines_without_messages() {
    std::scoped_lock const lock(guard_);
    std::erase_if(lines_, [this](auto const& item) {
        return std::ranges::find(stopped_, item.first) == stopped_.end();
    });
}

Result<Courier::Fate> Courier::handle(std::string const& name, bool all, Delivery& delivery) {
    auto const entry = queue_.entry(name);
    if (!entry)
        return entry.error().code == Code::not_found ? Fate::gone : set_aside(name, entry.error(), delivery);
    if (entry->expires && *entry->expires <= now_()) {
        if (auto const removed = queue_.remove(name); !removed) return std::unexpected(removed.error());
        ++delivery.expired;
        return Fate::gone;
    }
    LineName const line{entry->host, entry->endpoint};
    if (std::ranges::find(stopped_, line) != stopped_.end()) return Fate::stays;
    if (all || is_due(line)) return attempt(name, line, delivery);
    stopped_.push_back(line);
    return Fate::stays;
}

Result<Courier::Fate> Courier::attempt(std::string const& name, LineName const& line, Delivery& delivery) {
    auto const outgoing = queue_.outgoing(name);
    if (!outgoing)
        return outgoing.error().code == Code::storage ? set_aside(name, outgoing.error(), delivery)
                                                      : Fate::stays;
    auto const done = deliver_(*outgoing);
    if (!done && !is_final(done.error())) {
        failed(line, done.error());
        delivery.last_failure = done.error();
        return Fate::stays;
    }
    {
        std::scoped_lock const lock(guard_);
        lines_.erase(line); // the server is there again
    }
    if (!done) return set_aside(name, done.error(), delivery);
    if (auto const removed = queue_.remove(name); !removed) return std::unexpected(removed.error());
    ++delivery.delivered;
    return Fate::gone;
}

Result<Courier::Fate> Courier::set_aside(std::string const& name, Error const& reason,
                                         Delivery& delivery) const {
    auto const moved = queue_.set_aside(name, fmt::format("{}: {}\n", name_of(reason.code), reason.message));
    if (!moved) return std::unexpected(moved.error());
    ++delivery.refused;
    return Fate::gone;
}

void Courier::failed(LineName const& line, Error const& error) {
    std::scoped_lock const lock(guard_);
    auto& state = lines_[line];
    std::chrono::seconds pause{};
    if (!retry_after_.empty()) pause = retry_after_[std::min(state.failures, retry_after_.size() - 1)];
    ++state.failures;
    state.not_before = now_() + std::max(pause, error.retry_after);
    stopped_.push_back(line);
}

bool Courier::is_due(LineName const& line) const {
    std::scoped_lock const lock(guard_);
    auto const found = lines_.find(line);
    return found == lines_.end() || found->second.not_before <= now_();
}

std::optional<Time> Courier::next_retry() const {
    std::scoped_lock const lock(guard_);
    std::optional<Time> first;
    for (auto const& [name, line] : lines_)
        if (!first || line.not_before < *first) first = line.not_before;
    return first;
}

} // namespace pointman::client
