// SPDX-License-Identifier: Apache-2.0
#include "server/cli/inventory_files.hpp"

#include "base/time.hpp"
#include "db/software.hpp"
#include "server/cli/of_client.hpp"
#include "server/cli/output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

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

} // namespace pointman::cli
