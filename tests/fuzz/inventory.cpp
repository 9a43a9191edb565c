// SPDX-License-Identifier: Apache-2.0
// Instances out of any document: every one is used or told of, with its key and within its limits, and what
// is stored of it is JSON.
#include "endpoints/inventory/reported.hpp"
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

void check(inventory::KeyedInstance const& instance) {
    require(instance.line > 0);
    require(boost::json::parse(instance.key).is_array());
    auto const stored = boost::json::parse(instance.json);
    require(stored.as_object().size() <= inventory::most_properties);
    // What is stored is what can be read back, byte by byte.
    require(pointman::db::inventory_json(*pointman::db::inventory_properties(instance.json)) ==
            instance.json);
}

void check(inventory::Instances const& instances, bool is_full) {
    auto const count = instances.usable.size() + instances.unusable.size();
    auto const classes = inventory::read_classes(instances, is_full);
    require(classes.instances + classes.unusable.size() == count);
    std::size_t stored = 0;
    for (auto const& each : classes.classes) {
        for (auto const& instance : each.instances) check(instance);
        stored += each.instances.size();
    }
    require(stored <= classes.instances && (is_full || stored == classes.instances));
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
    auto const instances = inventory::read_instances(*body);
    if (!instances) return 0;
    for (auto const& error : instances->unusable) require(error.line > 0 && !error.message.empty());
    auto const children = body->children();
    auto const count = std::count_if(children.begin(), children.end(),
                                     [](auto const& child) { return child.name() == "Instance"; });
    require(instances->usable.size() + instances->unusable.size() == static_cast<std::size_t>(count));
    for (bool const is_full : {true, false}) check(*instances, is_full);
    auto const files = inventory::read_files(*instances);
    require(files.usable.size() + files.unusable.size() == static_cast<std::size_t>(count));
    for (auto const& each : files.usable) require(!each.file.name.empty() && each.file.size >= 0);
    return 0;
}
