// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "db/content_files.hpp"
#include "db/store.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::db {

/// Which file of a client; compared without case. The path is that of its folder.
struct CollectedFileName {
    std::string path;
    std::string name;
};

/// One revision of a collected file (file-collection.md "Server semantics").
struct CollectedFile {
    CollectedFileName of;
    std::int64_t revision = 1; ///< given by the store
    std::int64_t size = 0;     ///< bytes
    std::string modified;      ///< LastWriteDate, as sent
    TimePoint collected;
    std::string sha256; ///< "" = the bytes were not kept
    std::string remark; ///< why
};

/// The copies of files that clients have sent.
class CollectedFiles {
public:
    explicit CollectedFiles(Session& session)
        : session_(&session) {}

    /// Every kept revision, by path and name, the oldest first.
    Result<std::vector<CollectedFile>> list(ClientId const& client) const;

private:
    Session* session_;
};

/// Writes the collected files of one client within a transaction.
class CollectedFileWriter {
public:
    /// Of each file `keep` revisions stay. Fails with not_found where the client has no resource.
    static Result<CollectedFileWriter> open(Transaction& transaction, ClientId const& client,
                                            std::int64_t keep);

    Result<std::vector<CollectedFileName>> names() const;
    Result<std::optional<CollectedFile>> newest(CollectedFileName const& of) const;
    /// As a further revision. Its bytes must be durable; they count as used from now on.
    Result<void> add(CollectedFile const& file);
    /// The same bytes, with another date.
    Result<void> set_modified(CollectedFile const& file, std::string_view modified);
    /// With all revisions; whether there were any.
    Result<bool> remove(CollectedFileName const& of);

private:
    CollectedFileWriter(Transaction& transaction, std::int64_t resource_id, std::int64_t keep);

    Transaction* transaction_;
    std::int64_t resource_id_;
    std::int64_t keep_;
};

/// Removes files that no row names and that a sweep before this one has marked, then marks those that no row
/// names now. Returns how many it removed. Blocks; safe beside other threads and processes that work on the
/// same directory, given that whoever names a file sees in the same transaction that it is there.
Result<std::size_t> sweep_unused_content(Store& store, ContentFiles const& files);

} // namespace pointman::db
