// SPDX-License-Identifier: Apache-2.0
// When messages are due in an open phase: by the clock alone, whatever the server does.
#pragma once

#include "client/load/chance.hpp"
#include "client/load/kind.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace pointman::client::load {

using Offset = std::chrono::nanoseconds; ///< since the phase began

/// Each of 0 .. size-1 once, in an order that follows from the seed, and then all over again: without a
/// table.
class Permutation {
public:
    Permutation(std::uint64_t seed, std::uint64_t size);
    std::uint64_t at(std::uint64_t number) const;

private:
    std::uint64_t size_;
    std::uint64_t step_;
    std::uint64_t first_;
};

/// When the arrivals of a rate are due that rises evenly from zero over `ramp` and stays then.
class RisingRate {
public:
    RisingRate(double per_second, Offset ramp);
    /// When so many arrivals (a fraction counts too) have come.
    Offset when(double arrivals) const;

private:
    double rate_;
    double ramp_; ///< seconds
};

struct Arrival {
    Offset due{};
    Kind kind = Kind::policy;
    std::uint64_t client = 0;
    bool operator==(Arrival const&) const = default;
};

/// The arrivals of a phase in the order of their time. Each kind comes at its own rate and goes through all
/// clients before any has it again: what clients do that each have a timer of the same period, started at
/// different times. Within its turn an arrival is early or late by chance, so that they do not come in step.
class Schedule {
public:
    Schedule(std::uint64_t seed, std::uint64_t clients, ByKind<double> const& per_second, Offset ramp,
             Offset duration);
    /// Nothing after `duration`.
    std::optional<Arrival> next();

private:
    struct Stream {
        Kind kind;
        RisingRate rate;
        Permutation clients;
        std::uint64_t number = 0; ///< of the next one
        Offset due{};
    };
    Offset due(Stream const& stream) const;

    std::uint64_t seed_;
    Offset duration_;
    std::vector<Stream> streams_;
};

} // namespace pointman::client::load
