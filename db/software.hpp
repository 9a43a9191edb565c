// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "db/inventory.hpp"
#include "db/store.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::db {

/// A file as a client reports it (software-inventory.md). Texts as sent; "" where absent.
struct SoftwareFile {
    // Its keys.
    std::string company;
    std::string product;
    std::string product_version;
    std::string product_language;
    std::string name;
    std::string version;
    std::string description;
    std::int64_t size = 0; ///< bytes
    std::string path;      ///< of the folder
    // What it may change without becoming another.
    std::string modified; ///< LastWriteDate
    InventoryProperties others;

    bool operator==(SoftwareFile const&) const = default;
};

/// A file of a client, with the numbers of the views.
struct InstalledFile {
    std::int64_t file_id = 0;
    std::int64_t product_id = 0; ///< 0 = it says nothing of a product
    SoftwareFile file;
    TimePoint reported;
};

struct SoftwareProduct {
    std::int64_t product_id = 0;
    std::string company;
    std::string name;
    std::string version;
    std::string language;
    std::int64_t files = 0; ///< of the client
};

/// What clients report of the files on them.
class SoftwareInventory {
public:
    explicit SoftwareInventory(Session& session)
        : session_(&session) {}

    /// By path and name.
    Result<std::vector<InstalledFile>> files(ClientId const& client) const;
    /// By company and name, those of the client's files.
    Result<std::vector<SoftwareProduct>> products(ClientId const& client) const;

private:
    Session* session_;
};

/// Writes the files of one client within a transaction. At its end forget_unused() is to be called.
class SoftwareWriter {
public:
    /// Fails with not_found where the client has no resource.
    static Result<SoftwareWriter> open(Transaction& transaction, ClientId const& client, TimePoint time);

    /// A file of the client as its nine keys tell it from others.
    struct Place {
        std::int64_t file_id = 0;
        std::int64_t product_id = 0;
        std::string path; ///< lower case
        auto operator<=>(Place const&) const = default;
    };
    /// What stands there beside its keys.
    struct Content {
        std::string modified;
        std::string others; ///< JSON
        bool operator==(Content const&) const = default;
    };

    /// Nothing where some of its keys have never been seen.
    Result<std::optional<Place>> find_place(SoftwareFile const& file);
    /// Makes the shared rows that it needs.
    Result<Place> place_for(SoftwareFile const& file);

    Result<std::map<Place, Content>> all() const;
    Result<std::optional<Content>> find(Place const& place) const;
    /// In place of what is there.
    Result<void> put(Place const& place, SoftwareFile const& file);
    Result<void> remove(Place const& place);

    /// Shared rows that this writer took the last client from.
    Result<void> forget_unused();

    static Content content_of(SoftwareFile const& file);

private:
    SoftwareWriter(Transaction& transaction, std::int64_t resource_id, TimePoint time);
    Result<std::optional<std::int64_t>> product_of(SoftwareFile const& file, bool make);
    Result<std::optional<std::int64_t>> company_of(std::string const& name, bool make);
    Result<std::optional<std::int64_t>> file_of(SoftwareFile const& file, bool make);

    Transaction* transaction_;
    std::int64_t resource_id_;
    TimePoint time_;
    std::map<std::vector<std::string>, std::int64_t> products_; ///< those looked up, by their keys
    std::set<std::int64_t> left_files_;
    std::set<std::int64_t> left_products_;
};

/// Everything that a client reported, for when the client goes.
Result<void> remove_software(Transaction& transaction, ClientId const& client);

} // namespace pointman::db
