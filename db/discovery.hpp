// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "db/inventory.hpp"
#include "db/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::db {

/// The latest discovery record of a client, without its classes. Texts as sent; "" where absent.
struct Discovery {
    std::string date;
    TimePoint received;
    std::string netbios_name;
    std::string client_installed;
    std::string client_type;
};

/// What a record says of one class: the properties of each of its instances.
struct DiscoveredClass {
    std::string name;
    std::vector<InventoryProperties> instances; ///< empty = nothing any more
};

/// What clients report of themselves in heartbeats. The views v_R_System and v_RA_System_... show it.
class Discoveries {
public:
    explicit Discoveries(Session& session)
        : session_(&session) {}

    Result<std::optional<Discovery>> find(ClientId const& client) const;
    /// By class, as stored.
    Result<std::vector<DiscoveredClass>> classes(ClientId const& client) const;
    /// The columns of v_R_System, by name; those that are NULL have no values.
    Result<InventoryProperties> resource(ClientId const& client) const;

    /// `classes` are put in place of those stored of the same names, or of all where the record is `whole`.
    /// The resource takes the record's name. Fails with not_found where the client has no resource.
    static Result<void> put(Transaction& transaction, ClientId const& client, Discovery const& discovery,
                            std::vector<DiscoveredClass> const& classes, bool whole);

private:
    Session* session_;
};

} // namespace pointman::db
