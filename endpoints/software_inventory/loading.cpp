// SPDX-License-Identifier: Apache-2.0
#include "endpoints/software_inventory/loading.hpp"

#include <map>

namespace pointman::endpoints::inventory {

namespace {

using Writer = db::SoftwareWriter;

class FileLoad {
public:
    explicit FileLoad(Writer& writer)
        : writer_(writer) {}

    Result<FileChanges> all(std::vector<ReportedFile> const& files) {
        auto before = writer_.all();
        if (!before) return std::unexpected(std::move(before.error()));
        auto const reported = places_of(files);
        if (!reported) return std::unexpected(reported.error());
        for (auto const& [place, file] : *reported) {
            auto const known = before->find(place);
            auto done = settle(place, *file, known == before->end() ? nullptr : &known->second);
            if (!done) return std::unexpected(std::move(done.error()));
        }
        for (auto const& [place, content] : *before) {
            if (reported->contains(place)) continue;
            if (auto done = remove(place); !done) return std::unexpected(std::move(done.error()));
        }
        return finished();
    }

    Result<FileChanges> changed(std::vector<ReportedFile> const& files) {
        for (auto const& each : files) {
            if (each.content != Content::deleted) continue;
            if (auto done = erase(each.file); !done) return std::unexpected(std::move(done.error()));
        }
        auto const reported = places_of(files);
        if (!reported) return std::unexpected(reported.error());
        for (auto const& [place, file] : *reported) {
            auto const known = writer_.find(place);
            if (!known) return std::unexpected(known.error());
            auto done = settle(place, *file, *known ? &**known : nullptr);
            if (!done) return std::unexpected(std::move(done.error()));
        }
        return finished();
    }

private:
    /// The files that are there, the last of each.
    Result<std::map<Writer::Place, db::SoftwareFile const*>>
    places_of(std::vector<ReportedFile> const& files) {
        std::map<Writer::Place, db::SoftwareFile const*> places;
        for (auto const& reported : files) {
            if (reported.content == Content::deleted) continue;
            auto place = writer_.place_for(reported.file);
            if (!place) return std::unexpected(std::move(place.error()));
            if (!places.insert_or_assign(std::move(*place), &reported.file).second) ++changes_.repeated;
        }
        return places;
    }

    Result<void> settle(Writer::Place const& place, db::SoftwareFile const& file,
                        Writer::Content const* before) {
        if (before != nullptr && *before == Writer::content_of(file)) {
            ++changes_.same;
            return {};
        }
        ++(before == nullptr ? changes_.added : changes_.changed);
        return writer_.put(place, file);
    }

    Result<void> erase(db::SoftwareFile const& file) {
        auto const place = writer_.find_place(file);
        if (!place) return std::unexpected(place.error());
        if (*place) {
            auto const known = writer_.find(**place);
            if (!known) return std::unexpected(known.error());
            if (*known) return remove(**place);
        }
        ++changes_.unknown;
        return {};
    }

    Result<void> remove(Writer::Place const& place) {
        ++changes_.removed;
        return writer_.remove(place);
    }

    Result<FileChanges> finished() {
        if (auto done = writer_.forget_unused(); !done) return std::unexpected(std::move(done.error()));
        return changes_;
    }

    Writer& writer_;
    FileChanges changes_;
};

} // namespace

Result<FileChanges> load_all_files(db::SoftwareWriter& writer, std::vector<ReportedFile> const& files) {
    return FileLoad(writer).all(files);
}

Result<FileChanges> load_changed_files(db::SoftwareWriter& writer, std::vector<ReportedFile> const& files) {
    return FileLoad(writer).changed(files);
}

} // namespace pointman::endpoints::inventory
