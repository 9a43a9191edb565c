// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ids.hpp"
#include "db/store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pointman::db {

/// A set of clients that policy is assigned to: everybody, or those that are listed and those that the query
/// finds. What a query means is the matter of endpoints/policy/collection_query.hpp.
struct Collection {
    std::string collection_id = {}; ///< given by the store when added, such as LAB00001
    std::string name = {};
    bool everybody = false; ///< set by the store when added: neither clients nor a query were given
    std::string query = {}; ///< "" = none
    std::vector<ClientId> listed = {}; ///< registered clients and unknown machines; when read, in order
};

class Collections {
public:
    explicit Collections(Session& session)
        : session_(&session) {}

    /// In the order of the ids.
    Result<std::vector<Collection>> list() const;
    /// An id or a name, as operators type it: the id wins. Neither minds case. Fails with not_found.
    Result<Collection> resolve(std::string_view id_or_name) const;
    /// The ids of the collections that list the client, in order.
    Result<std::vector<std::string>> listing(ClientId const& client) const;

    /// Returns the id: the site's code and five hexadecimal digits. Fails with usage where the name is taken.
    /// A collection that is given neither clients nor a query has everybody from then on; one that loses its
    /// clients later has nobody.
    static Result<std::string> add(Transaction&, std::string_view site_code, Collection const& collection);
    /// With the assignments to it. Fails with not_found where there is none.
    static Result<void> remove(Transaction&, std::string_view collection_id);

private:
    Session* session_;
};

} // namespace pointman::db
