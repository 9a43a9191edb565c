// SPDX-License-Identifier: Apache-2.0
// Private to db.
#pragma once

#include "base/error.hpp"

#include <cstdint>

namespace pointman::db {

class Connection;

/// `PMDB`: marks a database as one of this project (PRAGMA application_id).
inline constexpr std::int64_t application_id = 0x504D4442;

/// The number of the newest migration that is built in.
std::int64_t newest_version();

/// The version of the database, 0 for an empty file. Fails with storage for a file that is no database, one
/// of another program, or one from a newer version of this program. Writes nothing. Not inside of a
/// transaction.
Result<std::int64_t> recognise(Connection& connection);

/// Brings the database up to newest_version() in one transaction. Safe when several processes do so at once.
Result<void> migrate(Connection& connection);

} // namespace pointman::db
