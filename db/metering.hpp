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

/// A file whose usage is metered (relay.md 4). Texts as sent; "" where absent.
struct MeteredFile {
    std::string name; ///< compared without case
    std::string version;
    std::string description;
    std::int64_t size = 0; ///< bytes
    std::string company;
    std::string product;
    std::string product_version;
    std::string product_language;
    bool operator==(MeteredFile const&) const = default;
};

/// Bits of a usage's status.
enum MeteringStatus : std::int64_t {
    still_running = 1,
    start_estimated = 2,
    end_estimated = 4,
    terminal_session = 8,
};

struct MeteredUsage {
    std::string id; ///< MeterDataID, compared without case
    MeteredFile file;
    std::string user;
    TimePoint start;
    TimePoint end;
    std::int64_t status = 0;
    bool operator==(MeteredUsage const&) const = default;
};

/// For operators.
struct ListedUsage {
    ClientId client;
    std::string name; ///< of the client
    MeteredUsage usage;
};

struct MonthlyUsage {
    std::string smsid;
    std::string name; ///< of the client
    std::string file;
    std::int64_t year = 0;
    std::int64_t month = 0;
    std::int64_t count = 0;          ///< console sessions
    std::int64_t terminal_count = 0; ///< terminal sessions
    std::int64_t seconds = 0;
    std::string last_usage; ///< as in the view
};

class Metering {
public:
    explicit Metering(Session& session)
        : session_(&session) {}

    struct Filter {
        std::string client{}; ///< SMSID; "" = any
        std::string month{};  ///< "2026-11"; "" = any
    };
    /// By client and start.
    Result<std::vector<ListedUsage>> list(Filter const& filter) const;
    Result<std::vector<MonthlyUsage>> summary(Filter const& filter) const;

    enum class Taken { added, updated, same, older };
    /// Of several reports of one usage the one with the latest end counts; of two with the same end the
    /// latter. Fails with not_found where the client has no resource.
    static Result<Taken> put(Transaction& transaction, ClientId const& client, MeteredUsage const& usage,
                             TimePoint received);
    /// Usages that were received before, the oldest first, some at a time.
    static Result<void> forget(Transaction& transaction, TimePoint before);

private:
    Session* session_;
};

} // namespace pointman::db
