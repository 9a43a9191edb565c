// SPDX-License-Identifier: Apache-2.0
// Chance that a seed repeats: the same for the same three numbers, whoever asks and in whatever order.
#pragma once

#include <cmath>
#include <cstdint>

namespace pointman::client::load {

/// SplitMix64: spreads a counter over all 64 bits.
constexpr std::uint64_t spread(std::uint64_t value) {
    value += 0x9E3779B97F4A7C15U;
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31U);
}

constexpr std::uint64_t bits(std::uint64_t seed, std::uint64_t number, std::uint64_t purpose) {
    return spread(spread(spread(seed) ^ number) ^ purpose);
}

/// From 0 up to 1.
inline double draw(std::uint64_t seed, std::uint64_t number, std::uint64_t purpose) {
    constexpr int mantissa = 53;
    return std::ldexp(static_cast<double>(bits(seed, number, purpose) >> (64U - mantissa)), -mantissa);
}

} // namespace pointman::client::load
