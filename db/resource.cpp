// SPDX-License-Identifier: Apache-2.0
#include "db/resource.hpp"

#include "db/connection.hpp"

#include <fmt/format.h>

namespace pointman::db {

Error no_resource(ClientId const& client) {
    return {Code::not_found, fmt::format("{} has no resource", client.text()), {}};
}

Result<std::int64_t> resource_of(Connection& connection, ClientId const& client) {
    auto const resource = connection.one(
        "SELECT resource_id FROM resource WHERE client_id = ?",
        [](Row const& row) -> Result<std::int64_t> { return row.integer(0); }, client);
    if (!resource) return std::unexpected(resource.error());
    if (!*resource) return std::unexpected(no_resource(client));
    return **resource;
}

} // namespace pointman::db
