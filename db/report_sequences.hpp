// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "db/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::db {

/// The latest report of a client and action that was loaded.
struct ReportBaseline {
    std::int64_t major = 0;
    std::int64_t minor = 0;
    std::string date;   ///< as sent
    std::string sha256; ///< of the report's bytes
    TimePoint loaded;
};

/// A full report that the site waits for.
struct PendingResync {
    ClientId client;
    std::string name; ///< of the client
    std::string action;
    std::string reason; ///< why, e.g. "DeltaMismatch"
    TimePoint requested;
};

/// How far the reports of one client and action have come.
struct ReportSequence {
    std::optional<ReportBaseline> baseline;
    bool resync_pending = false;
};

/// How far each client's reports of an action have come. An action is the last four digits of its id ("0001"
/// hardware). What is written of a client without a resource is not kept.
class ReportSequences {
public:
    explicit ReportSequences(Session& session)
        : session_(&session) {}

    /// Fails with not_found where the client has no resource.
    Result<ReportSequence> find(ClientId const& client, std::string_view action) const;
    /// Of all clients, the oldest first.
    Result<std::vector<PendingResync>> resyncs() const;

    static Result<void> set_baseline(Transaction&, ClientId const& client, std::string_view action,
                                     ReportBaseline const& baseline);
    /// Whether it was not asked for already.
    static Result<bool> request_resync(Transaction&, ClientId const& client, std::string_view action,
                                       std::string_view reason, TimePoint now);
    /// Whether there was one.
    static Result<bool> clear_resync(Transaction&, ClientId const& client, std::string_view action);

private:
    Session* session_;
};

} // namespace pointman::db
