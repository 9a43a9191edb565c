// SPDX-License-Identifier: Apache-2.0
#include "client/agent/files.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "client/agent/kept_files.hpp"
#include "client/inventory/collected_files.hpp"
#include "client/inventory/difference.hpp"
#include "client/messaging/files.hpp"
#include "client/transport/failure.hpp"

#include <fmt/format.h>

#include <map>

namespace pointman::client::agent {

namespace {

namespace fs = std::filesystem;
using inventory::Instance;
using inventory::Snapshot;

/// By folder and name.
using Files = std::map<std::string, CollectedFile>;

constexpr std::size_t most_files = 1'000; ///< that the site takes in one report

/// What is kept of a collected file: enough to know whether it is another one now.
Instance instance_of(CollectedFile const& file) {
    return Instance("CollectedFile", inventory::ccm)
        .key("Path", file.path)
        .key("Name", file.name)
        .set("LastWriteDate", cim_time(file.modified))
        .set("SHA256", sha256_hex(file.content));
}

Snapshot snapshot_of(Files const& files) {
    std::vector<Instance> instances;
    for (auto const& [path, file] : files) instances.push_back(instance_of(file));
    return Snapshot(std::move(instances));
}

/// Up to the limits of a report; what is beyond is told of and left out.
class Collector {
public:
    Collector(LocalClient const& client, std::size_t most_bytes)
        : client_(client)
        , left_(most_bytes) {}

    void add(std::string const& path, std::size_t most) {
        if (files_.contains(path)) return;
        if (files_.size() == most_files) return client_.tell(path + " is left out: a report has 1,000 files");
        auto file =
            inventory::collect_file(client_.root() / fs::path(path).relative_path(), std::min(most, left_));
        if (!file) return client_.tell(file.error().message);
        left_ -= file->content.size();
        file->path = (fs::path(path).parent_path() / "").string();
        files_.emplace(path, std::move(*file));
    }

    void add(FileRule const& rule) {
        auto left = rule.most_bytes == 0 ? left_ : rule.most_bytes;
        auto const found = inventory::collect_software(scan_of(rule), client_.root());
        for (auto const& [identity, file] : found.files.entries()) {
            auto const path = std::string(file.value("Path")) + std::string(file.value("Name"));
            auto const before = left_;
            add(path, left);
            left -= before - left_;
        }
    }

    Files take() { return std::move(files_); }

private:
    LocalClient const& client_;
    std::size_t left_;
    Files files_;
};

std::string path_of(Instance const& instance) {
    return std::string(instance.value("Path")) + std::string(instance.value("Name"));
}

void add_changed(std::vector<CollectedFile>& out, Files const& files, std::vector<Instance> const& changed,
                 FileChange change) {
    for (auto const& instance : changed) {
        auto file = files.at(path_of(instance));
        file.change = change;
        out.push_back(std::move(file));
    }
}

CollectedFile deleted(Instance const& instance) {
    return {.change = FileChange::deleted,
            .name = std::string(instance.value("Name")),
            .path = std::string(instance.value("Path")),
            .modified = parse_cim_time(instance.value("LastWriteDate")).value_or(TimePoint{})};
}

std::vector<CollectedFile> listed(Sequel const& sequel, Files const& files, Snapshot const& now) {
    std::vector<CollectedFile> list;
    auto const changes = difference(sequel.is_delta ? sequel.before : Snapshot(), now);
    for (auto const& instance : changes.deleted) list.push_back(deleted(instance));
    add_changed(list, files, changes.updated, FileChange::updated);
    add_changed(list, files, changes.added, FileChange::added);
    return list;
}

/// `now` is what the site has after the report; a delta's changes are all among `files`.
Result<Reported> post(LocalClient& client, Sequel const& sequel, Files const& files, Snapshot now) {
    auto const list = listed(sequel, files, now);
    ReportSequence const sequence{.type = sequel.type(), .version = sequel.version.text()};
    auto const posted = post_collected_files(client.session(), sequence, list);
    if (!posted) return std::unexpected(posted.error());
    if (auto const kept = keep_reported(client, kept::files, sequel, std::move(now)); !kept)
        return std::unexpected(kept.error());
    return Reported{sequence.type, sequence.version, list.size()};
}

ReportType wanted(Instructions const& instructions, ReportType type) {
    bool const in_full = type == ReportType::next && instructions.only_full.contains(Task::files);
    return in_full ? ReportType::full : type;
}

} // namespace

Result<Reported> report_files(LocalClient& client, Instructions const& instructions, ReportType type) {
    auto const sequel = next_in_sequence(client, kept::files, wanted(instructions, type));
    if (!sequel) return std::unexpected(sequel.error());
    Collector collector(client, instructions.most_file_bytes);
    for (auto const& rule : instructions.files) collector.add(rule);
    auto const files = collector.take();
    return post(client, *sequel, files, snapshot_of(files));
}

Result<Reported> report_files(LocalClient& client, Instructions const& instructions, ReportType type,
                              std::vector<fs::path> const& paths) {
    auto const sequel = next_in_sequence(client, kept::files, wanted(instructions, type));
    if (!sequel) return std::unexpected(sequel.error());
    std::map<std::string, Instance> now;
    for (auto const& [identity, instance] : sequel->before.entries())
        now.emplace(path_of(instance), instance);
    Collector collector(client, instructions.most_file_bytes);
    for (auto const& path : paths) {
        auto const name = fs::absolute(path).lexically_normal().string();
        bool const was_reported = now.erase(name) > 0;
        std::error_code error;
        if (!was_reported && !fs::exists(client.root() / fs::path(name).relative_path(), error))
            return fail(Code::not_found, fmt::format("there is no file {}", name));
        collector.add(name, instructions.most_file_bytes);
    }
    auto const files = collector.take();
    for (auto const& [path, file] : files) now.emplace(path, instance_of(file));
    std::vector<Instance> instances;
    for (auto& [path, instance] : now) instances.push_back(std::move(instance));
    return post(client, *sequel, files, Snapshot(std::move(instances)));
}

Result<std::size_t> report_mif_files(LocalClient& client, std::vector<fs::path> const& paths) {
    constexpr std::size_t most_bytes = 5'000'000; ///< that a site takes at most (relay.max_idmif)
    std::vector<MifFile> files;
    for (auto const& path : paths) {
        auto content = read_file(path, most_bytes);
        if (!content) return std::unexpected(content.error());
        files.push_back({.change = FileChange::added, .content = std::move(*content)});
    }
    auto const posted = post_idmif(client.session(), {}, files);
    if (!posted) return std::unexpected(posted.error());
    return files.size();
}

} // namespace pointman::client::agent
