// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/collections.hpp"
#include "endpoints/policy/collection_query.hpp"

#include <optional>
#include <span>
#include <vector>

namespace pointman::endpoints::policy {

/// The collection's query; nothing where it has none. Fails with storage where it cannot be parsed.
Result<std::optional<CollectionQuery>> query_of(db::Collection const& collection);

/// Whether a registered client, whatever its approval, is in a collection: the collection has everybody,
/// lists it, or finds it by its query. `query` is what query_of() gave, null for none. The site's unknown
/// machines are no registered clients: they are in those collections alone that list them
/// (db::Collections::listing).
bool is_member(db::Collection const& collection, CollectionQuery const* query, db::Client const& client);

/// All members, given the registered clients. In order.
std::vector<ClientId> members_of(db::Collection const& collection, CollectionQuery const* query,
                                 std::span<db::Client const> clients);

} // namespace pointman::endpoints::policy
