// SPDX-License-Identifier: Apache-2.0
// The inventory that was reported last, kept in a file: what the next delta is made from.
#pragma once

#include "base/error.hpp"
#include "client/inventory/reports.hpp"
#include "client/inventory/snapshot.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace pointman::client::inventory {

struct Reported {
    Version version;
    Snapshot snapshot;

    bool operator==(Reported const&) const = default;
};

/// In one step: a reader, also one after a crash, finds what was there before or this, whole. Fails with io
/// or storage_full.
pointman::Result<void> save(Reported const& reported, std::filesystem::path const& file);
/// Fails with not_found, io, limit_exceeded, and with malformed where the file is none of save(): the message
/// says what to do.
pointman::Result<Reported> load(std::filesystem::path const& file);

/// JSON.
std::string text_of(Reported const& reported);
/// Fails with malformed.
pointman::Result<Reported> parse_reported(std::string_view text);

} // namespace pointman::client::inventory
