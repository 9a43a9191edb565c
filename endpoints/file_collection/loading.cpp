// SPDX-License-Identifier: Apache-2.0
#include "endpoints/file_collection/loading.hpp"

#include "base/text.hpp"

#include <optional>
#include <set>
#include <string>
#include <utility>

namespace pointman::endpoints::inventory {

namespace {

using Names = std::set<std::pair<std::string, std::string>>;

std::pair<std::string, std::string> folded(db::CollectedFileName const& of) {
    return {to_lower(of.path), to_lower(of.name)};
}

/// Where neither has its bytes, nobody can tell more than this.
bool is_as_it_was(db::CollectedFile const& before, SentFile const& now) {
    if (before.sha256 != now.sha256) return false;
    return !now.sha256.empty() || (before.size == now.size && before.modified == now.modified);
}

class CopyLoad {
public:
    CopyLoad(FileShelves const& shelves, bool is_full)
        : shelves_(shelves)
        , is_full_(is_full) {}

    Result<FileCopies> run(SentFiles const& files) {
        Names named;
        for (auto const& of : files.unknown) named.insert(folded(of));
        for (auto const& file : files.usable) {
            if (file.content != Content::deleted) named.insert(folded(file.of));
            auto done = file.content == Content::deleted ? drop(file.of) : take(file);
            if (!done) return std::unexpected(std::move(done.error()));
        }
        if (is_full_) {
            if (auto done = drop_all_but(named); !done) return std::unexpected(std::move(done.error()));
        }
        return copies_;
    }

private:
    Result<void> take(SentFile const& file) {
        auto const newest = shelves_.rows.newest(file.of);
        if (!newest) return std::unexpected(newest.error());
        if (is_full_ && *newest && is_as_it_was(**newest, file)) {
            ++copies_.same;
            return shelves_.rows.set_modified(**newest, file.modified);
        }
        // It was made durable before the transaction; since then a sweep may have taken it for unused.
        if (!file.sha256.empty() && !shelves_.contents.has(file.sha256)) {
            if (auto put = shelves_.contents.put(file.sha256, file.bytes); !put) return put;
        }
        ++copies_.added;
        return shelves_.rows.add({.of = file.of,
                                  .size = file.size,
                                  .modified = file.modified,
                                  .collected = shelves_.received,
                                  .sha256 = file.sha256,
                                  .remark = file.remark});
    }

    Result<void> drop(db::CollectedFileName const& of) {
        auto const was_there = shelves_.rows.remove(of);
        if (!was_there) return std::unexpected(was_there.error());
        ++(*was_there ? copies_.removed : copies_.unknown);
        return {};
    }

    Result<void> drop_all_but(Names const& named) {
        auto const stored = shelves_.rows.names();
        if (!stored) return std::unexpected(stored.error());
        for (auto const& of : *stored) {
            if (named.contains(folded(of))) continue;
            if (auto done = drop(of); !done) return done;
        }
        return {};
    }

    FileShelves const& shelves_;
    bool is_full_;
    FileCopies copies_;
};

} // namespace

Result<FileCopies> load_files(FileShelves const& shelves, SentFiles const& files, bool is_full) {
    return CopyLoad(shelves, is_full).run(files);
}

} // namespace pointman::endpoints::inventory
