// SPDX-License-Identifier: Apache-2.0
#include "server/site/byte_cache.hpp"

namespace pointman::site {

ByteCache::Entry ByteCache::find(std::string_view name) {
    std::scoped_lock const lock(mutex_);
    auto const found = by_name_.find(name);
    if (found == by_name_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->entry;
}

ByteCache::Entry ByteCache::keep(std::string_view name, Bytes bytes) {
    auto entry = std::make_shared<Bytes const>(std::move(bytes));
    constexpr std::size_t share = 4;
    if (entry->size() > max_bytes_ / share) return entry;
    std::scoped_lock const lock(mutex_);
    if (auto const found = by_name_.find(name); found != by_name_.end()) return found->second->entry;
    order_.push_front({std::string(name), entry});
    by_name_.emplace(order_.front().name, order_.begin());
    bytes_ += entry->size();
    while (bytes_ > max_bytes_) {
        auto const& oldest = order_.back();
        bytes_ -= oldest.entry->size();
        by_name_.erase(oldest.name);
        order_.pop_back();
    }
    return entry;
}

std::size_t ByteCache::bytes() const {
    std::scoped_lock const lock(mutex_);
    return bytes_;
}

} // namespace pointman::site
