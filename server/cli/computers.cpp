// SPDX-License-Identifier: Apache-2.0
#include "server/cli/computers.hpp"

#include "db/clients.hpp"
#include "db/unknown_machines.hpp"

namespace pointman::cli {

Result<ClientId> find_computer(db::Session& session, std::string const& who) {
    auto client = db::Clients(session).resolve(who);
    if (client) return std::move(client->id);
    auto const id = ClientId::parse(who);
    if (client.error().code != Code::not_found || !id) return std::unexpected(std::move(client.error()));
    auto const unknown = db::UnknownMachines::find(session);
    if (!unknown) return std::unexpected(unknown.error());
    if (*unknown && (*id == (*unknown)->x64 || *id == (*unknown)->x86)) return *id;
    return std::unexpected(std::move(client.error()));
}

} // namespace pointman::cli
