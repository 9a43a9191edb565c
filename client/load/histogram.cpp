// SPDX-License-Identifier: Apache-2.0
#include "client/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace pointman::client::load {

namespace {

// Eleven bits of a value are kept: the error is less than one in 1,024.
constexpr unsigned kept_bits = 11;
constexpr std::uint64_t linear = std::uint64_t{1} << kept_bits; ///< values below have a bucket each
constexpr std::uint64_t half = linear / 2;                      ///< buckets for each power of two above

constexpr std::size_t bucket_of(std::uint64_t value) {
    if (value < linear) return value;
    auto const dropped = static_cast<unsigned>(std::bit_width(value)) - kept_bits;
    return linear + (dropped - 1) * half + ((value >> dropped) - half);
}

/// The greatest value that falls into the bucket.
constexpr std::uint64_t top_of(std::size_t bucket) {
    if (bucket < linear) return bucket;
    auto const dropped = (bucket - linear) / half + 1;
    auto const kept = (bucket - linear) % half + half;
    return ((kept + 1) << dropped) - 1;
}

constexpr std::size_t buckets = bucket_of(static_cast<std::uint64_t>(Histogram::longest.count())) + 1;

} // namespace

Histogram::Histogram()
    : counts_(buckets) {}

void Histogram::record(Duration duration) {
    auto const taken = std::clamp(duration, Duration{0}, longest);
    ++counts_[bucket_of(static_cast<std::uint64_t>(taken.count()))];
    ++count_;
    max_ = std::max(max_, taken);
}

void Histogram::add(Histogram const& other) {
    for (std::size_t i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
}

void Histogram::clear() {
    if (count_ != 0) std::ranges::fill(counts_, 0);
    count_ = 0;
    max_ = {};
}

Histogram::Duration Histogram::percentile(double percent) const {
    auto const share = std::clamp(percent, 0.0, 100.0) / 100.0;
    auto const wanted = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        seen += counts_[bucket];
        if (seen >= wanted) return std::min(max_, Duration(top_of(bucket)));
    }
    return max_;
}

} // namespace pointman::client::load
