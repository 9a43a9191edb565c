// SPDX-License-Identifier: Apache-2.0
#include "client/load/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pointman::client::load {

namespace {

std::uint64_t step_for(std::uint64_t seed, std::uint64_t size) {
    // About the golden section of the size: neighbours in the order are far from each other in the fleet.
    auto step = static_cast<std::uint64_t>(static_cast<double>(size) * (0.6 + 0.05 * draw(seed, size, 0)));
    step = std::max<std::uint64_t>(step, 1);
    while (std::gcd(step, size) != 1) ++step;
    return step;
}

} // namespace

Permutation::Permutation(std::uint64_t seed, std::uint64_t size)
    : size_(size)
    , step_(step_for(seed, size))
    , first_(bits(seed, size, 1) % size) {}

std::uint64_t Permutation::at(std::uint64_t number) const {
    // Both factors are below 10,000,000 (SyntheticMachine): the product fits.
    return (first_ + (number % size_) * step_) % size_;
}

RisingRate::RisingRate(double per_second, Offset ramp)
    : rate_(per_second)
    , ramp_(std::chrono::duration<double>(ramp).count()) {}

Offset RisingRate::when(double arrivals) const {
    auto const in_ramp = rate_ * ramp_ / 2;
    auto const seconds =
        arrivals < in_ramp ? std::sqrt(2 * arrivals * ramp_ / rate_) : ramp_ + (arrivals - in_ramp) / rate_;
    return std::chrono::round<Offset>(std::chrono::duration<double>(seconds));
}

Schedule::Schedule(std::uint64_t seed, std::uint64_t clients, ByKind<double> const& per_second, Offset ramp,
                   Offset duration)
    : seed_(seed)
    , duration_(duration) {
    for (std::size_t i = 0; i < kinds; ++i) {
        auto const kind = static_cast<Kind>(i);
        if (per_second[kind] <= 0) continue;
        Stream stream{kind, RisingRate(per_second[kind], ramp), Permutation(bits(seed, i, 0), clients)};
        stream.due = due(stream);
        streams_.push_back(std::move(stream));
    }
}

Offset Schedule::due(Stream const& stream) const {
    auto const chance = draw(seed_, stream.number, static_cast<std::uint64_t>(stream.kind));
    return stream.rate.when(static_cast<double>(stream.number) + chance);
}

std::optional<Arrival> Schedule::next() {
    auto const first = std::ranges::min_element(streams_, {}, &Stream::due);
    if (first == streams_.end() || first->due >= duration_) return std::nullopt;
    Arrival const arrival{first->due, first->kind, first->clients.at(first->number)};
    ++first->number;
    first->due = due(*first);
    return arrival;
}

} // namespace pointman::client::load
