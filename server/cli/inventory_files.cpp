// SPDX-License-Identifier: Apache-2.0
#include "server/cli/inventory_files.hpp"

#include "base/file.hpp"
#include "base/time.hpp"
#include "db/collected_files.hpp"
#include "db/software.hpp"
#include "server/cli/of_client.hpp"
#include "server/cli/output.hpp"
#include "server/cli/places.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <fcntl.h>
#include <filesystem>

namespace pointman::cli {

namespace {

boost::json::object to_json(db::InstalledFile const& installed) {
    auto const& file = installed.file;
    return {{"file_name", file.name},
            {"file_path", file.path},
            {"file_version", file.version},
            {"file_description", file.description},
            {"file_size", file.size},
            {"file_modified_date", file.modified},
            {"company_name", file.company},
            {"product_name", file.product},
            {"product_version", file.product_version},
            {"product_language", file.product_language},
            {"file_id", installed.file_id},
            {"product_id", installed.product_id},
            {"reported", iso_time_ms(installed.reported)},
            {"others", boost::json::parse(db::inventory_json(file.others))}};
}

/// A name for the copy of a revision that is the client's own as far as that does no harm: the number comes
/// first, and what is left of the name has neither separators nor dots in front.
std::string name_of_copy(std::size_t number, db::CollectedFile const& file) {
    constexpr std::size_t longest = 100;
    std::string name;
    for (char const c : std::string_view(file.of.name).substr(0, longest)) {
        bool const is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              c == '.' || c == '-';
        name += is_plain ? c : '_';
    }
    return fmt::format("{:04}-r{}-{}", number, file.revision, name);
}

/// A new file, for its owner alone.
Result<void> write_copy(std::filesystem::path const& path, BytesView bytes) {
    constexpr mode_t for_the_owner = 0600;
    Descriptor const out(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, for_the_owner));
    if (out.get() >= 0 && write_all(out.get(), bytes)) return {};
    return system_failure("write", path);
}

/// A revision, and where its copy was put; "" = nowhere.
struct ListedFile {
    db::CollectedFile file;
    std::string copy;
};

Result<void> save_copies(std::vector<ListedFile>& files, db::ContentFiles const& contents,
                         std::filesystem::path const& directory) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return fail(Code::io, fmt::format("cannot make {}: {}", directory.string(), error.message()));
    std::size_t number = 0;
    for (auto& [file, copy] : files) {
        ++number;
        if (file.sha256.empty()) continue;
        auto const bytes = contents.read(file.sha256);
        if (!bytes) return std::unexpected(bytes.error());
        auto const path = directory / name_of_copy(number, file);
        if (auto written = write_copy(path, *bytes); !written) return written;
        copy = path.string();
    }
    return {};
}

boost::json::object to_json(ListedFile const& listed, db::ContentFiles const& contents) {
    auto const& file = listed.file;
    boost::json::object object{{"file_name", file.of.name},
                               {"file_path", file.of.path},
                               {"file_size", file.size},
                               {"revision_id", file.revision},
                               {"collection_date", iso_time_ms(file.collected)},
                               {"file_modified_date", file.modified},
                               {"sha256", nullptr},
                               {"local_file_path", nullptr},
                               {"remark", file.remark},
                               {"saved", nullptr}};
    if (!file.sha256.empty()) {
        object["sha256"] = file.sha256;
        object["local_file_path"] = contents.path_of(file.sha256).string();
    }
    if (!listed.copy.empty()) object["saved"] = listed.copy;
    return object;
}

void print(std::vector<ListedFile> const& files) {
    std::vector<std::vector<std::string>> rows;
    rows.reserve(files.size());
    for (auto const& [file, copy] : files) {
        rows.push_back({iso_time(file.collected), std::to_string(file.revision), std::to_string(file.size),
                        shown(file.of.path + file.of.name)});
    }
    print_table({"COLLECTED", "REVISION", "SIZE", "FILE"}, rows);
    for (auto const& [file, copy] : files) {
        if (!file.remark.empty())
            fmt::print("{}: {}\n", shown(file.of.path + file.of.name), shown(file.remark));
    }
    for (auto const& [file, copy] : files) {
        if (!copy.empty()) fmt::print("saved {}\n", copy);
    }
}

} // namespace

int list_software(Target const& target, std::string const& who) {
    auto const files = read_of_client(target, who, [](db::Session& session, ClientId const& client) {
        return db::SoftwareInventory(session).files(client);
    });
    if (!files) return report(files.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& each : *files) array.emplace_back(to_json(each));
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& [file_id, product_id, file, reported] : *files)
        rows.push_back({std::to_string(file.size), shown(file.version), shown(file.path + file.name)});
    print_table({"SIZE", "VERSION", "FILE"}, rows);
    return done;
}

int list_products(Target const& target, std::string const& who) {
    auto const products = read_of_client(target, who, [](db::Session& session, ClientId const& client) {
        return db::SoftwareInventory(session).products(client);
    });
    if (!products) return report(products.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& each : *products) {
            array.push_back({{"product_id", each.product_id},
                             {"company_name", each.company},
                             {"product_name", each.name},
                             {"product_version", each.version},
                             {"product_language", each.language},
                             {"files", each.files}});
        }
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& each : *products) {
        rows.push_back(
            {std::to_string(each.files), shown(each.version), shown(each.name), shown(each.company)});
    }
    print_table({"FILES", "VERSION", "PRODUCT", "COMPANY"}, rows);
    return done;
}

int list_collected_files(Target const& target, std::string const& who, std::string const& save) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const site = site_of(target, **store);
    if (!site) return report(site.error());
    db::ContentFiles const contents(*site ? (*site)->files : std::string());
    auto const kept = read_of_client(**store, who, [](db::Session& session, ClientId const& client) {
        return db::CollectedFiles(session).list(client);
    });
    if (!kept) return report(kept.error());
    std::vector<ListedFile> files;
    for (auto const& file : *kept) files.push_back({file, {}});
    if (!save.empty()) {
        if (auto saved = save_copies(files, contents, save); !saved) return report(saved.error());
    }
    if (!target.json) {
        print(files);
        return done;
    }
    boost::json::array array;
    for (auto const& each : files) array.emplace_back(to_json(each, contents));
    print_json(array);
    return done;
}

} // namespace pointman::cli
