// SPDX-License-Identifier: Apache-2.0
// Instances out of any document: every one is used or told of, with its key and within its limits, and what
// is stored of it is JSON.
#include "endpoints/inventory/instance.hpp"
#include "endpoints/inventory/sequence.hpp"
#include "endpoints/report/report_header.hpp"
#include "endpoints/software_inventory/files.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

namespace inventory = pointman::endpoints::inventory;

void require(bool holds) {
    if (!holds) std::abort();
}

void check(inventory::Instance const& instance) {
    require(instance.line > 0);
    require(boost::json::parse(instance.key).is_array());
    require(instance.properties.size() <= inventory::most_properties);
    auto const stored = boost::json::parse(pointman::db::inventory_json(instance.properties));
    require(stored.as_object().size() == instance.properties.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const document = pointman::schemas::parse(std::as_bytes(std::span(data, size)));
    if (!document) return 0;
    auto const root = document->root();
    if (auto const header = pointman::endpoints::read_report_header(root)) {
        auto const version = inventory::ReportVersion::parse(header->version);
        require(!version || (version->major >= 0 && version->minor >= 0));
    }
    auto const body = pointman::endpoints::report_body(*document);
    if (!body) return 0;
    for (auto const keys : {inventory::Keys::documented, inventory::Keys::none}) {
        auto const instances = inventory::read_instances(*body, keys);
        if (!instances) continue;
        for (auto const& instance : instances->usable) check(instance);
        for (auto const& error : instances->unusable) require(error.line > 0 && !error.message.empty());
        auto const children = body->children();
        auto const count = std::count_if(children.begin(), children.end(),
                                         [](auto const& child) { return child.name() == "Instance"; });
        require(instances->usable.size() + instances->unusable.size() == static_cast<std::size_t>(count));
        auto const files = inventory::read_files(*instances);
        require(files.usable.size() + files.unusable.size() == static_cast<std::size_t>(count));
        for (auto const& each : files.usable) require(!each.file.name.empty() && each.file.size >= 0);
    }
    return 0;
}
