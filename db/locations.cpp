// SPDX-License-Identifier: Apache-2.0
#include "db/locations.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "db/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace pointman::db {

namespace {

constexpr std::string_view boundary_columns =
    "boundary_id, name, site_code, slow, kind, value, first_address, last_address";
constexpr std::string_view point_columns = "dp_id, name, site_code, protected, internet";
constexpr std::string_view wsus_columns = "wsus_id, url, version, site_code, internet";

/// An area whose four columns begin at `column`.
Result<Area> read_area(Row const& row, int column) {
    auto const kind = area_kind_of(row.text(column));
    if (!kind) return fail(Code::storage, "the database holds an area of no kind", row.text(column));
    return Area{*kind, row.text(column + 1), row.text(column + 2), row.text(column + 3)};
}

Result<Boundary> read_boundary(Row const& row) {
    auto area = read_area(row, 4);
    if (!area) return std::unexpected(std::move(area.error()));
    return Boundary{.boundary_id = row.integer(0),
                    .name = row.text(1),
                    .site_code = row.text(2),
                    .slow = row.boolean(3),
                    .area = std::move(*area)};
}

Result<DistributionPoint> read_point(Row const& row) {
    return DistributionPoint{.dp_id = row.integer(0),
                             .name = row.text(1),
                             .site_code = row.text(2),
                             .is_protected = row.boolean(3),
                             .internet = row.boolean(4)};
}

Result<WsusServer> read_wsus(Row const& row) {
    return WsusServer{.wsus_id = row.integer(0),
                      .url = row.text(1),
                      .version = row.integer(2),
                      .site_code = row.text(3),
                      .internet = row.boolean(4)};
}

Result<std::vector<Boundary>> boundaries_at(Connection& connection, std::string_view kinds,
                                            std::string_view key) {
    // The kind is asked for since only keys of one width can be compared.
    return connection.all(fmt::format("SELECT {} FROM boundary WHERE kind IN ({}) AND first_address <= ?"
                                      " AND last_address >= ? ORDER BY boundary_id",
                                      boundary_columns, kinds),
                          read_boundary, key, key);
}

/// URLs and areas, which lie in tables beside. `which` restricts dp_id, e.g. "dp_id = ?": two statements for
/// any number of points.
template <class... Args>
Result<void> complete(Connection& connection, std::vector<DistributionPoint>& points, std::string_view which,
                      Args const&... args) {
    std::map<std::int64_t, DistributionPoint*> by_id;
    for (auto& point : points) by_id.emplace(point.dp_id, &point);
    auto const urls = connection.all(
        fmt::format("SELECT dp_id, url FROM distribution_point_url WHERE {} ORDER BY dp_id, number", which),
        [&by_id](Row const& row) -> Result<bool> {
            if (auto const found = by_id.find(row.integer(0)); found != by_id.end()) {
                found->second->urls.push_back(row.text(1));
            }
            return true;
        },
        args...);
    if (!urls) return std::unexpected(urls.error());
    auto const areas = connection.all(
        fmt::format("SELECT dp_id, kind, value, first_address, last_address FROM distribution_point_boundary"
                    " WHERE {} ORDER BY dp_id, number",
                    which),
        [&by_id](Row const& row) -> Result<bool> {
            auto area = read_area(row, 1);
            if (!area) return std::unexpected(std::move(area.error()));
            if (auto const found = by_id.find(row.integer(0)); found != by_id.end()) {
                found->second->areas.push_back(std::move(*area));
            }
            return true;
        },
        args...);
    if (!areas) return std::unexpected(areas.error());
    return {};
}

template <class... Args>
Result<std::optional<DistributionPoint>> one_point(Connection& connection, std::string_view which,
                                                   Args const&... args) {
    auto found = connection.all(
        fmt::format("SELECT {} FROM distribution_point WHERE {}", point_columns, which), read_point, args...);
    if (!found) return std::unexpected(std::move(found.error()));
    if (found->empty()) return std::optional<DistributionPoint>();
    if (auto done = complete(connection, *found, "dp_id = ?", found->front().dp_id); !done) {
        return std::unexpected(std::move(done.error()));
    }
    return std::optional(std::move(found->front()));
}

/// Puts the rows beside a point in place of those that were there.
Result<void> replace_details(Connection& connection, std::int64_t dp_id, DistributionPoint const& point) {
    for (std::string_view const sql : {"DELETE FROM distribution_point_url WHERE dp_id = ?",
                                       "DELETE FROM distribution_point_boundary WHERE dp_id = ?"}) {
        if (auto done = connection.execute(sql, dp_id); !done) return done;
    }
    std::int64_t number = 0;
    for (auto const& url : point.urls) {
        auto done = connection.execute(
            "INSERT INTO distribution_point_url (dp_id, number, url) VALUES (?, ?, ?)", dp_id, ++number, url);
        if (!done) return done;
    }
    number = 0;
    for (auto const& area : point.areas) {
        auto done =
            connection.execute("INSERT INTO distribution_point_boundary (dp_id, number, kind, value, "
                               "first_address, last_address)"
                               " VALUES (?, ?, ?, ?, ?, ?)",
                               dp_id, ++number, name_of(area.kind), area.value, area.first, area.last);
        if (!done) return done;
    }
    return {};
}

Result<std::vector<Content>> contents(Connection& connection, Condition const& condition) {
    auto found = connection.all(
        fmt::format(
            "SELECT content_id, package, version, size_kb FROM content{} ORDER BY package_key, version",
            condition.sql()),
        [](Row const& row) -> Result<Content> {
            return Content{.content_id = row.integer(0),
                           .package = row.text(1),
                           .version = row.integer(2),
                           .size_kb = row.integer(3)};
        },
        condition.values());
    if (!found) return found;
    std::map<std::int64_t, Content*> by_id;
    for (auto& content : *found) by_id.emplace(content.content_id, &content);
    auto const held = connection.all(
        fmt::format("SELECT l.content_id, p.name FROM content_location l"
                    " JOIN distribution_point p ON p.dp_id = l.dp_id"
                    " JOIN content c ON c.content_id = l.content_id{} ORDER BY l.content_id, p.name_lower",
                    condition.sql()),
        [&by_id](Row const& row) -> Result<bool> {
            if (auto const at = by_id.find(row.integer(0)); at != by_id.end()) {
                at->second->dps.push_back(row.text(1));
            }
            return true;
        },
        condition.values());
    if (!held) return std::unexpected(held.error());
    return found;
}

} // namespace

