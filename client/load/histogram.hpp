// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace pointman::client::load {

/// Counts durations, and tells any percentile to three significant digits: the buckets of a high dynamic
/// range histogram, linear up to 2 ms and within each power of two above. About 190 KB, whatever is recorded.
class Histogram {
public:
    using Duration = std::chrono::microseconds;
    static constexpr Duration longest = std::chrono::hours{1}; ///< what is longer counts as this

    Histogram();

    void record(Duration duration);
    void add(Histogram const& other);
    void clear();

    std::uint64_t count() const { return count_; }
    /// The duration within which `percent` of all lie: the smallest bucket's upper end that holds as many. No
    /// more than `max()`; zero where nothing was recorded. `percent` from 0 to 100.
    Duration percentile(double percent) const;
    Duration max() const { return max_; }

private:
    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    Duration max_{};
};

} // namespace pointman::client::load
