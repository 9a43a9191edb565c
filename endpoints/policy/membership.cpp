// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/membership.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::endpoints::policy {

Result<std::optional<CollectionQuery>> query_of(db::Collection const& collection) {
    if (collection.query.empty()) return std::nullopt;
    auto query = CollectionQuery::parse(collection.query);
    if (!query) {
        return fail(Code::storage,
                    fmt::format("the query of collection {} cannot be read", collection.collection_id),
                    query.error().message);
    }
    return std::move(*query);
}

bool is_member(db::Collection const& collection, CollectionQuery const* query, db::Client const& client) {
    return collection.everybody || std::ranges::binary_search(collection.listed, client.id) ||
           (query != nullptr && query->matches(client));
}

std::vector<ClientId> members_of(db::Collection const& collection, CollectionQuery const* query,
                                 std::span<db::Client const> clients) {
    auto members = collection.listed; // unknown machines are not among the clients
    for (auto const& client : clients) {
        if (is_member(collection, query, client)) members.push_back(client.id);
    }
    std::ranges::sort(members);
    auto const repeated = std::ranges::unique(members);
    members.erase(repeated.begin(), repeated.end());
    return members;
}

} // namespace pointman::endpoints::policy
