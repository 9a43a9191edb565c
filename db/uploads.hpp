// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "db/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::db {

/// One session of an upload, and how much of its file is durable.
struct Upload {
    std::string session_id;               ///< UUID
    std::string message_id;               ///< UUID of the message that the payload belongs to
    std::string address;                  ///< under which its sender is counted
    std::optional<std::uint64_t> total{}; ///< bytes; known from the first fragment on
    std::uint64_t received = 0;           ///< bytes from the beginning that are durable
    std::optional<TimePoint> finished{};  ///< when the session was closed
    TimePoint expires{};

    bool operator==(Upload const&) const = default;
};

/// A message whose upload was used up, and the request that named it.
struct UsedUpload {
    std::string message_id;
    std::string request_sha256;
    TimePoint expires{};
};

/// What all sessions take together.
struct UploadTotals {
    std::uint64_t sessions = 0;
    std::uint64_t sessions_of_address = 0;
    std::uint64_t bytes = 0; ///< as announced, not as received
};

class Uploads {
public:
    explicit Uploads(Session& session)
        : session_(&session) {}

    Result<std::optional<Upload>> find(std::string_view session_id) const;
    /// Finished ones for a message: those of the address first, of these the newest first. At most `most`.
    Result<std::vector<Upload>> finished(std::string_view message_id, std::string_view address,
                                         std::size_t most) const;
    Result<UploadTotals> totals(std::string_view address) const;
    Result<bool> was_used(UsedUpload const& used) const;

    /// In place of what is known of the session.
    static Result<void> put(Transaction&, Upload const& upload);
    /// Whether there was one.
    static Result<bool> remove(Transaction&, std::string_view session_id);
    static Result<void> note_used(Transaction&, UsedUpload const& used);
    /// Of both tables; returns how many sessions went.
    static Result<std::uint64_t> remove_expired(Transaction&, TimePoint now);

private:
    Session* session_;
};

} // namespace pointman::db
