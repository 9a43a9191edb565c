// SPDX-License-Identifier: Apache-2.0
#include "db/unknown_machines.hpp"

#include "db/connection.hpp"

namespace pointman::db {

namespace {

Result<std::optional<ClientId>> find_one(Session& session, std::string_view processor) {
    return session.connection().one(
        "SELECT machine_id FROM unknown_machine WHERE processor = ?",
        [](Row const& row) { return row.client_id(0); }, processor);
}

Result<void> make_one(Transaction& transaction, std::string_view processor) {
    return transaction.connection().execute("INSERT INTO unknown_machine (processor, machine_id)"
                                            " VALUES (?, ?) ON CONFLICT (processor) DO NOTHING",
                                            processor, ClientId::random());
}

} // namespace

Result<std::optional<UnknownMachines>> UnknownMachines::find(Session& session) {
    auto x64 = find_one(session, "x64");
    if (!x64) return std::unexpected(std::move(x64.error()));
    auto x86 = find_one(session, "x86");
    if (!x86) return std::unexpected(std::move(x86.error()));
    if (!*x64 || !*x86) return std::nullopt;
    return UnknownMachines{**x64, **x86};
}

Result<UnknownMachines> UnknownMachines::ensure(Transaction& transaction) {
    for (std::string_view const processor : {"x64", "x86"}) {
        if (auto made = make_one(transaction, processor); !made) return std::unexpected(made.error());
    }
    auto made = find(transaction);
    if (!made) return std::unexpected(std::move(made.error()));
    return std::move(**made);
}

} // namespace pointman::db
