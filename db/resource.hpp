// SPDX-License-Identifier: Apache-2.0
// Private to db.
#pragma once

#include "base/error.hpp"
#include "base/ids.hpp"

#include <cstdint>

namespace pointman::db {

class Connection;

Error no_resource(ClientId const& client);
/// The resource of a client. Fails with not_found.
Result<std::int64_t> resource_of(Connection& connection, ClientId const& client);

} // namespace pointman::db
