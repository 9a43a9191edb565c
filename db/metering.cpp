// SPDX-License-Identifier: Apache-2.0
#include "db/metering.hpp"

#include "db/connection.hpp"
#include "db/resource.hpp"

#include <fmt/format.h>

namespace pointman::db {

namespace {

Result<std::int64_t> first_number(Row const& row) {
    return row.integer(0);
}

Result<std::int64_t> file_of(Connection& connection, MeteredFile const& file) {
    auto const known = connection.one(
        "SELECT file_id FROM metered_file WHERE name = ? AND version = ? AND description = ? AND size = ?"
        " AND company = ? AND product = ? AND product_version = ? AND product_language = ?",
        first_number, file.name, file.version, file.description, file.size, file.company, file.product,
        file.product_version, file.product_language);
    if (!known) return std::unexpected(known.error());
    if (*known) return **known;
    auto const id = connection.next("metered_file");
    if (!id) return id;
    auto made = connection.execute(
        "INSERT INTO metered_file (file_id, name, version, description, size, company, product,"
        " product_version, product_language) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *id, file.name, file.version, file.description, file.size, file.company, file.product,
        file.product_version, file.product_language);
    if (!made) return std::unexpected(std::move(made.error()));
    return id;
}

Result<ListedUsage> read_usage(Row const& row) {
    auto client = row.client_id(0);
    if (!client) return std::unexpected(std::move(client.error()));
    ListedUsage listed{std::move(*client), row.text(1), {}};
    auto& usage = listed.usage;
    usage.id = row.text(2);
    usage.user = row.text(3);
    usage.start = row.time(4);
    usage.end = row.time(5);
    usage.status = row.integer(6);
    usage.file = {row.text(7),  row.text(8),  row.text(9),  row.integer(10),
                  row.text(11), row.text(12), row.text(13), row.text(14)};
    return listed;
}

struct StoredUsage {
    std::int64_t file_id = 0;
    std::string user;
    TimePoint start;
    TimePoint end;
    std::int64_t status = 0;
    bool operator==(StoredUsage const&) const = default;
};

} // namespace

Result<std::vector<ListedUsage>> Metering::list(Filter const& filter) const {
    Condition condition;
    condition.add_if_set("r.client_id = ?", filter.client)
        .add_if_set("substr(u.start_time, 1, 7) = ?", filter.month);
    return session_->connection().all(
        fmt::format("SELECT r.client_id, c.name, u.meter_data_id, u.user_name, u.start_time, u.end_time,"
                    " u.status, f.name, f.version, f.description, f.size, f.company, f.product,"
                    " f.product_version, f.product_language FROM metering_usage u"
                    " JOIN metered_file f ON f.file_id = u.file_id"
                    " JOIN resource r ON r.resource_id = u.resource_id"
                    " JOIN client c ON c.client_id = r.client_id{}"
                    " ORDER BY r.client_id, u.start_time, u.meter_data_id",
                    condition.sql()),
        read_usage, condition.values());
}

Result<std::vector<MonthlyUsage>> Metering::summary(Filter const& filter) const {
    Condition condition;
    condition.add_if_set("r.client_id = ?", filter.client)
        .add_if_set("printf('%04d-%02d', s.Year, s.Month) = ?", filter.month);
    return session_->connection().all(
        fmt::format(
            "SELECT r.client_id, c.name, s.FileName, s.Year, s.Month, s.UsageCount, s.TSUsageCount,"
            " s.UsageTime, s.LastUsage FROM v_MonthlyUsageSummary s"
            " JOIN resource r ON r.resource_id = s.ResourceID JOIN client c ON c.client_id = r.client_id{}"
            " ORDER BY r.client_id, s.Year, s.Month, s.FileName",
            condition.sql()),
        [](Row const& row) -> Result<MonthlyUsage> {
            return MonthlyUsage{row.text(0),    row.text(1),    row.text(2),
                                row.integer(3), row.integer(4), row.integer(5),
                                row.integer(6), row.integer(7), row.text(8)};
        },
        condition.values());
}

Result<Metering::Taken> Metering::put(Transaction& transaction, ClientId const& client,
                                      MeteredUsage const& usage, TimePoint received) {
    auto& connection = transaction.connection();
    auto const resource = resource_of(connection, client);
    if (!resource) return std::unexpected(resource.error());
    auto const file = file_of(connection, usage.file);
    if (!file) return std::unexpected(file.error());
    auto const stored = connection.one(
        "SELECT file_id, user_name, start_time, end_time, status FROM metering_usage"
        " WHERE resource_id = ? AND meter_data_id = ?",
        [](Row const& row) -> Result<StoredUsage> {
            return StoredUsage{row.integer(0), row.text(1), row.time(2), row.time(3), row.integer(4)};
        },
        *resource, usage.id);
    if (!stored) return std::unexpected(stored.error());
    if (*stored && usage.end < (*stored)->end) return Taken::older;
    if (*stored == StoredUsage{*file, usage.user, usage.start, usage.end, usage.status}) return Taken::same;
    auto done = connection.execute(
        "INSERT OR REPLACE INTO metering_usage (resource_id, meter_data_id, file_id, user_name, start_time,"
        " end_time, status, received) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *resource, usage.id, *file, usage.user, usage.start, usage.end, usage.status, received);
    if (!done) return std::unexpected(std::move(done.error()));
    return *stored ? Taken::updated : Taken::added;
}

Result<void> Metering::forget(Transaction& transaction, TimePoint before) {
    return transaction.connection().execute(
        "DELETE FROM metering_usage WHERE (resource_id, meter_data_id) IN (SELECT resource_id, meter_data_id"
        " FROM metering_usage WHERE received < ? ORDER BY received LIMIT 100)",
        before);
}

} // namespace pointman::db