Result<std::vector<Boundary>> Boundaries::list() const {
    return session_->connection().all(
        fmt::format("SELECT {} FROM boundary ORDER BY boundary_id", boundary_columns), read_boundary);
}

Result<std::optional<Boundary>> Boundaries::find(std::int64_t boundary_id) const {
    return session_->connection().one(
        fmt::format("SELECT {} FROM boundary WHERE boundary_id = ?", boundary_columns), read_boundary,
        boundary_id);
}

Result<std::vector<Boundary>> Boundaries::around(IpAddress const& address) const {
    return boundaries_at(session_->connection(), address.is_v6() ? "'ipv6'" : "'subnet', 'range'",
                         address.key());
}

Result<std::vector<Boundary>> Boundaries::around_ad_site(std::string_view name) const {
    return boundaries_at(session_->connection(), "'ad_site'", to_lower(name));
}

Result<std::int64_t> Boundaries::add(Transaction& transaction, Boundary const& boundary) {
    auto& connection = transaction.connection();
    auto const& area = boundary.area;
    auto const known = connection.one(
        "SELECT boundary_id FROM boundary WHERE kind = ? AND first_address = ? AND last_address = ?"
        " AND site_code = ?",
        [](Row const& row) -> Result<std::int64_t> { return row.integer(0); }, name_of(area.kind), area.first,
        area.last, boundary.site_code);
    if (!known) return std::unexpected(known.error());
    if (*known) {
        auto const updated =
            connection.execute("UPDATE boundary SET name = ?, slow = ?, value = ? WHERE boundary_id = ?",
                               boundary.name, boundary.slow, area.value, **known);
        if (!updated) return std::unexpected(updated.error());
        return **known;
    }
    auto const id = connection.next("boundary");
    if (!id) return id;
    auto const inserted = connection.execute(
        fmt::format("INSERT INTO boundary ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", boundary_columns), *id,
        boundary.name, boundary.site_code, boundary.slow, name_of(area.kind), area.value, area.first,
        area.last);
    if (!inserted) return std::unexpected(inserted.error());
    return id;
}

