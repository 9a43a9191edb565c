// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ids.hpp"
#include "db/clients.hpp"
#include "server/cli/commands.hpp"

#include <string>
#include <type_traits>

namespace pointman::cli {

/// What `work(Session&, ClientId const&) -> Result<T>` reads of the client that is named so.
template <class F>
auto read_of_client(db::Store& store, std::string const& who, F const& work)
    -> std::invoke_result_t<F, db::Session&, ClientId const&> {
    return store.read([&](db::Session& session) -> std::invoke_result_t<F, db::Session&, ClientId const&> {
        auto const client = db::Clients(session).resolve(who);
        if (!client) return std::unexpected(client.error());
        return work(session, client->id);
    });
}

/// The same from the database of the target.
template <class F>
auto read_of_client(Target const& target, std::string const& who, F const& work)
    -> std::invoke_result_t<F, db::Session&, ClientId const&> {
    auto store = target.open();
    if (!store) return std::unexpected(std::move(store.error()));
    return read_of_client(**store, who, work);
}

} // namespace pointman::cli
