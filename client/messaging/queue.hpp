// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.hpp"
#include "client/messaging/queue_file.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pointman::client {

/// Posted messages on the disk, one file each, whose names are in the order of posting. Any number of
/// processes and threads may add; who delivers holds the lock of deliveries.
class Queue {
public:
    static Result<Queue> open(std::filesystem::path const& directory);

    /// Durable when it returns.
    Result<void> add(QueueEntry const& entry, Outgoing const& outgoing) const;

    /// Names of the files, in order.
    Result<std::vector<std::string>> names() const;
    /// Fails with storage for a damaged file; with not_found for one that is gone.
    Result<QueueEntry> entry(std::string const& name) const;
    Result<Outgoing> outgoing(std::string const& name) const;

    /// For a message that was delivered or has expired. Not synced: one that comes back after a crash is sent
    /// once more, with the same id.
    Result<void> remove(std::string const& name) const;
    /// To the folder of refused messages, with the reason beside it.
    Result<void> set_aside(std::string const& name, std::string_view reason) const;
    Result<std::vector<QueuedMessage>> refused() const;

    /// Held as long as the result lives. `wait`: until it is free; else null where somebody has it.
    Result<std::unique_ptr<Descriptor>> lock_deliveries(bool wait) const;

private:
    explicit Queue(std::filesystem::path directory)
        : directory_(std::move(directory)) {}
    Result<std::uint64_t> next_number(bool after_start) const;

    std::filesystem::path directory_;
};

} // namespace pointman::client