Result<void> Boundaries::remove(Transaction& transaction, std::int64_t boundary_id) {
    auto& connection = transaction.connection();
    auto done = connection.execute("DELETE FROM boundary WHERE boundary_id = ?", boundary_id);
    if (!done) return done;
    if (connection.changes() == 0) return fail(Code::not_found, fmt::format("no boundary {}", boundary_id));
    return {};
}

Result<std::vector<DistributionPoint>> DistributionPoints::list() const {
    auto& connection = session_->connection();
    auto points = connection.all(
        fmt::format("SELECT {} FROM distribution_point ORDER BY name_lower", point_columns), read_point);
    if (!points) return points;
    if (auto done = complete(connection, *points, "dp_id > ?", 0); !done)
        return std::unexpected(done.error());
    return points;
}

Result<DistributionPoint> DistributionPoints::resolve(std::string_view who) const {
    auto& connection = session_->connection();
    auto found = one_point(connection, "name_lower = ?", to_lower(who));
    if (!found) return std::unexpected(found.error());
    if (auto const id = number_in<std::int64_t>(who); !*found && id) {
        found = one_point(connection, "dp_id = ?", *id);
        if (!found) return std::unexpected(found.error());
    }
    if (!*found) return fail(Code::not_found, fmt::format("no distribution point \"{}\"", who));
    return std::move(**found);
}

Result<std::int64_t> DistributionPoints::add(Transaction& transaction, DistributionPoint const& point) {
    auto& connection = transaction.connection();
    auto const folded = to_lower(point.name);
    auto const known = one_point(connection, "name_lower = ?", folded);
    if (!known) return std::unexpected(known.error());
    auto const id = *known ? Result<std::int64_t>((*known)->dp_id) : connection.next("distribution_point");
    if (!id) return id;
    auto const kept = connection.execute(
        "INSERT INTO distribution_point (dp_id, name, name_lower, site_code, protected, internet)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (dp_id) DO UPDATE SET name = excluded.name,"
        " site_code = excluded.site_code, protected = excluded.protected, internet = excluded.internet",
        *id, point.name, folded, point.site_code, point.is_protected, point.internet);
    if (!kept) return std::unexpected(kept.error());
    if (auto done = replace_details(connection, *id, point); !done) return std::unexpected(done.error());
    return id;
}

Result<void> DistributionPoints::remove(Transaction& transaction, std::int64_t dp_id) {
    auto& connection = transaction.connection();
    if (auto done = connection.execute("DELETE FROM distribution_point WHERE dp_id = ?", dp_id); !done) {
        return done;
    }
    if (connection.changes() == 0)
        return fail(Code::not_found, fmt::format("no distribution point {}", dp_id));
    return {};
}

std::string package_key(std::string_view package) {
    package = trim(package);
    if (starts_with_ignoring_case(package, "UID:")) package.remove_prefix(4);
    if (package.starts_with('{') && package.ends_with('}')) package = package.substr(1, package.size() - 2);
    return to_lower(package);
}

Result<std::vector<Content>> Contents::list() const {
    return contents(session_->connection(), {});
}

Result<std::vector<Content>> Contents::versions_of(std::string_view package) const {
    return contents(session_->connection(), Condition().add("package_key = ?", package_key(package)));
}

Result<std::vector<Holder>> Contents::holders_of(std::string_view package) const {
    constexpr std::string_view which =
        "dp_id IN (SELECT l.dp_id FROM content c JOIN content_location l ON l.content_id = c.content_id"
        " WHERE c.package_key = ?)";
    auto& connection = session_->connection();
    auto const key = package_key(package);
    auto points = connection.all(
        fmt::format("SELECT {} FROM distribution_point WHERE {} ORDER BY name_lower", point_columns, which),
        read_point, key);
    if (!points) return std::unexpected(points.error());
    if (auto done = complete(connection, *points, which, key); !done) return std::unexpected(done.error());

    std::map<std::int64_t, Holder> by_id;
    auto const held = connection.all(
        "SELECT l.dp_id, c.version, c.package FROM content c"
        " JOIN content_location l ON l.content_id = c.content_id WHERE c.package_key = ? ORDER BY c.version",
        [&by_id](Row const& row) -> Result<bool> {
            auto& holder = by_id[row.integer(0)];
            holder.versions.push_back(row.integer(1));
            holder.package = row.text(2);
            return true;
        },
        key);
    if (!held) return std::unexpected(held.error());
    std::vector<Holder> holders;
    for (auto& point : *points) {
        auto& holder = by_id[point.dp_id];
        holder.point = std::move(point);
        holders.push_back(std::move(holder));
    }
    return holders;
}

