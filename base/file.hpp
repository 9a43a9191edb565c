// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <filesystem>
#include <string_view>

namespace pointman {

/// An open file; -1 = none.
class Descriptor {
public:
    explicit Descriptor(int number)
        : number_(number) {}
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    ~Descriptor();
    int get() const { return number_; }

private:
    int number_;
};

/// Whether everything was written; errno says why not.
bool write_all(int descriptor, BytesView content);

/// A directory for its owner alone, durable itself, if it has to be made. The one above must be there.
Result<void> ensure_private_directory(std::filesystem::path const& directory);

/// Makes names that came, went or changed in the directory durable. On failure errno says why.
bool sync_directory(std::filesystem::path const& directory);

/// What errno says of a call that failed: storage_full where there is no room, else io. `what` is a verb.
std::unexpected<Error> system_failure(std::string_view what, std::filesystem::path const& file);

} // namespace pointman
