// SPDX-License-Identifier: Apache-2.0
#include "db/migrations.hpp"

#include "db/connection.hpp"
#include "embedded/pointman_db.hpp"

#include <fmt/format.h>

#include <charconv>

namespace pointman::db {

namespace {

/// The files are named NNNN_what.sql.
std::int64_t number_of(embedded::EmbeddedFile const& file) {
    std::int64_t number = 0;
    std::from_chars(file.name.data(), file.name.data() + file.name.size(), number);
    return number;
}

/// Inside a transaction: another process may be setting the file up at this moment.
Result<std::int64_t> identify(Connection& connection) {
    auto const owner = connection.number("PRAGMA application_id");
    if (!owner) return owner;
    auto const version = connection.number("PRAGMA user_version");
    if (!version) return version;
    if (*owner != application_id) {
        auto const objects = connection.number("SELECT count(*) FROM sqlite_master");
        if (!objects) return objects;
        if (*owner == 0 && *version == 0 && *objects == 0) return 0;
        return fail(Code::storage, "the database belongs to another program",
                    fmt::format("application_id {:#x}, {} tables and other objects", *owner, *objects));
    }
    if (*version > newest_version()) {
        return fail(Code::storage,
                    fmt::format("the database has version {}, this program knows versions up to {} only: it "
                                "was used with a newer program",
                                *version, newest_version()));
    }
    return version;
}

Result<void> apply_missing(Connection& connection) {
    // Another process may have done it between the first look and the lock.
    auto const version = identify(connection);
    if (!version) return std::unexpected(version.error());
    for (auto const& file : embedded::embedded_files()) {
        if (number_of(file) <= *version) continue;
        if (auto done = connection.run_script(file.content); !done) {
            done.error().detail += fmt::format(" ({})", file.name);
            return done;
        }
    }
    // PRAGMA takes no parameters.
    return connection.run_script(
        fmt::format("PRAGMA application_id={}; PRAGMA user_version={};", application_id, newest_version()));
}

} // namespace

std::int64_t newest_version() {
    std::int64_t newest = 0;
    for (auto const& file : embedded::embedded_files()) newest = std::max(newest, number_of(file));
    return newest;
}

Result<std::int64_t> recognise(Connection& connection) {
    if (auto begun = connection.begin(Connection::Begin::deferred); !begun)
        return std::unexpected(begun.error());
    auto version = identify(connection);
    connection.rollback();
    return version;
}

Result<void> migrate(Connection& connection) {
    auto const version = recognise(connection);
    if (!version) return std::unexpected(version.error());
    if (*version == newest_version()) return {};
    if (auto begun = connection.begin(Connection::Begin::immediate); !begun) return begun;
    if (auto applied = apply_missing(connection); !applied) {
        connection.rollback();
        return applied;
    }
    return connection.commit();
}

} // namespace pointman::db