Result<std::int64_t> Contents::add(Transaction& transaction, Content const& content) {
    auto& connection = transaction.connection();
    auto const key = package_key(content.package);
    auto const known = connection.one(
        "SELECT content_id FROM content WHERE package_key = ? AND version = ?",
        [](Row const& row) -> Result<std::int64_t> { return row.integer(0); }, key, content.version);
    if (!known) return std::unexpected(known.error());
    auto const id = *known ? Result<std::int64_t>(**known) : connection.next("content");
    if (!id) return id;
    auto const kept = connection.execute(
        "INSERT INTO content (content_id, package, package_key, version, size_kb) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (content_id) DO UPDATE SET size_kb ="
        " CASE WHEN excluded.size_kb = 0 THEN content.size_kb ELSE excluded.size_kb END",
        *id, content.package, key, content.version, content.size_kb);
    if (!kept) return std::unexpected(kept.error());
    for (auto const& name : content.dps) {
        auto const point = DistributionPoints(transaction).resolve(name);
        if (!point) return std::unexpected(point.error());
        auto const held = connection.execute("INSERT INTO content_location (content_id, dp_id) VALUES (?, ?)"
                                             " ON CONFLICT (content_id, dp_id) DO NOTHING",
                                             *id, point->dp_id);
        if (!held) return std::unexpected(held.error());
    }
    return id;
}

Result<std::int64_t> Contents::remove(Transaction& transaction, std::string_view package,
                                      std::optional<std::int64_t> version) {
    auto& connection = transaction.connection();
    auto const key = package_key(package);
    auto const done =
        version
            ? connection.execute("DELETE FROM content WHERE package_key = ? AND version = ?", key, *version)
            : connection.execute("DELETE FROM content WHERE package_key = ?", key);
    if (!done) return std::unexpected(done.error());
    auto const gone = static_cast<std::int64_t>(connection.changes());
    if (gone > 0) return gone;
    return fail(Code::not_found, version ? fmt::format("no content {} version {}", package, *version)
                                         : fmt::format("no content {}", package));
}

Result<std::vector<WsusServer>> WsusServers::list() const {
    return session_->connection().all(
        fmt::format("SELECT {} FROM wsus_server ORDER BY wsus_id", wsus_columns), read_wsus);
}

Result<WsusServer> WsusServers::resolve(std::string_view which) const {
    auto servers = list();
    if (!servers) return std::unexpected(servers.error());
    auto const id = number_in<std::int64_t>(which);
    auto const found = std::ranges::find_if(*servers, [&](WsusServer const& server) {
        return equal_ignoring_case(server.url, which) || server.wsus_id == id;
    });
    if (found == servers->end()) return fail(Code::not_found, fmt::format("no update server \"{}\"", which));
    return std::move(*found);
}

Result<std::int64_t> WsusServers::add(Transaction& transaction, WsusServer const& server) {
    auto& connection = transaction.connection();
    auto const known = connection.one(
        "SELECT wsus_id FROM wsus_server WHERE url = ?",
        [](Row const& row) -> Result<std::int64_t> { return row.integer(0); }, server.url);
    if (!known) return std::unexpected(known.error());
    auto const id = *known ? Result<std::int64_t>(**known) : connection.next("wsus_server");
    if (!id) return id;
    auto const kept = connection.execute(
        fmt::format(
            "INSERT INTO wsus_server ({}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (wsus_id) DO UPDATE SET"
            " version = excluded.version, site_code = excluded.site_code, internet = excluded.internet",
            wsus_columns),
        *id, server.url, server.version, server.site_code, server.internet);
    if (!kept) return std::unexpected(kept.error());
    return id;
}

Result<void> WsusServers::remove(Transaction& transaction, std::int64_t wsus_id) {
    auto& connection = transaction.connection();
    if (auto done = connection.execute("DELETE FROM wsus_server WHERE wsus_id = ?", wsus_id); !done)
        return done;
    if (connection.changes() == 0) return fail(Code::not_found, fmt::format("no update server {}", wsus_id));
    return {};
}

} // namespace pointman::db
