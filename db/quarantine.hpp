// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "db/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pointman::db {

/// A refused message, whole. `raw` is the HTTP body; with path and content type it can be put through again.
struct QuarantineEntry {
    std::int64_t id = 0;
    TimePoint time;
    std::string request_id;
    std::string endpoint; ///< as the message names it, where it is no known endpoint
    std::string client;   ///< SMSID as claimed, "" where none
    std::string peer;     ///< address of the sender
    std::string path;
    std::string content_type;
    std::string reason; ///< name_of(Code)
    std::string detail;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint64_t size = 0;
    std::string sha256;         ///< of raw, upper-case hex
    std::uint32_t attempts = 1; ///< how often it went through and was refused
    bool closed = false;        ///< accepted by a replay
    Bytes raw;                  ///< empty in lists
};

struct QuarantineFilter {
    std::string endpoint; ///< without case; "" = any
    std::string client;
    std::string reason;
    std::optional<TimePoint> older_than;
};

/// Bounds of the whole quarantine: what goes over is dropped, oldest first.
struct QuarantineCaps {
    std::uint64_t max_bytes = std::uint64_t{256} * 1024 * 1024;
    std::chrono::days max_age{90};
};

class Quarantine {
public:
    explicit Quarantine(Session& session)
        : session_(&session) {}

    /// Newest first, without raw bytes.
    Result<std::vector<QuarantineEntry>> list(QuarantineFilter const& filter = {}) const;
    /// With raw bytes; not_found where there is none.
    Result<QuarantineEntry> get(std::int64_t id) const;

    /// Fills size and sha256 from raw; enforces the caps (the new entry itself is kept). Returns the id.
    static Result<std::int64_t> add(Transaction&, QuarantineEntry entry, QuarantineCaps const& caps);
    /// attempts + 1, with the newest reason.
    static Result<void> refused_again(Transaction&, std::int64_t id, Error const& error);
    static Result<void> close(Transaction&, std::int64_t id);
    /// Returns how many went.
    static Result<std::uint64_t> purge(Transaction&, QuarantineFilter const& filter);

private:
    Session* session_;
};

} // namespace pointman::db
