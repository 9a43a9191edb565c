// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "db/locations.hpp"
#include "endpoints/location/decision.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"
#include "server/cli/places.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pointman::cli {

namespace {

constexpr std::size_t longest_package = 255;

struct ContentOptions {
    std::string package;
    std::string version;
    std::vector<std::string> dps;
    std::int64_t size_kb = 0;
};

boost::json::object to_json(db::Content const& content) {
    boost::json::array dps;
    for (auto const& name : content.dps) dps.emplace_back(name);
    boost::json::object object;
    object["content_id"] = content.content_id;
    object["package"] = content.package;
    object["version"] = content.version;
    object["size"] = content.size_kb;
    object["dps"] = std::move(dps);
    return object;
}

/// The id becomes the name of a folder in URLs.
Result<std::string> kept_package(std::string_view package) {
    package = trim(package);
    auto const allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               std::string_view("-_.:{}").find(c) != std::string_view::npos;
    };
    auto const key = db::package_key(package);
    if (key.empty() || package.size() > longest_package || !std::ranges::all_of(package, allowed) ||
        key.find_first_not_of('.') == std::string::npos) {
        return fail(Code::usage, fmt::format("\"{}\" is no package id, such as LAB00001, UID:GUID or "
                                             "Content_GUID",
                                             package));
    }
    return std::string(package);
}

Result<std::int64_t> kept_version(std::string const& version) {
    if (auto const number = endpoints::location::version_number(version)) return *number;
    return fail(Code::usage, fmt::format("--version takes a number, \"{}\" is none", version));
}

int add_content(Target const& target, ContentOptions const& options) {
    auto const package = kept_package(options.package);
    if (!package) return report(package.error());
    auto const version = kept_version(options.version);
    if (!version) return report(version.error());
    if (options.size_kb < 0) return report({Code::usage, "--size takes a number of kilobytes", {}});
    auto store = target.open();
    if (!store) return report(store.error());
    db::Content const content{
        .package = *package, .version = *version, .size_kb = options.size_kb, .dps = options.dps};
    auto const kept = (*store)->write_and_wait([&](db::Transaction& transaction) -> Result<db::Content> {
        auto const id = db::Contents::add(transaction, content);
        if (!id) return std::unexpected(id.error());
        auto versions = db::Contents(transaction).versions_of(*package);
        if (!versions) return std::unexpected(versions.error());
        return *std::ranges::find(*versions, *id, &db::Content::content_id);
    });
    if (!kept) return report(kept.error());
    if (target.json) {
        print_json(to_json(*kept));
    } else {
        fmt::print("{} version {} on {}\n", kept->package, kept->version,
                   kept->dps.empty() ? "no distribution point"
                                     : fmt::format("{}", fmt::join(kept->dps, ", ")));
    }
    return done;
}

int list_contents(Target const& target) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const contents = (*store)->read([](db::Session& session) { return db::Contents(session).list(); });
    if (!contents) return report(contents.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& content : *contents) array.emplace_back(to_json(content));
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& content : *contents) {
        rows.push_back({content.package, std::to_string(content.version),
                        content.size_kb == 0 ? "" : std::to_string(content.size_kb),
                        fmt::format("{}", fmt::join(content.dps, ", "))});
    }
    print_table({"PACKAGE", "VERSION", "KB", "DISTRIBUTION POINTS"}, rows);
    return done;
}

int remove_content(Target const& target, ContentOptions const& options) {
    std::optional<std::int64_t> version;
    if (!options.version.empty()) {
        auto const number = kept_version(options.version);
        if (!number) return report(number.error());
        version = *number;
    }
    auto const& package = options.package;
    return carry_out_and_tell(
        target,
        [&](db::Transaction& transaction) { return db::Contents::remove(transaction, package, version); },
        [&](std::int64_t gone) {
            return boost::json::object{{"package", package}, {"removed", gone}};
        },
        [&](std::int64_t gone) {
            return fmt::format("removed {} version{} of {}", gone, gone == 1 ? "" : "s", package);
        });
}

} // namespace

void add_content_command(CLI::App& program, Action& action) {
    Commands const commands(program, action, "content",
                            "the packages, and which distribution points hold them");
    auto const& target = commands.target();
    auto options = std::make_shared<ContentOptions>();
    auto takes_package = [&options](CLI::App* sub) {
        sub->add_option("package", options->package, "LAB00001, UID:GUID or Content_GUID")
            ->required()
            ->type_name("PACKAGE");
    };

    auto* added = commands.add("add", "a version of a package; given again, on more distribution points",
                               [target, options] {
                                   if (options->version.empty()) options->version = "1";
                                   return add_content(*target, *options);
                               });
    takes_package(added);
    added->add_option("--version", options->version, "source version, 1 if not given")->type_name("N");
    add_repeatable(*added, "--dp", options->dps, "a point that holds it")->type_name("NAME");
    added->add_option("--size", options->size_kb, "in kilobytes")->type_name("KB");
    commands.add("list", "all packages", [target] { return list_contents(*target); });
    auto* removed = commands.add("remove", "forget all versions of it, or one",
                                 [target, options] { return remove_content(*target, *options); });
    takes_package(removed);
    removed->add_option("--version", options->version, "only this one")->type_name("N");
}

} // namespace pointman::cli
