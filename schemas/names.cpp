// SPDX-License-Identifier: Apache-2.0
#include "schemas/names.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace pointman::schemas {
namespace {

struct Secret {
    std::uint64_t start;
    std::uint64_t factor;
};

Secret random_secret() {
    std::random_device device;
    auto const word = [&device] { return (std::uint64_t{device()} << 32U) | device(); };
    return {word(), word() | 1U};
}

/// Both halves of the product, so that every bit of it counts.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    auto const product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// The first bytes as a word.
template <class Word>
std::uint64_t load(std::string_view bytes) {
    Word word = 0;
    std::copy_n(bytes.begin(), sizeof word, reinterpret_cast<char*>(&word));
    return word;
}

/// At most eight bytes, every one of them, as one word.
std::uint64_t last_word(std::string_view bytes) {
    auto const size = bytes.size();
    if (size >= 4) return load<std::uint32_t>(bytes) << 32U | load<std::uint32_t>(bytes.substr(size - 4));
    if (size == 0) return 0;
    auto const at = [bytes](std::size_t i) { return load<std::uint8_t>(bytes.substr(i)); };
    return at(0) << 16U | at(size / 2) << 8U | at(size - 1);
}

} // namespace

std::uint32_t NameTable::hash_of(std::string_view name) {
    static Secret const secret = random_secret();
    auto value = secret.start ^ name.size();
    for (; name.size() > sizeof value; name.remove_prefix(sizeof value))
        value = mix(value ^ load<std::uint64_t>(name), secret.factor);
    return static_cast<std::uint32_t>(mix(value ^ last_word(name), secret.factor));
}

void NameTable::grow() {
    constexpr std::size_t least = 64;
    auto const old = std::exchange(slots_, std::vector<Slot>(std::max(least, 2 * slots_.size())));
    for (auto const& slot : old) {
        if (slot.index == unused) continue;
        auto at = static_cast<std::size_t>(slot.hash);
        while (slots_[at & (slots_.size() - 1)].index != unused) ++at;
        slots_[at & (slots_.size() - 1)] = slot;
    }
}

void NameTable::clear() {
    constexpr std::size_t most_kept = 1024;
    count_ = 0;
    if (slots_.size() > most_kept) slots_.clear();
    std::ranges::fill(slots_, Slot());
}

} // namespace pointman::schemas
