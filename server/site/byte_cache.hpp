// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace pointman::site {

/// Bytes by name, as many as fit; those go first that were not asked for longest. Thread safe.
class ByteCache {
public:
    using Entry = std::shared_ptr<Bytes const>;

    explicit ByteCache(std::size_t max_bytes)
        : max_bytes_(max_bytes) {}

    /// Null where it has none of that name.
    Entry find(std::string_view name);
    /// Returns what is kept under that name: `bytes`, or what another thread kept meanwhile. What is larger
    /// than a quarter of the cache is given back without being kept.
    Entry keep(std::string_view name, Bytes bytes);

    std::size_t bytes() const; ///< kept now

private:
    struct Kept {
        std::string name;
        Entry entry;
    };
    using Order = std::list<Kept>;

    // A mutex, held for one look into the table.
    mutable std::mutex mutex_;
    Order order_;                                                   ///< the latest used first
    std::unordered_map<std::string_view, Order::iterator> by_name_; ///< names lie in order_
    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
};

} // namespace pointman::site
