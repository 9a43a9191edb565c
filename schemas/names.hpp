// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pointman::schemas {

/// Finds the index of a name among those of a Document. Kept from document to document, since nearly all
/// have few names. The hash has a secret of the process, so that nobody can choose names that collide.
class NameTable {
public:
    /// Index of the equal name, or `otherwise` if there is none, which is from now on the index of `name`.
    /// `name_at(index)` gives a name that is in the table.
    template <class NameAt>
    std::uint32_t find_or_add(std::string_view name, std::uint32_t otherwise, NameAt name_at) {
        if (2 * count_ >= slots_.size()) grow();
        auto const hash = hash_of(name);
        for (std::size_t at = hash;; ++at) {
            auto& slot = slots_[at & (slots_.size() - 1)];
            if (slot.index == unused) {
                slot = {hash, otherwise};
                ++count_;
                return otherwise;
            }
            if (slot.hash == hash && name_at(slot.index) == name) return slot.index;
        }
    }

    void clear();

private:
    static constexpr std::uint32_t unused = UINT32_MAX;
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t index = unused;
    };

    static std::uint32_t hash_of(std::string_view name);
    void grow();

    std::vector<Slot> slots_; ///< a power of two, at most half of them in use
    std::size_t count_ = 0;
};

} // namespace pointman::schemas
