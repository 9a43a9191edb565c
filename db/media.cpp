// SPDX-License-Identifier: Apache-2.0
#include "db/media.hpp"

#include "db/connection.hpp"

#include <fmt/format.h>

namespace pointman::db {

namespace {

constexpr std::string_view columns = "media_id, name, key_sha256, added, key_spki, certificate";

Result<Medium> read_medium(Row const& row) {
    return Medium{.media_id = row.integer(0),
                  .name = row.text(1),
                  .key_sha256 = row.text(2),
                  .key_spki = row.bytes(4),
                  .certificate = row.bytes(5),
                  .added = row.time(3)};
}

} // namespace

Result<std::vector<Medium>> Media::list() const {
    return session_->connection().all(fmt::format("SELECT {} FROM media ORDER BY media_id", columns),
                                      read_medium);
}

Result<std::optional<Medium>> Media::find(std::int64_t media_id) const {
    return session_->connection().one(fmt::format("SELECT {} FROM media WHERE media_id = ?", columns),
                                      read_medium, media_id);
}

Result<std::int64_t> Media::add(Transaction& transaction, Medium const& medium) {
    auto const known = Media(transaction).list();
    if (!known) return std::unexpected(known.error());
    for (auto const& other : *known) {
        if (other.key_sha256 == medium.key_sha256) return other.media_id;
    }
    if (known->size() >= most) {
        return fail(Code::limit_exceeded,
                    fmt::format("{} boot media are known already: remove one first", most));
    }
    auto& connection = transaction.connection();
    auto const id = connection.next("media");
    if (!id) return id;
    auto const inserted =
        connection.execute(fmt::format("INSERT INTO media ({}) VALUES (?, ?, ?, ?, ?, ?)", columns), *id,
                           medium.name, medium.key_sha256, medium.added, medium.key_spki, medium.certificate);
    if (!inserted) return std::unexpected(inserted.error());
    return id;
}

Result<void> Media::remove(Transaction& transaction, std::int64_t media_id) {
    auto& connection = transaction.connection();
    if (auto done = connection.execute("DELETE FROM media WHERE media_id = ?", media_id); !done) return done;
    if (connection.changes() == 0) return fail(Code::not_found, fmt::format("no boot medium {}", media_id));
    return {};
}

} // namespace pointman::db
