// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "db/store.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::db {

/// Values as sent: one, or those of an array.
struct InventoryProperty {
    std::string name;
    std::vector<std::string> values;
    bool operator==(InventoryProperty const&) const = default;
};
using InventoryProperties = std::vector<InventoryProperty>;
using InventoryNames = std::set<std::string, std::less<>>; ///< of properties

/// The JSON object that is stored: `{"Name":"C:","IPAddress":["10.0.0.1","fe80::1"]}`.
std::string inventory_json(InventoryProperties const& properties);
/// Back from it. Fails with storage for what is none.
Result<InventoryProperties> inventory_properties(std::string const& json);

/// A class that some client has reported.
struct InventoryClass {
    std::int64_t class_id = 0;
    std::string name;       ///< as it was spelt first
    std::string group_name; ///< of its views v_GS_... and v_HS_...
};

/// The name that a class would like for its views.
struct InventoryGroup {
    std::string name;    ///< capitals, digits and `_`
    bool shares = false; ///< with other classes that share it too; else the later one gets `_2`, `_3` ...
};

/// One state of an instance: the current one, or one of before.
struct InventoryState {
    std::int64_t group_id = 0; ///< of the instance, as long as it is there
    std::int64_t revision = 1; ///< of the instance's states, from 1
    std::string class_name;
    std::string key;                ///< JSON array of the values of its key properties
    std::string action;             ///< "0001"
    std::string time_stamp;         ///< when the client says that it looked; as sent
    TimePoint since;                ///< when it was received
    std::optional<TimePoint> until; ///< when another state, or none, took its place; none = current
    bool deleted = false;           ///< none took its place
    InventoryProperties properties;
};

/// What one client reported.
class Inventory {
public:
    // A client may make up any class and property.
    static constexpr std::int64_t most_classes = 5'000;
    static constexpr std::int64_t most_columns = 1'900; ///< of one group; SQLite ends at 2,000
    static constexpr std::int64_t most_columns_together = 50'000;

    explicit Inventory(Session& session)
        : session_(&session) {}

    /// Every class that was ever reported, by name, with the number of its current instances.
    Result<std::vector<std::pair<InventoryClass, std::int64_t>>> classes() const;
    /// Current states, by class and in the order in which they came; `class_name` "" = all.
    Result<std::vector<InventoryState>> current(ClientId const& client, std::string_view class_name) const;
    /// States of before as well, each instance's from the oldest on.
    Result<std::vector<InventoryState>> history(ClientId const& client, std::string_view class_name) const;
    /// What was current then, as far as history reaches.
    Result<std::vector<InventoryState>> at(ClientId const& client, std::string_view class_name,
                                           TimePoint time) const;

private:
    Session* session_;
};

/// Writes the inventory of one resource and action within a transaction.
class InventoryWriter {
public:
    /// `time` is the time of receipt, `time_stamp` the report's date. Fails with not_found where the client
    /// has no resource.
    static Result<InventoryWriter> open(Transaction& transaction, ClientId const& client,
                                        std::string_view action, TimePoint time, std::string_view time_stamp);

    /// What an instance is now, without what its reader need not know.
    struct Stored {
        std::int64_t group_id = 0;
        std::int64_t revision = 0;
        std::string key;
        std::string json;
        std::string since;
        std::string time_stamp;
    };

    /// The class and its views, made where they are new, with a column for each of the properties. Fails with
    /// group_failure where there are too many of either.
    Result<InventoryClass> ensure_class(std::string_view name, InventoryGroup const& group,
                                        InventoryNames const& properties);
    // Those of the writer's action.
    Result<std::optional<Stored>> find(InventoryClass const& of, std::string_view key) const;
    Result<std::vector<Stored>> all(InventoryClass const& of) const;
    /// The classes that the client has instances of from this action, each with its hash.
    Result<std::vector<std::pair<InventoryClass, std::string>>> present() const;

    struct NewInstance {
        std::string_view key;
        std::string_view json;
    };
    Result<void> insert(InventoryClass const& of, std::span<NewInstance const> instances);
    /// The old state becomes history. Nothing happens where it is the same.
    Result<void> replace(InventoryClass const& of, Stored const& old, std::string_view json);
    Result<void> remove(InventoryClass const& of, Stored const& old);

    /// Before instances of the class are inserted: what a full report holds of it, or "" where a delta
    /// touches it.
    Result<void> set_present(InventoryClass const& of, std::string_view sha256);
    /// With all instances that may be left.
    Result<void> set_absent(InventoryClass const& of);

    /// History that ended before, oldest first: so much that each report removes more than it adds, and no
    /// report does much.
    Result<void> forget_history(TimePoint before);

private:
    InventoryWriter(Transaction& transaction, std::int64_t resource_id, std::string action, TimePoint time,
                    std::string time_stamp);
    Result<void> supersede(InventoryClass const& of, Stored const& old, bool deleted);

    Transaction* transaction_;
    std::int64_t resource_id_;
    std::string action_;
    TimePoint time_;
    std::string time_stamp_;
};

} // namespace pointman::db
